"""The table of a report: states, faults in the colour of how bad they are, and since when devices are offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Final

from hpcli.api.operations.health import REPORT
from hpcli.commands.framework.times import clock_of
from hpcli.commands.health.coverage import MISSING, disagrees
from hpcli.commands.health.details import report_time
from hpcli.output import Column, View, show_duration, show_time
from hpcli.output.compare import time_of
from hpcli.reference.codes import code_list
from hpcli.reference.document import answer_codes, answer_fields

_OWN_FIELDS: Final = (
    "target",
    "siteId",
    "siteName",
    "problems",
    "error",
    "report",
    "deviceOnlineStatus",
    "deviceCategory",
    "offlineSince",
)


def _state(value: Any, row: Mapping[str, Any]) -> str:
    if row.get("error"):
        return "no report" if row["error"].get("kind") == "not-found" else "failed"
    state = "unknown" if value is None else code_list("onlineStatus").label(value).lower()
    if not disagrees(row):
        return state
    return (
        f"{state} (device list: {code_list('deviceOnlineStatus').label(row['deviceOnlineStatus']).lower()})"
    )


def _state_tone(value: Any, row: Mapping[str, Any]) -> str | None:
    return "unknown" if row.get("error") else {0: "off", 1: "good"}.get(value)


def _texts(problems: Sequence[str] | None, row: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Return the problems of a row, the worst first, with their colours."""
    if row.get("error"):
        return [(str(row["error"]["message"]), "yellow")]
    worst_first = sorted(problems or (), key=lambda text: not getattr(text, "is_critical", True))
    found: list[tuple[str, str | None]] = [
        (text, "red" if getattr(text, "is_critical", True) else "yellow") for text in worst_first
    ]
    return found + [("report: missing", "dim")] * (row.get("report") == MISSING)


def _problems(value: Any, row: Mapping[str, Any]) -> str:
    return "; ".join(text for text, _ in _texts(value, row))


def _problem_pieces(value: Any, row: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    texts = _texts(value, row)
    return [(text + ";", style) for text, style in texts[:-1]] + texts[-1:]


def _age(value: Any, _row: Mapping[str, Any]) -> str:
    """Stand in for what `with_clock` puts here, which knows the time."""
    return str(value or "")


_OFFLINE_ONES = ("offline", lambda row: row.get("onlineStatus") == 0)
REPORTS = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SITE", "siteName", wide=True, priority=1),
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True, priority=2),
        Column(
            "STATE",
            "onlineStatus",
            show=_state,
            style=_state_tone,
            wide=True,
            wraps=True,
            width=9,
            codes="onlineStatus",
        ),
        Column(
            "PROBLEMS", "problems", show=_problems, pieces=_problem_pieces, wide=True, wraps=True, width=28
        ),
        Column(
            "SINCE",
            "offlineSince",
            show=report_time,
            kind="time",
            priority=4,
            former="OFFLINE SINCE",
            due=_OFFLINE_ONES,
        ),
        Column("AGE", "offlineSince", show=_age, priority=1, due=_OFFLINE_ONES),
        Column("MODEL", "deviceModel", priority=5),
    ),
    fields=lambda: (*answer_fields(REPORT.method, REPORT.path), *_OWN_FIELDS),
    codes=lambda: {
        **answer_codes(REPORT.method, REPORT.path),
        **{name: name for name in ("deviceOnlineStatus", "deviceCategory")},
    },
)


def with_clock(view: View, zones: Mapping[object, object], now: datetime, *, utc: bool) -> View:
    """Return a view whose times are those of the clock at the site, or in UTC.

    Args:
        view: of the report or of parts of devices.
        zones: site id to the number of its time zone; filled while rows arrive.
        now: the current time, for ages.
        utc: show UTC.
    """

    def clock(row: Mapping[str, Any]) -> tzinfo | None:
        return clock_of(zones.get(row.get("siteId")))

    def time(value: Any, row: Mapping[str, Any]) -> str:
        return show_time(value, clock(row), utc=utc, has_offset=True)

    def age(row: Mapping[str, Any]) -> timedelta | None:
        since = time_of(row.get("offlineSince"), partial(clock, row))
        return None if since is None else now - since

    def show_age(_value: Any, row: Mapping[str, Any]) -> str:
        found = age(row)
        if found is None:
            return ""
        return " ".join(show_duration(found.total_seconds()).split()[:2])  # the largest unit

    def shown(column: Column) -> Column:
        if column.show is report_time:
            return column._replace(show=time)
        return column._replace(show=show_age, value=age) if column.show is _age else column

    return view._replace(columns=tuple(map(shown, view.columns)), zone_of=clock)
