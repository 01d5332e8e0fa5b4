"""A command that looks something up first: a broken answer to that neither blames the user nor changes anything."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from hpcli.errors import ExitCode
from tests.faults.bodies import BODIES
from tests.faults.stage import Stage
from tests.faults.wrong import Wrong
from tests.support.proxy import replace

SAYS_NOTHING = ("data-missing", "data-null", "data-empty-list", "data-empty-object")
ODD_ROWS = ("empty-rows", "rows-without-ids", "leaves-null", "leaves-text", "leaves-negative", "leaves-true")
LISTS = (*SAYS_NOTHING, *ODD_ROWS)
ALL_DEVICES = "device isapi PUT /ISAPI/Security/users/1 --data '<User/>'"
LOOK_UPS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (f"{ALL_DEVICES} --all", "deviceList", "deviceTransparentPut", LISTS),
    (f"{ALL_DEVICES} --category panel", "deviceList", "deviceTransparentPut", LISTS),
    (f"{ALL_DEVICES} --site 'Bäckerei Grünwald'", "siteSearch", "deviceTransparentPut", LISTS),
    ("siteAssign", "installersSearch", "siteAssign", (*SAYS_NOTHING, "empty-rows", *ODD_ROWS[2:], "latin-1")),
    ("siteAssign", "siteSearch", "siteAssign", LISTS),
    ("siteAssign", "siteSitemanagers", "siteAssign", ("empty-rows", "rows-without-ids", "leaves-true")),
    (
        "siteCustomerDevicesUpdate",
        "deviceList",
        "siteCustomerDevicesUpdate",
        (*LISTS, "numbers-fraction", "numbers-5000-digits"),
    ),
    (
        "siteCustomerDevicesUpdate",
        "siteCustomerDetail",
        "siteCustomerDevicesUpdate",
        (*ODD_ROWS, "numbers-fraction"),
    ),
    ("siteHandoverShare", "deviceList", "siteHandoverShare", LISTS),
    ("siteDelete", "deviceList", "siteDelete", SAYS_NOTHING),
    ("deviceDelete", "deviceList", "deviceDelete", LISTS),
    ("deviceUpdate", "deviceList", "deviceUpdate", LISTS),
    ("deviceAdd", "siteSearch", "deviceAdd", LISTS),
    ("arcserviceEventTypeUpdate", "deviceList", "arcserviceEventTypeUpdate", (*LISTS, "numbers-fraction")),
    ("isapiSetIpChannels", "isapiGetIpChannels", "isapiSetIpChannels", ODD_ROWS[1:]),
    ("isapiAddPreset", "isapiGetPresets", "isapiAddPreset", ODD_ROWS[1:]),
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("look-ups") / "stage")
    yield stage
    stage.close()


@pytest.mark.parametrize(("command", "look_up", "change", "bodies"), LOOK_UPS)
def test_a_broken_look_up_is_the_platform_s_fault_and_nothing_is_changed(
    stage: Stage, command: str, look_up: str, change: str, bodies: tuple[str, ...]
) -> None:
    wrong = {}
    for name in bodies:
        outcome = stage.run(command, "json", BODIES[name], spoilt=look_up)
        error = json.loads(outcome.stderr.splitlines()[-1])["error"]
        if (outcome.exit_code, error["kind"]) != (ExitCode.NETWORK, "protocol") or outcome.sent(change):
            wrong[name] = (outcome.exit_code, error, len(outcome.sent(change)))
    assert wrong == {}


def test_what_a_readable_list_does_not_have_is_not_there(stage: Stage) -> None:
    none = Wrong(replace(body=b'{"errorCode":"0","data":{"total":0,"rows":[]}}'))
    endings = {
        "siteShare": ("siteSearch", ExitCode.NOT_FOUND),
        "deviceUpdate": ("deviceList", ExitCode.NOT_FOUND),
        "siteAssign": ("installersSearch", ExitCode.USAGE),
        "siteHandoverShare": ("deviceList", ExitCode.USAGE),
        f"{ALL_DEVICES} --all": ("deviceList", ExitCode.USAGE),
        "deviceDelete": ("deviceList", ExitCode.DONE),
    }
    for command, (look_up, code) in endings.items():
        assert stage.run(command, "json", none, spoilt=look_up).exit_code == code, command


def test_a_list_that_ends_early_does_not_say_what_is_not_there(stage: Stage) -> None:
    outcome = stage.run("deviceDelete", "plain", BODIES["objects-for-lists"], spoilt="deviceList")
    assert outcome.exit_code == ExitCode.DONE
    outcome = stage.run("siteAssign", "plain", BODIES["objects-for-lists"], spoilt="installersSearch")
    assert outcome.exit_code == ExitCode.NETWORK
    assert "sent 1 rows of" in outcome.stderr
    assert "not known whether there is an employee" in outcome.stderr
