"""`--where`: a value that cannot be compared with those of its name is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hpcli.commands.framework.device_table import DEVICES
from hpcli.commands.health.report_table import REPORTS
from hpcli.errors import UsageError
from hpcli.output.conditions import parse_condition
from hpcli.output.row_filter import matching
from hpcli.output.table_spec import Column, View

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OWN_KINDS = View(
    "clip",
    "at",
    (
        Column("AT", "at", show=lambda value, _row: str(value), kind="time"),
        Column("AGE", "at", value=lambda _r: None),
    ),
)


OPEN = View("row", "id", ())


@pytest.mark.parametrize("option", ["--where", "--pick"])
@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "=", "!="])
@pytest.mark.parametrize(
    ("view", "name", "values", "forms"),
    [
        (REPORTS, "offline-since", ("1 day", "1 Tag", "1t", "24", "xyz", "12.11.2026", "22:00"), "1d or 24h"),
        (DEVICES, "deviceAddTime", ("1 day", "24"), "1d or 24h"),
        (OWN_KINDS, "at", ("1 day", "24"), "1d or 24h"),
        (OWN_KINDS, "age", ("1 day", "yesterday"), "24h or 1d"),
        (REPORTS, "enCodingDeviceStatus.diskUsage", ("much", "1d", "1,5"), "digits"),
    ],
)
def test_a_value_that_is_not_of_the_kind_of_its_name_is_refused_before_the_first_row(
    view: View, name: str, values: tuple[str, ...], forms: str, operator: str, option: str
) -> None:
    for value in values:
        with pytest.raises(UsageError, match=f"^{option}: .* and '{value}' is not") as raised:
            matching([], [parse_condition(f"{name} {operator} {value}")], view, NOW, option)
        assert forms in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("at > 1 day", "2026-11-28T10:00:00Z"), ("at > 24", "2026-11-28 10:00:00"), ("count > many", 3),
        ("count < 1d", 3.5), ("at > M", timedelta(1)), ("at > x", 1_790_000_000_000),
    ],
)  # fmt: skip
def test_a_row_shows_the_kind_of_a_name_that_no_document_has(condition: str, value: Any) -> None:
    with pytest.raises(UsageError, match="is not"):
        list(matching([{condition.partition(" ")[0]: value}], [parse_condition(condition)], OPEN, NOW))


@pytest.mark.parametrize(
    ("view", "condition", "row", "is_kept"),
    [
        (DEVICES, "version >= 5", {"deviceVersion": "V5.7.3 build 220112"}, True),
        (DEVICES, "version >= 6", {"deviceVersion": "V5.7.3 build 220112"}, False),
        (DEVICES, "name > M", {"deviceName": "2026-11-28 10:00:00"}, False),
        (DEVICES, "version != none", {"deviceVersion": "V5.7"}, True),
        (OWN_KINDS, "at > 1000000000000", {"at": 1_790_000_000_000}, True),
        (OWN_KINDS, 'at = ""', {}, True),
        (OWN_KINDS, "at ~ 2026", {"at": "2026-11-28T10:00:00Z"}, True),
    ],
)
def test_what_can_be_compared_is(view: View, condition: str, row: dict[str, Any], *, is_kept: bool) -> None:
    assert bool(list(matching([row], [parse_condition(condition)], view, NOW))) == is_kept
