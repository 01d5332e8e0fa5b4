"""What the values in a site's health report mean (Guide §3.17)."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from hpcli.reference.data import read_text


class HealthValue(NamedTuple):
    """One value of one field.

    `fault` is True for a fault, False for a value that is fine, None where the value says nothing about
    faults. It is None too for a value that the table does not have; `known` is False then. `is_critical` is True
    for a fault because of which the device does not do its work now.
    """

    field: str
    value: str
    label: str
    fault: bool | None
    known: bool = True
    is_critical: bool = False


@cache
def health_values() -> tuple[HealthValue, ...]:
    """Return the whole table in the order of health.json."""
    import json

    rows: list[dict[str, Any]] = json.loads(read_text("health.json"))
    return tuple(
        HealthValue(
            row["field"],
            row["value"],
            row["label"],
            row["fault"],
            is_critical=row.get("severity") == "critical",
        )
        for row in rows
    )


@cache
def _by_field() -> dict[str, dict[str, HealthValue]]:
    fields: dict[str, dict[str, HealthValue]] = {}
    for row in health_values():
        fields.setdefault(row.field, {})[_fold(row.value)] = row
    return fields


@cache
def judged_fields(prefix: str) -> Mapping[str, frozenset[str]]:
    """Return the fields below a prefix whose values mean something, each with the spellings that are surely no fault.

    Args:
        prefix: such as `alarmDeviceStatus.zones[].`, empty for the device itself.
    """
    return {
        field.removeprefix(prefix): frozenset(
            spelling for row in rows.values() if not row.fault for spelling in (row.value, row.value.lower())
        )
        for field, rows in _by_field().items()
        if field.startswith(prefix) and "." not in field.removeprefix(prefix)
    }


def judge_health(field: str, value: object) -> tuple[HealthValue, ...]:
    """Return what a report's value means: one row, several for `arcConnectStatus`, none for an empty value.

    Args:
        field: path below `reportDetail[]`, with `[]` behind lists: `alarmDeviceStatus.zones[].batteryStatus`.
        value: as the report has it, in any form and case.

    Fields that the table does not have give no row: they carry names, times and counts.
    """
    rows = _by_field().get(field)
    if rows is None or value is None:
        return ()
    words = [word for word in str(value).split(",") if word.strip()]
    return tuple(
        rows.get(_fold(word))
        or HealthValue(field, word.strip(), f"unknown ({word.strip()})", None, known=False)
        for word in words
    )


def _fold(value: str) -> str:
    """Return the form in which spellings are equal; `not connected[2]` loses the number of the ARC."""
    return "".join(value.split("[", 1)[0].split()).casefold()
