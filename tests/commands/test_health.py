"""Health reports: what is a problem, what counts as no report, how they are shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hpcli.api.operations.health import REPORT
from hpcli.client.coercion import coerce
from hpcli.client.health import Finding, findings, part_findings, problem_texts
from hpcli.commands.health.coverage import DeviceLists
from hpcli.errors import NotFoundError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform
from tests.support.runner import Run

BAKERY = "Bäckerei Grünwald"
CALL = "POST /api/hpcgw/v1/site/health/report"
LISTING = "POST /api/hpcgw/v1/device/list"


class TestReport:
    def test_one_row_a_device_with_its_problems(self, run: Run) -> None:
        rows = run("health", "report", BAKERY, "-o", "json").json
        problems = {row["deviceSerial"]: row["problems"] for row in rows}
        assert problems["G20419934"] == []
        assert "zone Shop window: battery low" in problems["Q10254783"]
        assert "disk 1, current pending sector count: exceptional" in problems["Q10254801"]
        assert problems["F55120761"][0] == "offline"
        assert {row["siteName"] for row in rows} == {BAKERY}
        assert rows[0]["alarmDeviceStatus"]["zones"][0]["name"] == "Front door"

    def test_plain_shows_states_and_the_device_clock(self, run: Run) -> None:
        result = run("health", "report", BAKERY)
        header, *lines = result.lines
        assert header.split("\t")[:5] == ["SITE", "SERIAL", "NAME", "STATE", "PROBLEMS"]
        offline = next(line for line in lines if "F55120761" in line).split("\t")
        assert offline[3] == "offline"
        assert len(offline[5]) == len("2026-11-22 15:00:00+01:00")

    def test_problems_keeps_what_has_one(self, run: Run) -> None:
        assert run("health", "report", BAKERY, "--problems", "-o", "ids").lines == [
            "Q10254783",
            "Q10254801",
            "F55120761",
        ]

    def test_all_asks_for_each_site_once(self, run: Run, platform: Platform) -> None:
        sites = len(list(platform.client().site.list()))
        assert run("health", "report", "--all").exit_code == 0
        assert control.statistics(platform.state)["requests"][CALL] == sites

    def test_devices_that_the_report_leaves_out_have_rows(self, run: Run, platform: Platform) -> None:
        listed = {row["deviceSerial"]: row for row in platform.client().device.list()}
        result = run("health", "report", "--all", "-o", "json")
        rows = {row["deviceSerial"]: row for row in result.json}
        assert rows.keys() == listed.keys()
        assert len(rows) == len(result.json)
        missing = {serial for serial, row in rows.items() if row["report"] == "missing"}
        assert missing == {
            serial for serial, row in listed.items() if row["deviceCategory"] in (4, 5, 8, 9, 11)
        }
        switch = rows["J41181377"]
        assert (switch["problems"], switch["onlineStatus"]) == (["offline"], 0)
        assert (switch["siteName"], switch["deviceName"]) == ("Elm Street Office Park", "Core switch")
        assert f"does not cover {len(missing)} of {len(rows)} devices" in result.stderr
        assert "2 Switch" in result.stderr

    def test_a_site_whose_devices_are_all_in_the_report_says_nothing_of_it(
        self, run: Run, platform: Platform
    ) -> None:
        with seed.open_state(platform.state) as store:
            for row in store.children("device", platform.client().site.find(BAKERY)["id"]):
                if row["deviceCategory"] == 8:
                    store.delete("device", row["deviceSerial"])
        assert "does not cover" not in run("health", "report", BAKERY).stderr

    def test_where_report_and_device_list_disagree_both_are_told(self, run: Run, platform: Platform) -> None:
        with seed.open_state(platform.state) as store:
            store.change("device", "G20419934", reportedStatus=0)
            store.change("device", "F55120761", reportedStatus=1)
        result = run("health", "report", BAKERY)
        lines = {cells[1]: cells for line in result.lines[1:] if (cells := line.split("\t"))}
        assert lines["G20419934"][3] == "offline (device list: online)"
        assert lines["F55120761"][3] == "online (device list: offline)"
        assert "offline in the device list" in lines["F55120761"][4]
        assert "disagree about 2 devices" in result.stderr
        rows = {row["deviceSerial"]: row for row in run("health", "report", BAKERY, "-o", "json").json}
        told = [rows["F55120761"][name] for name in ("onlineStatus", "deviceOnlineStatus", "report")]
        assert told == [1, 0, "present"]

    def test_a_device_that_only_the_list_calls_offline_is_offline_for_a_check(
        self, run: Run, platform: Platform
    ) -> None:
        with seed.open_state(platform.state) as store:
            store.change("device", "E61958117", deviceOnlineStatus=0, reportedStatus=1)
        assert run("health", "report", "東京倉庫", "--fail-on", "offline").exit_code == 10

    def test_the_devices_cost_one_listing(self, run: Run, platform: Platform) -> None:
        control.reset(platform.state, sites=12, devices=230)
        ids = [str(row["id"]) for row in platform.client().site.list()]

        def listings(*sites: str) -> int:
            before = control.statistics(platform.state)["requests"].get(LISTING, 0)
            assert run("health", "report", *sites).exit_code == 0
            return int(control.statistics(platform.state)["requests"][LISTING]) - before

        assert listings("--all") == 3
        assert listings(*ids[:11]) == 3
        assert listings(*ids[:10]) == 10
        assert listings(ids[0]) == 1

    def test_a_device_list_that_fails_is_told_and_the_report_shown(
        self, run: Run, platform: Platform
    ) -> None:
        platform.configure(faults={"LAP000000@device/list": 1.0})
        result = run("health", "report", BAKERY)
        assert (result.exit_code, len(result.lines)) == (9, 5)
        assert result.stderr.count("The device list failed") == 1

    def test_sites_and_all_exclude_each_other(self, run: Run) -> None:
        assert run("health", "report", BAKERY, "--all").exit_code == 2
        assert run("health", "report").exit_code == 2


class TestExitCodes:
    @pytest.mark.parametrize(
        ("site", "fail_on", "code"),
        [
            (BAKERY, "problem", 10),
            (BAKERY, "offline", 10),
            ("Elm Street Office Park", "problem", 10),  # its switch is offline, which the report leaves out
            ("Elm Street Office Park", "offline", 10),
            ("Colegio San Martín", "offline", 0),
            ("東京倉庫", "offline", 0),
            ("東京倉庫", "problem", 10),
            (BAKERY, "fire", 2),
        ],
    )
    def test_fail_on_exits_10_where_it_finds_something(
        self, run: Run, site: str, fail_on: str, code: int
    ) -> None:
        assert run("health", "report", site, "--fail-on", fail_on).exit_code == code

    def test_one_site_without_a_report_does_not_keep_the_others(self, run: Run, platform: Platform) -> None:
        platform.configure(next_faults=["LAP008128@health"])  # for the one that is asked first
        result = run("health", "report", BAKERY, "東京倉庫", "--fail-on", "problem")
        assert result.exit_code == 9
        states = [line.split("\t")[3] for line in result.lines[1:]]
        assert states.count("no report") == 1
        assert states.count("online") >= 3
        assert "1 of 2 sites have no report" in result.stderr

    def test_a_call_that_is_gone_is_no_report_either(self, run: Run, platform: Platform) -> None:
        platform.configure(faults={"gone404@health": 1.0})
        result = run("health", "report", BAKERY, "東京倉庫")
        assert result.exit_code == 9
        assert "2 of 2 sites have no report" in result.stderr
        assert result.stderr.count("does not offer health reports") == 1
        listed = {
            row["deviceSerial"]: row
            for name in (BAKERY, "東京倉庫")
            for row in platform.client().device.list(site_id=platform.client().site.find(name)["id"])
        }
        rows = {cells[1]: cells for line in result.lines[1:] if (cells := line.split("\t"))}
        assert rows.keys() == listed.keys()
        assert {cells[3] for cells in rows.values()} == {"online", "offline"}
        assert rows["F55120761"][3:5] == ["offline", "offline; report: missing"]

    def test_a_single_site_without_a_report_exits_9(self, run: Run, platform: Platform) -> None:
        platform.configure(faults={"LAP008128@health": 1.0})
        result = run("health", "report", BAKERY, "-o", "json")
        assert result.exit_code == 9
        row, *devices = result.json
        assert {device["report"] for device in devices} == {"missing"}
        assert len(devices) == 5
        assert (row["siteName"], row["deviceSerial"], row["error"]["code"]) == (BAKERY, None, "LAP008128")

    def test_a_call_that_is_gone_is_remembered(self, platform: Platform) -> None:
        platform.configure(faults={"gone404@health": 1.0})
        client = platform.client()
        for _ in range(3):
            with pytest.raises(NotFoundError, match="does not offer health reports"):
                client.health.report("any")
        assert control.statistics(platform.state)["requests"][CALL] == 1

    def test_a_site_that_is_refused_stands_beside_the_others(self, run: Run, platform: Platform) -> None:
        platform.configure(next_faults=["LAP000000@health"])
        result = run("health", "report", BAKERY, "東京倉庫", "-o", "ndjson")
        assert result.exit_code == 9
        failed = [row["error"]["code"] for row in result.rows if "error" in row]
        assert failed == ["LAP000000"]
        assert len(result.rows) >= 4

    def test_an_unknown_site_stands_beside_the_others(self, run: Run) -> None:
        result = run("health", "report", BAKERY, "Nowhere", "-o", "ndjson")
        assert result.exit_code == 9
        assert [row["siteName"] for row in result.rows if "error" in row] == ["Nowhere"]
        assert len(result.rows) >= 4

    def test_a_site_is_an_argument(self, run: Run) -> None:
        result = run("health", "report", "--site", BAKERY)
        assert (result.exit_code, "`hpcli health report SITE...`" in result.stderr) == (2, True)


class TestDetail:
    @pytest.mark.parametrize(
        ("part", "titles", "line"),
        [
            ("panel", "ARMING", "Partly armed"),
            ("cameras", "CAMERA", "Connected\tNetwork Camera"),
            ("zones", "ZONE", "3\tShop window\tOK\tLow\tMedium"),
            ("peripherals", "KIND", "keypad\tKeypad hall"),
            ("channels", "CHANNEL", "6\tParkplatz\tOffline"),
            ("disks", "EVALUATION", "Error\tBad sectors\tself-evaluation error; bad sectors"),
            ("smart", "ATTRIBUTE", "197\tCurrent pending sector count\tExceptional"),
        ],
    )
    def test_each_part_has_its_rows(self, run: Run, part: str, titles: str, line: str) -> None:
        result = run("health", "report", BAKERY, "--detail", part)
        assert titles in result.lines[0].split("\t")
        assert line in result.stdout

    def test_zones_count_from_one_beside_the_raw_number(self, run: Run) -> None:
        rows = run("health", "report", BAKERY, "--detail", "zones", "--problems", "-o", "json").json
        assert [(row["zone"], row["zoneId"], row["name"]) for row in rows] == [
            (3, 2, "Shop window"),
            (6, 5, "Back door"),
            (7, 6, "Panic button"),
        ]


def texts(found: Iterable[Finding]) -> list[str]:
    return problem_texts(found)


class TestJudgement:
    def test_the_guides_example_is_understood_with_its_stray_blanks(self) -> None:
        answer = {
            "siteId": "s",
            "reportDetail": [
                {
                    "deviceSerial": "Q1",
                    "onlineStatus": "0",
                    "alarmDeviceStatus": [
                        {
                            "arcConnectStatus": "not connected[1],notEnabled[2]",
                            "cellConnectStatus": "Not Connected",
                            "keyPadList": {"name": 7, "batteryStatus": "LOW"},
                            "TransmitterList": [{"name": "T", "networkStatus": "offline "}],
                        }
                    ],
                    "enCodingDeviceStatus": {
                        "videoSignal": "2",
                        "hddAttributeDtoList": [{"hddNo": 0, "status": 1, "attributeId": "5"}],
                    },
                }
            ],
        }
        device = coerce(REPORT, answer)["reportDetail"][0]
        assert texts(findings(device)) == [
            "offline",
            "ARC not connected",
            "mobile network not connected",
            "video lost",
            "keypad 7: battery low",
            "transmitter T: offline",
            "disk 0, reallocated sector count: exceptional",
        ]

    def test_unknown_values_are_no_problems_but_counted(self) -> None:
        found = findings({"onlineStatus": 1, "alarmDeviceStatus": {"batteryStatus": "molten"}})
        assert [(finding.field, finding.value, finding.known) for finding in found] == [
            ("alarmDeviceStatus.batteryStatus", "molten", False)
        ]
        assert texts(found) == []

    def test_several_faults_of_a_part_are_one_text(self) -> None:
        zone = {"name": "Yard", "batteryStatus": "low", "signalStrength": "noSignal", "networkStatus": "ok"}
        status = {"alarmDeviceStatus": {"zones": [zone]}}
        assert texts(findings(status)) == ["zone Yard: battery low, no signal"]
        assert texts(part_findings(zone, "alarmDeviceStatus", "zones")) == ["battery low", "no signal"]

    def test_bypassed_and_disarmed_are_no_problems(self) -> None:
        zone = {"name": "Yard", "byPassStatus": "Yes", "tamperStatus": "true"}
        assert findings({"alarmDeviceStatus": {"workStatus": "allDisArm", "zones": [zone]}}) == []


@pytest.mark.parametrize("clock", ["Pacific/Honolulu", "Asia/Tokyo"])
def test_the_age_of_a_time_is_counted_by_the_clock_of_its_site(
    run: Run, platform: Platform, monkeypatch: pytest.MonkeyPatch, clock: str
) -> None:
    with seed.open_state(platform.state) as store:  # one more that is offline, in Japan
        store.change("device", "E61958117", deviceOnlineStatus=0)
    monkeypatch.setenv("TZ", clock)
    time.tzset()

    def serials(*options: str) -> list[str]:
        return run("health", "report", BAKERY, "東京倉庫", "-o", "ids", *options).lines

    offline = ["F55120761", "E61958117"]  # both for five hours
    assert serials("--where", "offline-since > 4h") == offline
    assert serials("--where", "lastOfflineTime < 6h", "--where", "lastOfflineTime > 290m") == offline
    assert serials("--where", "offline-since > 6h") == []
    assert serials("--detail", "zones", "--where", "lastTriggerTime < 0s") == []


def test_utc_applies_to_the_time_since_when_a_device_is_offline(run: Run) -> None:
    def since(*more: str) -> str:
        lines = run("health", "report", BAKERY, *more).lines
        column = lines[0].split("\t").index("SINCE")
        return next(line.split("\t")[column] for line in lines if "F55120761" in line)

    local, utc = since(), since("--utc")
    assert utc.endswith("Z")
    berlin = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert abs(berlin - datetime.fromisoformat(utc)) < timedelta(minutes=5)


def test_a_keyfob_with_a_weak_battery_is_a_problem() -> None:
    panel = {"alarmDeviceStatus": {"remoteList": [{"name": "Anna", "batteryStatus": "low"}]}}
    assert problem_texts(findings(panel)) == ["keyfob Anna: battery low"]


def test_reports_go_on_while_the_account_is_listed_and_keep_their_order() -> None:
    listed, asked = threading.Event(), list[int]()

    def known(**_options: object) -> list[object]:
        assert listed.wait(20)
        return []

    def reports() -> Iterator[int]:
        for number in range(5):
            asked.append(number)
            if number == 4:
                listed.set()
            yield number

    client: Any = SimpleNamespace(device=SimpleNamespace(known=known))
    counts: Any = SimpleNamespace(counting=iter)
    lists = DeviceLists(client, counts, whole_account=True)
    shown = lists.once_ready(reports())
    assert next(shown) == 0
    assert asked == list(range(5)), (
        "the first report is shown when the list is there, and not asked for alone"
    )
    assert list(shown) == [1, 2, 3, 4]
