"""Rows in which the platform leaves out a field that the document has: shown as missing, or an error that names it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.platform_server import lift_call_limit
from tests.support.proxy import Answer, Proxy, change, start_proxy
from tests.support.runner import Run, Runner

SITE, SERIAL = "Bäckerei Grünwald", "Q10254783"
ON_A_SITE = (
    "site share {site} --email a@example.com --for 1h",
    "site unshare {site}",
    "site app-access {site} off",
    "site assign {site} --installer juergen.mueller@nordlicht.example",
    "site handover {site} --account a@example.com --device Q10254783:arm",
    "site managers {site}",
    "customer list {site}",
    "customer remove {site} maria.gruenwald@baeckerei.example",
    "customer replace {site} maria.gruenwald@baeckerei.example a@example.com",
    "customer permit {site} maria.gruenwald@baeckerei.example --device Q10254783:arm",
    "health report {site}",
    "device list --site {site}",
    "device iot-ability Q10254783 --site {site}",
)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with start_proxy(tmp_path_factory.mktemp("rows") / "p.db") as started:
        yield started


@pytest.fixture
def run(hpcli: Runner, proxy: Proxy, tmp_path: Path) -> Run:
    proxy.forget()
    return partial(hpcli, environment=proxy.platform.environment | lift_call_limit(tmp_path / "config"))


def without(*names: str) -> Callable[[Answer], Answer]:
    """Return what takes these fields out of all rows of a page."""

    def bend(answer: Answer) -> Answer:
        envelope = json.loads(answer.body)
        for row in envelope["data"]["rows"]:
            for name in names:
                row.pop(name, None)
        return Answer(answer.status, answer.headers, json.dumps(envelope).encode())

    return bend


@pytest.mark.parametrize("line", ON_A_SITE, ids=lambda line: " ".join(line.split()[:2]))
def test_a_site_without_a_name_is_named_by_its_id(run: Run, proxy: Proxy, line: str) -> None:
    site_id = next(row["id"] for row in proxy.platform.client().site.list() if row["siteName"] == SITE)
    proxy.spoil(change(without("siteName")), operation="siteSearch")
    result = run(*line.format(site=site_id).split(), "--dry-run")
    assert "hpcli itself" not in result.stderr
    assert result.exit_code == 0, result


@pytest.mark.parametrize("line", ON_A_SITE, ids=lambda line: " ".join(line.split()[:2]))
def test_a_site_without_an_id_is_an_answer_that_cannot_be_used(run: Run, proxy: Proxy, line: str) -> None:
    proxy.spoil(change(without("id")), operation="siteSearch")
    words = [word.format(site=SITE) for word in line.split()]
    result = run(*words, "--dry-run", "-o", "json")
    assert (result.exit_code, result.error["kind"]) == (7, "protocol"), result
    assert f"has no id of {SITE}" in result.error["message"]


def test_a_site_without_a_name_is_not_renamed_to_its_id(run: Run, proxy: Proxy) -> None:
    site_id = next(iter(proxy.platform.client().site.list()))["id"]
    proxy.spoil(change(without("siteName")), operation="siteSearch")
    result = run("site", "update", site_id, "--city", "Ulm", "-o", "json")
    assert (result.exit_code, result.error["kind"]) == (7, "protocol")
    assert not proxy.sent("siteUpdate")


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        (f"device update {SERIAL} --name New", "id"),
        (f"device delete {SERIAL}", "id"),
        ("device isapi GET /ISAPI/System/deviceInfo --all --user-level admin", "deviceSerial"),
        (f"arc set-events {SERIAL} --panel none", "deviceSerial"),
    ],
)
def test_a_device_without_what_a_call_needs_is_an_error(
    run: Run, proxy: Proxy, line: str, missing: str
) -> None:
    proxy.spoil(change(without(missing)), operation="deviceList")
    result = run(*line.split(), "--yes")
    assert result.exit_code in (2, 4, 7), result
    assert "hpcli itself" not in result.stderr
    assert not proxy.sent("deviceDelete")
    assert not proxy.sent("deviceUpdate")
