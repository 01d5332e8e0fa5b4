"""Which columns of a table stay where not all fit: those that were asked for, before those without a value."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from hpcli.commands.health.report_table import REPORTS
from hpcli.commands.log.tables import change_view
from hpcli.output.table_spec import Column, Format, Options, View
from hpcli.output.tables import table_lines
from hpcli.run.selection import Selection

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def headings(rows: list[dict[str, Any]], view: View, width: int) -> tuple[list[str], str]:
    """Return the columns of a table, and the line that names the others."""
    lines = list(table_lines(rows, view.columns, Options(Format.TABLE, width=width, is_terminal=True)))
    return lines[0].split(), next((line for line in lines if "did not fit" in line), "")


@pytest.mark.parametrize(
    ("where", "sort"),
    [
        ("offline-since > 1d", ""),
        ("offlineSince < 2026-11-28", ""),
        ("", "-since"),
        ("model ~ DS", "-since,model"),
    ],
)
def test_a_column_that_was_asked_for_is_shown(where: str, sort: str) -> None:
    row = {
        "siteName": "Bakery on the corner", "deviceSerial": "X00000001", "deviceName": "Alarm panel", "onlineStatus": 0,
        "problems": ["offline", "zone Shop window: battery low"], "offlineSince": "2026-11-20T10:00:00+01:00",
        "deviceModel": "DS-PWA96-M-WE",
    }  # fmt: skip
    assert "SINCE" not in headings([row], REPORTS, 80)[0]
    selection = Selection([where] if where else [])
    selection.sort = [sort] if sort else []
    rows, view = selection.apply([row], REPORTS, NOW)
    shown = headings([dict(one) for one in rows], view, 80)[0]
    assert "SINCE" in shown
    assert ("MODEL" in shown) == ("model" in where + sort)


def test_what_has_no_value_goes_first_and_is_not_missed() -> None:
    view = View(
        "x",
        "id",
        (
            Column("LONG", "long"),
            Column("ERROR", "error", priority=1),
            Column("REASON", "reason", priority=2),
        ),
    )
    row = {"long": "x" * 20, "reason": "they moved"}
    assert headings([row], view, 80)[0] == ["LONG", "ERROR", "REASON"]
    assert headings([row], view, 35) == (["LONG", "REASON"], "")
    assert headings([row] * 100, view, 35) == (["LONG", "REASON"], "Columns that did not fit: ERROR\n")
    assert headings([row, {**row, "error": "refused"}], view, 35)[0] == ["LONG", "ERROR"]


@pytest.mark.parametrize(
    ("serials", "people", "words"),
    [
        (["C1", "C2"], ["5001"], "C1, C2; 5001"),
        (["C1", "C2", "C3", "C4"], ["5001"], "C1, C2 and 2 devices; 5001"),
        (["C1"], [f"50{number}" for number in range(10, 70)], "C1; 5010, 5011 and 58 persons"),
    ],
)
def test_devices_and_persons_of_a_change_are_named_apart(
    serials: list[str], people: list[str], words: str
) -> None:
    context: Any = SimpleNamespace(settings={})
    column = next(one for one in change_view(context).columns if one.title == "TARGET")
    ids = ["0" * 30 + name[-2:].zfill(2) for name in people]
    sent = {"deviceAuthorities": [{"deviceSerial": serial, "personIdList": ids} for serial in serials]}
    assert column.show is not None
    assert column.show([*people, *ids, *serials], {"sent": sent, "part": None}) == words
