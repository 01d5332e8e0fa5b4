"""`hpcli customer permit --from`: permissions of the end users of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from hpcli.client.handover_permissions import (
    ALL,
    PermissionRequest,
    account_entry,
    device_of,
    parse_permission_request,
    shared_device,
)
from hpcli.client.rows import needed
from hpcli.commands.customer.permit_change import PermitChange, adjust_permissions, set_permissions
from hpcli.commands.framework.import_rows import read_rows
from hpcli.commands.framework.imports import ImportItem, impossible, run_import
from hpcli.errors import NotFoundError, UsageError
from hpcli.names import folded
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.errors import HpcliError
    from hpcli.run.tables import Row

COLUMNS = ("site", "account", "device", "permissions", "add", "take")


class PermitRow(NamedTuple):
    """What a row says about one device of an end user."""

    line: int
    site: str
    account: str
    set: PermissionRequest | None
    add: PermissionRequest | None
    take: PermissionRequest | None

    @property
    def serial(self) -> str:
        """The device."""
        return next((one.serial for one in (self.set, self.add, self.take) if one is not None), "")


def permit_customers_of_file(ctx: Context, file: str, report: str | None) -> None:
    """Change the permissions of the end users of a file, with one call for each.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """
    earlier: dict[tuple[str, str, str], list[PermitRow]] = {}

    def read(row: Row) -> PermitRow:
        wanted = _read(row)
        others = earlier.setdefault((folded(wanted.site), wanted.account, wanted.serial), [])
        row.check(lambda: _check_agreement(wanted, others), None)
        others.append(wanted)
        return wanted

    lines = read_rows(ctx, file, COLUMNS, COLUMNS[:3], read, is_unique=False, report=report)
    rows = lines.items
    groups: dict[tuple[str, str], list[PermitRow]] = {}
    for row in rows:
        groups.setdefault((row.site, row.account), []).append(row)
    errors = ctx.lookups.find_sites(list(dict.fromkeys(row.site for row in rows)))
    accounts = [account for _, account in groups]
    items = [
        _item(ctx, some, account if accounts.count(account) == 1 else f"{account} ({site})", errors.get(site))
        for (site, account), some in groups.items()
    ]
    question = "Change the permissions of the end users of {}?"
    run_import(ctx, items, wrong=lines.wrong, report=report, question=question)


def _read(row: Row) -> PermitRow:
    device = row.cells.get("device", "")
    given = {
        name: row.read(name, lambda text: parse_permission_request(f"{device}:{text}"), None)
        for name in COLUMNS[3:]
        if device
    }
    filled = row.cells.keys() & set(COLUMNS[3:])
    if not filled or ("permissions" in filled and len(filled) > 1):
        row.fault(UsageError("Fill in permissions, or add and take."))
    row.read("account", account_entry, None)
    return PermitRow(
        row.line,
        row.cells.get("site", ""),
        row.cells.get("account", ""),
        given.get("permissions"),
        given.get("add"),
        given.get("take"),
    )


def _check_agreement(row: PermitRow, others: Sequence[PermitRow]) -> None:
    """Check that no two rows of a device contradict each other.

    Raises:
        UsageError: they do; the message names the earlier line.
    """
    for other in others:
        is_mixed = (row.set is None) != (other.set is None)
        is_other = _meet(row.set, other.set) and row.set != other.set
        if is_mixed or is_other or _undoes(row.add, other.take) or _undoes(row.take, other.add):
            raise UsageError(
                f"Line {other.line} says otherwise what {row.account} may do with {row.serial}.",
                hint="Leave one of the two lines out.",
            )


def _undoes(one: PermissionRequest | None, other: PermissionRequest | None) -> bool:
    """Whether one request gives what the other one takes."""
    return _meet(one, other) and bool(
        set(one.permissions if one else ()) & set(other.permissions if other else ())
    )


def _meet(one: PermissionRequest | None, other: PermissionRequest | None) -> bool:
    """Whether two requests are about the same channels or areas."""
    if one is None or other is None:
        return False
    return ALL in (*one.places, *other.places) or bool(set(one.places) & set(other.places))


def _item(ctx: Context, rows: list[PermitRow], target: str, error: HpcliError | None) -> ImportItem:
    """Return what the rows of one end user change."""
    line = rows[0].line
    if error is not None:
        return impossible(line, target, error)
    try:
        change = _change(ctx, rows)
    except (NotFoundError, UsageError) as refused:
        return impossible(line, target, refused)
    words = "; ".join(change.lines)
    return ImportItem(
        line, target, "~" if words else "=", words, (lambda: change.send(ctx)) if words else None
    )


def _change(ctx: Context, rows: list[PermitRow]) -> PermitChange:
    site_id, account = needed(ctx.lookups.site_named(rows[0].site), "id"), rows[0].account
    before = ctx.client.customer.show(site_id, account)
    devices = ctx.client.device.known(site_id=site_id)
    wanted = [shared_device(row.set, device_of(row.set, devices)) for row in rows if row.set]
    whole = set_permissions(site_id, account, before, wanted, only=False)
    add, take = [row.add for row in rows if row.add], [row.take for row in rows if row.take]
    if not add and not take:
        return whole
    after = adjust_permissions(ctx, site_id, account, whole.after, add, take).after
    return PermitChange(site_id, account, before, after)
