"""`hpcli site add --from` and `site update --from`: the sites of a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcli.client.checks import check_length
from hpcli.client.rows import needed
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.commands.framework.import_rows import read_rows
from hpcli.commands.framework.imports import ImportItem, impossible, run_import
from hpcli.commands.site.change import change_site, site_words
from hpcli.errors import HpcliError, NotFoundError, UsageError
from hpcli.reference.timezones import time_zone_of
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.tables import Row

NEW_COLUMNS = ("name", "time-zone", "sync-time", *ADDRESS_FIELDS)
COLUMNS = ("site", "name", *ADDRESS_FIELDS)
_YES, _NO = ("yes", "true", "1", "x"), ("no", "false", "0", "")


class NewSite(NamedTuple):
    """A site to add."""

    line: int
    name: str
    time_zone: str
    sync_time: bool
    address: Mapping[str, str]


class SiteRow(NamedTuple):
    """A site to change."""

    line: int
    site: str
    name: str | None
    address: Mapping[str, str]


def add_sites_of_file(
    ctx: Context,
    file: str,
    report: str | None,
    time_zone: str | None,
    address: Mapping[str, str],
    *,
    sync: bool,
) -> None:
    """Add the sites of a file that are not there yet.

    Args:
        ctx: the command's context.
        file: `--from`.
        report: `--report`.
        time_zone: of rows without one.
        address: parts of it for rows without them.
        sync: set the time zone on the devices too, where a row does not say.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """

    def read(row: Row) -> NewSite:
        zone = row.cells.get("time-zone", time_zone)
        if zone is None:
            raise UsageError("time-zone is empty.", hint="Fill it in, or use --time-zone TZ.")
        given = {**address, **_address_of(row)}
        is_sync = _yes(row.cells["sync-time"]) if "sync-time" in row.cells else sync
        name = check_length("name", row.cells["name"], 1, 128)
        time_zone_of(zone)  # raises
        return NewSite(row.line, name, zone, is_sync, given)

    sites = read_rows(ctx, file, NEW_COLUMNS, NEW_COLUMNS[:1], read, check=_check_kind)
    absent = ctx.lookups.find_sites([site.name for site in sites])
    run_import(
        ctx,
        [_added(ctx, site, absent.get(site.name)) for site in sites],
        report=report,
        new_id=lambda data: data.get("id"),
        calls=2,  # its id is looked up
    )


def _check_kind(columns: Collection[str]) -> None:
    """Refuse a file of devices, whose `name` is that of a device.

    Raises:
        UsageError: it is one.
    """
    if {"serial", "site"} <= set(columns):
        raise UsageError(
            "This is a file of devices: its names are theirs.",
            hint="`hpcli device add --from FILE --add-sites` adds the sites of the column site, and the devices.",
        )


def _added(ctx: Context, site: NewSite, absence: Exception | None) -> ImportItem:
    if isinstance(absence, NotFoundError):
        return ImportItem(site.line, site.name, "+", f"time zone {site.time_zone}", lambda: _add(ctx, site))
    if isinstance(absence, UsageError):
        return impossible(site.line, site.name, absence)
    differing = site_words(ctx.lookups.known_site(site.name), None, site.address)
    words = (
        f"there already (differs: {differing}; `site update --from` changes it)"
        if differing
        else "there already"
    )
    return ImportItem(site.line, site.name, "=", words)


def _add(ctx: Context, site: NewSite) -> dict[str, Any]:
    row = ctx.client.site.add(site.name, site.time_zone, sync_time=site.sync_time, address=site.address)
    return {**row, "id": needed(row, "id")}


def update_sites_of_file(ctx: Context, file: str, report: str | None) -> None:
    """Change the sites of a file as it says; empty cells leave a value as it is.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """

    def read(row: Row) -> SiteRow:
        name = row.cells.get("name")
        if name is not None:
            check_length("name", name, 1, 128)
        return SiteRow(row.line, row.cells["site"], name, _address_of(row))

    rows = read_rows(ctx, file, COLUMNS, COLUMNS[:1], read)
    errors = ctx.lookups.find_sites([row.site for row in rows])
    # An earlier run may have renamed what has its old name in the file.
    ctx.lookups.find_sites([row.name for row in rows if row.site in errors and row.name])
    run_import(ctx, [_changed(ctx, row, errors.get(row.site)) for row in rows], report=report)


def _changed(ctx: Context, row: SiteRow, error: HpcliError | None) -> ImportItem:
    name = row.site if error is None else row.name or ""
    if error is not None and not ctx.lookups.knows_site(name):
        return impossible(row.line, row.site, error)
    site = ctx.lookups.site(name)
    words = site_words(site, row.name, row.address)
    change = _changing(ctx, site, row) if words else None
    return ImportItem(row.line, row.site, "~" if words else "=", words, change)


def _changing(ctx: Context, site: Mapping[str, Any], row: SiteRow) -> Any:
    return lambda: change_site(ctx, site, row.name, row.address)


def _address_of(row: Row) -> dict[str, str]:
    found = {part: row.cells[part] for part in ADDRESS_FIELDS if part in row.cells}
    return {part: check_length(part, text, 0, 128) for part, text in found.items()}


def _yes(text: str) -> bool:
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise UsageError(f"sync-time is '{text}', not yes or no.")
