"""What a health report begins with on a terminal, and how its table says what is worst."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hpcli.client.health import findings, problem_texts
from hpcli.commands.health.report_table import REPORTS, with_clock
from hpcli.commands.health.tally import Tally
from hpcli.output.cells import cell_text
from tests.support.platform_server import Platform
from tests.support.runner import Runner

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
BERLIN = 133
PANEL = {
    "batteryStatus": "low",
    "zones": [{"name": "Yard", "signalStrength": "weak"}, {"name": "Hall", "networkStatus": "offline"}],
}


def device(status: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"deviceSerial": "Q1", "onlineStatus": status, "report": "present", **more}


def tally_of(*devices: dict[str, Any]) -> tuple[Tally, list[dict[str, Any]]]:
    tally = Tally()
    tally.sites, tally.zones = 1, {"s": BERLIN}
    return tally, [{"siteId": "s", **tally.count(one, "s")} for one in devices]


def cells(row: dict[str, Any]) -> dict[str, str]:
    view = with_clock(REPORTS, {"s": BERLIN}, NOW, utc=False)
    return {column.title: cell_text(column, row) for column in view.columns}


def test_a_terminal_begins_with_the_summary(hpcli: Runner, platform: Platform) -> None:
    report = ("health", "report", "Bäckerei Grünwald", "--color", "never")
    terminal = hpcli.on_terminal(*report, environment=platform.environment)
    assert terminal.finish() == 0
    lines = terminal.shown.splitlines()
    assert lines[:2] == ["Sites        1", "Devices      5: 4 online, 1 offline, 3 with problems"]
    titles = ["Sites", "Devices", "Offline", "Faults", "Not covered", ""]
    assert [line[:13].strip() for line in lines[: lines.index("") + 1] if line[:1] != " "] == titles
    assert lines[lines.index("") + 1].split() == ["SITE", "SERIAL", "STATE", "PROBLEMS", "AGE"]
    assert max(map(len, lines)) <= 80
    assert "does not cover" not in terminal.shown


def test_the_summary_counts_by_age_and_kind() -> None:
    tally, _ = tally_of(
        device(0, lastOfflineTime="2026-11-22T15:30:00"),  # half an hour ago in Berlin
        device(0, lastOfflineTime="20,Nov,2026 16:00:00"),
        device(0, lastOfflineTime="2026-10-01T16:00:00"),
        device(0, report="missing", deviceCategory=11),
        device(None),
        device(alarmDeviceStatus=PANEL),
        device(alarmDeviceStatus=PANEL),
    )
    found = dict(tally.summary(NOW))
    assert found["Devices"] == "7: 2 online, 4 offline, 1 unknown, 6 with problems"
    assert found["Offline"] == "under 1 h: 1, 1 to 7 days: 1, over 7 days: 1, unknown since when: 1"
    assert found["Faults"] == "battery low (2), zone: offline (2), zone: signal weak (2)"
    assert found["Not covered"].startswith("1 of 7 devices (1 Switch)")


def test_the_table_has_the_worst_problem_first_and_the_json_stays() -> None:
    texts = problem_texts(findings(device(alarmDeviceStatus=PANEL)))
    assert texts == ["battery low", "zone Yard: signal weak", "zone Hall: offline"]
    _, [row] = tally_of(device(alarmDeviceStatus=PANEL, report="missing"))
    assert row["problems"] == texts
    assert (
        cells(row)["PROBLEMS"] == "zone Hall: offline; battery low; zone Yard: signal weak; report: missing"
    )
    column = next(column for column in REPORTS.columns if column.title == "PROBLEMS")
    assert column.pieces is not None
    colours = [style for _, style in column.pieces(row["problems"], row)]
    assert colours == ["red", "yellow", "yellow", "dim"]


@pytest.mark.parametrize(
    ("time", "since", "age"),
    [
        ("2026-11-22T12:00:00", "2026-11-22 12:00:00+01:00", "4 h"),
        ("20,Nov,2026 16:00:00", "2026-11-20 16:00:00+01:00", "2 d"),
        ("soon", "", ""),
    ],
)
def test_a_device_that_is_offline_says_since_when(time: str, since: str, age: str) -> None:
    _, [row] = tally_of(device(0, lastOfflineTime=time))
    assert (cells(row)["SINCE"], cells(row)["AGE"]) == (since, age)


def test_a_device_that_is_back_is_not_offline_since_its_last_absence() -> None:
    _, [row] = tally_of(device(1, lastOfflineTime="2026-11-22T12:00:00"))
    assert (row["offlineSince"], cells(row)["AGE"]) == (None, "")
    assert row["lastOfflineTime"] == "2026-11-22T12:00:00"
