"""Panels: areas, zones, arming and what hinders it, relays."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from hpcli.client import Client
from hpcli.client.panel import ALL_AREAS
from hpcli.errors import DeviceError, NetworkError, NotFoundError, TimeLimitError, UsageError
from hpcli.isapi.errors import DeviceRefusedError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

PANEL = "Q10254783"
SEARCH_ONLY = "Q03110476"
NO_INSTALLER = "Q04814335"
CONTROL = "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/control"


@pytest.fixture
def client(platform: Platform) -> Client:
    """A client that does not sleep long between two looks."""
    made = platform.client()
    made.transport.sleep = lambda seconds: time.sleep(min(seconds, 0.05))
    return made


def state_of(client: Client, area: int) -> dict[str, Any]:
    return next(row for row in client.panel.areas(PANEL) if row["id"] == area)


def sent(platform: Platform, uri: str) -> int:
    requests = control.statistics(platform.state)["requests"]
    return sum(count for name, count in requests.items() if uri in name)


def test_areas_and_zones_in_use_are_listed(client: Client) -> None:
    assert [row["name"] for row in client.panel.areas(PANEL)] == ["Ground floor", "Office"]
    assert len(client.panel.areas(PANEL, everything=True)) == 4
    zones = client.panel.zones(PANEL)
    assert [(row["zone"], row["id"]) for row in zones] == [(n + 1, n) for n in range(7)]
    assert len(client.panel.zones(PANEL, everything=True)) == 8


def test_a_panel_that_refuses_the_list_is_searched(client: Client, platform: Platform) -> None:
    assert [row["zone"] for row in client.panel.zones(SEARCH_ONLY)] == [1, 2, 3, 4, 5, 6, 7]
    assert sent(platform, "POST /api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/status/zones") == 1
    assert client.panel.zones(PANEL, search=True) == client.panel.zones(PANEL)


def test_arming_waits_until_the_delay_is_over(client: Client) -> None:
    client.panel.arm(PANEL, 1, "away")
    assert state_of(client, 1)["arming"] == "arming"
    seen: list[str] = []
    rows = client.panel.await_armed(PANEL, 1, progress=lambda state: seen.append(state["areas"][0]["arming"]))
    assert [row["arming"] for row in rows] == ["away"]
    assert (seen[0], seen[-1]) == ("arming", "away")


def test_a_zone_that_opens_while_arming_is_named(client: Client, platform: Platform) -> None:
    client.panel.arm(PANEL, 1, "stay")
    control.set_zone(platform.state, PANEL, 3, is_open=True)
    with pytest.raises(
        DeviceError, match=r"Ground floor did not arm: Shop window \(zone 3\) is open"
    ) as caught:
        client.panel.await_armed(PANEL, 1)
    assert "hpcli panel bypass Q10254783 3" in str(caught.value.hint)
    assert caught.value.exit_code == 8


def test_waiting_for_arming_ends(client: Client) -> None:
    client.panel.arm(PANEL, 1, "stay")
    with pytest.raises(TimeLimitError):
        client.panel.await_armed(PANEL, 1, limit=0.01)


def test_an_open_zone_refuses_arming_until_it_is_bypassed(client: Client) -> None:
    client.panel.disarm(PANEL, 2)
    with pytest.raises(DeviceError, match=r"Back door \(zone 6\) is open") as caught:
        client.panel.arm(PANEL, 2, "away")
    assert caught.value.code == "0x4000801D"
    client.panel.bypass(PANEL, [6])
    client.panel.arm(PANEL, 2, "away")
    assert state_of(client, 2)["arming"] == "away"
    with pytest.raises(DeviceRefusedError) as refused:
        client.panel.bypass(PANEL, [5])
    assert refused.value.hint == "An armed zone cannot be bypassed: disarm its area first."


def test_armed_already_is_done_only_where_the_state_says_so(client: Client) -> None:
    client.panel.arm(PANEL, 2, "away")
    with pytest.raises(DeviceError, match="Office is armed away"):
        client.panel.arm(PANEL, 2, "stay")


def test_an_alarm_is_raised_cleared_and_ended_by_disarming(client: Client, platform: Platform) -> None:
    control.set_zone(platform.state, PANEL, 5, is_open=True)
    assert state_of(client, 2)["alarm"] is True
    client.panel.clear(PANEL, 2)
    assert (state_of(client, 2)["alarm"], state_of(client, 2)["arming"]) == (False, "away")
    platform.trigger("burglary", device=PANEL)
    assert state_of(client, 1)["alarm"] is True
    client.panel.disarm(PANEL, ALL_AREAS)
    assert [(row["arming"], row["alarm"]) for row in client.panel.areas(PANEL)] == [("disarm", False)] * 2


def test_relays_count_from_one(client: Client) -> None:
    client.panel.switch_relays(PANEL, [2], "open")
    rows = client.panel.relays(PANEL)
    assert [(row["relay"], row["id"], row["status"]) for row in rows] == [(1, 0, "off"), (2, 1, "on")]
    client.panel.switch_relays(PANEL, [1, 2], "close")
    assert [row["status"] for row in client.panel.relays(PANEL)] == ["off", "off"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda panel: panel.arm(PANEL, 0, "away"), "area is 0"),
        (lambda panel: panel.arm(PANEL, 1, "night"), "mode 'night'"),
        (lambda panel: panel.bypass(PANEL, [3, 0]), "zone is 0"),
        (lambda panel: panel.unbypass(PANEL, []), "No zone"),
        (lambda panel: panel.switch_relays(PANEL, [0], "open"), "relay is 0"),
        (lambda panel: panel.switch_relays(PANEL, [1], "on"), "'on'"),
        (lambda panel: panel.disarm("no serial", 1), "no serial"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(
    client: Client, platform: Platform, call: Any, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        call(client.panel)
    assert not control.statistics(platform.state)["requests"]


def test_an_area_that_is_not_in_use_is_not_found(client: Client) -> None:
    with pytest.raises(NotFoundError, match="no area 3"):
        client.panel.await_armed(PANEL, 3)


@pytest.mark.parametrize("fault", ["reset", "EVZ20008"])
def test_a_lost_answer_is_looked_up_and_the_change_never_repeated(
    client: Client, platform: Platform, fault: str
) -> None:
    client.transport.timeout = client.transport.device_timeout = 5
    platform.configure(next_faults=[f"{fault}@disarm"])
    if fault == "reset":  # the panel did it, its answer was cut
        client.panel.disarm(PANEL, 2)
        assert state_of(client, 2)["arming"] == "disarm"
    else:  # the panel never got it
        with pytest.raises(DeviceError) as caught:
            client.panel.disarm(PANEL, 2)
        assert str(caught.value.hint).startswith("The state is as before.")
        assert state_of(client, 2)["arming"] == "away"
    assert sent(platform, f"{CONTROL}/disarm/2") == 1


def test_a_lost_answer_to_arming_is_looked_up(client: Client, platform: Platform) -> None:
    platform.configure(next_faults=["reset@arm/1"])
    client.panel.arm(PANEL, 1, "away")
    assert [row["arming"] for row in client.panel.await_armed(PANEL, 1)] == ["away"]
    assert sent(platform, f"{CONTROL}/arm/1") == 1


def test_where_the_state_cannot_be_read_either_the_outcome_is_unknown(
    client: Client, platform: Platform
) -> None:
    client.transport.timeout = client.transport.device_timeout = 1
    platform.configure(next_faults=["cut@clearAlarm"], faults={"EVZ20008@subSystems": 1.0})
    with pytest.raises(NetworkError) as caught:
        client.panel.clear(PANEL, 2)
    assert "is not known" in str(caught.value.hint)


# The command


def test_zones_are_shown_with_what_is_wrong(hpcli: Runner, platform: Platform) -> None:
    shown = hpcli("panel", "zones", PANEL, "--problems", environment=platform.environment)
    assert [line.split("\t")[:5] for line in shown.lines[1:]] == [
        ["3", "Shop window", "online", "", "low 17 %"],
        ["6", "Back door", "open", "", "81 %"],
        ["7", "Panic button", "offline", "", "64 %"],
    ]
    rows = hpcli("panel", "zones", PANEL, "-o", "json", environment=platform.environment).json
    assert {"zone", "id", "status", "charge", "signal", "tamperEvident", "bypassed"} <= set(rows[0])


def test_arm_waits_and_names_what_is_open(hpcli: Runner, platform: Platform) -> None:
    both = hpcli("panel", "arm", PANEL, "all", "--mode", "away", environment=platform.environment)
    assert (both.exit_code, both.stdout) == (0, "")
    assert "All areas: Ground floor is armed away, Office is armed away." in both.stderr
    platform.client().panel.disarm(PANEL, 2)
    refused = hpcli(
        "panel", "arm", PANEL, "1,2", "--mode", "away", "-o", "json", environment=platform.environment
    )
    assert refused.exit_code == 9
    assert [(row["target"], row["ok"]) for row in refused.json] == [("1", True), ("2", False)]
    assert "Back door (zone 6) is open" in refused.json[1]["error"]["message"]


def test_a_dry_run_shows_the_request_of_the_guide(hpcli: Runner, platform: Platform) -> None:
    run = hpcli(
        *("panel", "disarm", PANEL, "all", "--dry-run", "-o", "json"),
        *("--as", "installer", "--as-password-stdin", "--user-level", "installer"),
        stdin="secret-pass\n",
        environment=platform.environment,
    )
    (plan,) = run.json
    assert plan["method"] == "PUT"
    assert plan["url"] == f"{platform.base_url}{CONTROL}/disarm/4294967295?format=json"
    assert plan["headers"] == {
        "Authorization": "***",
        "X-Devserial": PANEL,
        "X-Username": "installer",
        "X-Password": "***",
        "X-Userlevel": "0",
    }
    assert plan["body"] == {}
    assert "secret-pass" not in run.stdout + run.stderr
    bypass = hpcli(
        "panel", "bypass", PANEL, "3", "6", "--dry-run", "-o", "json", environment=platform.environment
    )
    assert [(plan["method"], plan["body"]) for plan in bypass.json] == [
        ("PUT", {"List": [{"id": 2}, {"id": 5}]})
    ]
    arm = hpcli("panel", "arm", PANEL, "1", "--mode", "stay", "--dry-run", environment=platform.environment)
    assert arm.lines[0].endswith("/control/arm/1?ways=stay&format=json")


@pytest.mark.parametrize("line", ["arm 1 --mode away", "disarm 1", "clear 1"])
def test_an_operation_code_goes_as_the_guide_has_it(hpcli: Runner, platform: Platform, line: str) -> None:
    verb, *rest = line.split()
    command = ("panel", verb, PANEL, *rest, "--operation-code-stdin")
    environment = platform.environment
    plan = hpcli(*command, "--dry-run", "-o", "json", stdin="c0de-4711\n", environment=environment)
    assert plan.json[0]["body"] == {"Operate": {"moduleOperateCode": "***"}}
    assert "c0de-4711" not in plan.stdout + plan.stderr
    done = hpcli(*command, "--yes", stdin="c0de-4711\n", environment=environment)
    assert done.exit_code == 0, done.stderr
    empty = hpcli(*command, "--yes", stdin="\n", environment=environment)
    assert (empty.exit_code, "Operation code is empty" in empty.stderr) == (2, True)


def test_relays_are_searched_by_their_module(hpcli: Runner, platform: Platform) -> None:
    def numbers(*options: str) -> list[str]:
        run = hpcli("panel", "relays", PANEL, "-o", "json", *options, environment=platform.environment)
        assert run.exit_code == 0, run.stderr
        return [row["relayAttrib"] for row in run.json]

    assert set(numbers()) == {"wired", "wireless"}
    assert set(numbers("--module-kind", "local-wired")) == {"wired"}
    assert set(numbers("--module-kind", "localWireless")) == {"wireless"}
    assert numbers("--module", "7") == []
    wrong = hpcli("panel", "relays", PANEL, "--module-kind", "wired", environment=platform.environment)
    assert wrong.exit_code == 2


def test_what_guards_asks_and_sends_nothing_without_yes(hpcli: Runner, platform: Platform) -> None:
    for arguments in (
        ("disarm", PANEL, "2"),
        ("clear", PANEL, "1"),
        ("bypass", PANEL, "1"),
        ("relay", PANEL, "1", "--set", "open"),
    ):
        asked = hpcli("panel", *arguments, environment=platform.environment)
        assert asked.exit_code == 2
        assert "--yes" in asked.stderr
    assert sent(platform, CONTROL) == 0
    done = hpcli(
        "panel",
        "relay",
        PANEL,
        "1",
        "2",
        "--set",
        "open",
        "--yes",
        "-o",
        "ids",
        environment=platform.environment,
    )
    assert done.lines == ["1", "2"]


def test_zone_zero_is_refused(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli("panel", "unbypass", PANEL, "1", "0", "-o", "json", environment=platform.environment)
    assert (refused.exit_code, refused.error["message"]) == (2, "There is no zone 0.")


def test_watching_prints_a_block_a_change_until_it_is_stopped(hpcli: Runner, platform: Platform) -> None:
    watching = hpcli.start(
        *("panel", "areas", PANEL, "--watch", "--every", "1s", "-o", "ndjson"),
        environment=platform.environment,
    )
    assert watching.stdout is not None
    first = [watching.stdout.readline(), watching.stdout.readline()]
    assert '"arming":"away"' in first[1]
    platform.client().panel.disarm(PANEL, 2)
    second = [watching.stdout.readline(), watching.stdout.readline()]
    assert '"arming":"disarm"' in second[1]
    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=30)
    assert watching.returncode == -signal.SIGINT


def test_watching_waits_a_lost_device_out(hpcli: Runner, platform: Platform) -> None:
    watching = hpcli.start(
        *("panel", "areas", PANEL, "--watch", "--every", "1s", "-o", "ndjson"),
        environment=platform.environment,
    )
    assert watching.stdout is not None
    assert watching.stderr is not None
    [watching.stdout.readline() for _ in range(2)]
    control.set_device(platform.state, PANEL, online=False)
    assert "Still watching." in watching.stderr.readline()
    control.set_device(platform.state, PANEL, online=True)
    platform.client().panel.disarm(PANEL, 2)
    assert '"arming":"disarm"' in [watching.stdout.readline() for _ in range(2)][1]
    watching.terminate()
    watching.communicate(timeout=30)
    assert watching.returncode == 0


def test_a_panel_without_an_installer_says_what_to_do(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli(
        "panel",
        "areas",
        NO_INSTALLER,
        "--user-level",
        "installer",
        "-o",
        "json",
        environment=platform.environment,
    )
    assert (refused.exit_code, refused.error["code"]) == (8, "0x4000804F")
    assert "--user-level" in refused.error["hint"]


def test_a_zone_that_cannot_be_bypassed_keeps_no_other_from_it(run: Run, client: Client) -> None:
    client.panel.disarm(PANEL, 2)
    client.panel.bypass(PANEL, [1])
    result = run("panel", "bypass", PANEL, "1", "6", "7", "--yes")
    assert result.exit_code == 9
    assert result.stderr.splitlines()[:2] == ["Zone 1: bypassed.", "Zone 6: bypassed."]
    assert "7: The device refused" in result.stderr
    assert [row["zone"] for row in client.panel.zones(PANEL) if row["bypassed"]] == [1, 6]


def test_a_number_that_the_panel_lacks_is_named_alone(run: Run, client: Client) -> None:
    client.panel.bypass(PANEL, [1])
    for call in (client.panel.disarm, client.panel.clear):
        with pytest.raises(NotFoundError, match=r"There is no area 99; there are 1, 2\."):
            call(PANEL, 99)
    result = run("panel", "arm", PANEL, "99", "--mode", "away")
    assert (result.exit_code, result.stderr) == (4, f"error: {PANEL}: There is no area 99; there are 1, 2.\n")
    result = run("panel", "bypass", PANEL, "2", "999", "3", "--yes")
    assert result.exit_code == 9
    assert result.stderr.splitlines()[:3] == [
        "Zone 2: bypassed.",
        "Zone 999: There is no zone 999; there are 1 to 7.",
        "Zone 3: bypassed.",
    ]
    assert [row["zone"] for row in client.panel.zones(PANEL) if row["bypassed"]] == [1, 2, 3]
    result = run("panel", "relay", PANEL, "9", "1", "--set", "on", "--yes")
    assert result.stderr.splitlines()[:2] == [
        "Relay 9: There is no relay 9; there are 1, 2.",
        "Relay 1: on (open).",
    ]
    assert "on (open)" in run("panel", "relays", PANEL).stdout


def test_a_refusal_of_something_that_exists_stays_as_it_is(client: Client) -> None:
    client.panel.bypass(PANEL, [1])
    with pytest.raises(DeviceRefusedError):
        client.panel.bypass(PANEL, [1])


def test_a_zone_that_was_not_bypassed_is_not_said_to_be_no_longer(run: Run) -> None:
    run("panel", "bypass", PANEL, "1", "--yes")
    lines = run("panel", "unbypass", PANEL, "1", "2").stderr.splitlines()
    assert lines == ["Zone 1: no longer bypassed.", "Zone 2: was not bypassed."]


def test_each_zone_that_is_refused_is_named_and_says_what_to_do(run: Run) -> None:
    run("panel", "arm", PANEL, "2", "--mode", "away")
    result = run("panel", "bypass", PANEL, "1", "5", "--yes")
    assert "Zone 5: " in result.stderr
    assert "hint: An armed zone cannot be bypassed" in result.stderr
