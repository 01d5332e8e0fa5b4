"""`hpcli access status`: which devices persons have access to."""

from collections.abc import Mapping
from typing import Any

from hpcli.api.operations.access.permissions import STATUS
from hpcli.client.access.permissions import APPLIED, FAILED
from hpcli.client.device.isapi import told_refusal
from hpcli.client.paging import count_of
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.credentials import missing_parts, show_done
from hpcli.commands.framework.options import PersonsArgument
from hpcli.commands.framework.persons import open_book, person_names, read_person_ids
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.run.context import Context

_TONES = {0: "unknown", 1: "good", 2: "bad"}


def _missing(value: Any, row: Mapping[str, Any]) -> str:
    """Show which parts are not on the device and why: status 1 not supported or not given, 2 failed (§3.47)."""
    why = {APPLIED: "not supported or not given", FAILED: "failed"}.get(count_of(row.get("status")))
    names = missing_parts(value)
    return f"{', '.join(names)}: {why}" if names and why else ""


def _error(value: Any, _row: Mapping[str, Any]) -> str:
    return str(told_refusal(str(value), "")) if str(value or "0").strip() != "0" else ""


def _person(value: Any, row: Mapping[str, Any]) -> str:
    number, name = str(row.get("employeeNo") or ""), str(row.get("personName") or "")
    return f"{number} {name}".strip() or str(value)


STATUSES = View(
    noun="permission",
    id="personId",
    columns=(
        Column("PERSON", "personId", show=_person),
        Column("DEVICE", "deviceSerial"),
        code_column("STATE", "status", "privilegeStatus", style=lambda value, _row: _TONES.get(value)),
        Column("APPLIED", "subStatus", show=show_done),
        Column("MISSING", "subStatus", show=_missing, wide=True, wraps=True, priority=1),
        Column("ERROR", "error", show=_error, wide=True, wraps=True, priority=2),
    ),
    fields=lambda: ("personId", "deviceSerial", "status", "subStatus", "error", "employeeNo", "personName"),
)


@calls(STATUS)
def show_status(ctx: Context, persons: PersonsArgument) -> None:
    """Show which devices persons have access to.

    Persons added on this computer are shown by employee number and name. A missing part
    is not supported by the device, or failed. The number in brackets is the platform's
    bit field.

    $ hpcli access status 638b2584a96b9818d6decde85f0dc6cc
    """
    wanted = read_person_ids(ctx, persons)
    rows = ctx.client.access.status(wanted)
    people = open_book(ctx).people()
    ctx.run.printer.rows((_named(row, people) for row in rows), STATUSES)
    missing = [person for person in wanted if person not in {row["personId"] for row in rows}]
    if missing:
        names = person_names(ctx, missing)
        ctx.info(
            f"{', '.join(names.values())}: no access to any device, or no such person. "
            "`hpcli access grant` gives access; `hpcli person add` prints person ids."
        )


def _named(row: Mapping[str, Any], people: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return a row with the employee number and the name of the person; null where this computer knows none."""
    number, name = people.get(str(row.get("personId")), ("", ""))
    return {**row, "employeeNo": number or None, "personName": name or None}
