"""`hpcli site add --from` and `site update --from`: the sites of a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcli.client.checks import check_length
from hpcli.client.rows import needed
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.commands.framework.import_rows import read_rows, refuse_repeated_sites
from hpcli.commands.framework.imports import ImportItem, impossible, run_import, there
from hpcli.commands.framework.old_new import new_site_words
from hpcli.commands.site.change import change_site, site_words
from hpcli.errors import HpcliError, NotFoundError, UsageError
from hpcli.reference.timezones import time_zone_of
from hpcli.run.context import Context
from hpcli.run.yes_no import read_yes_no

if TYPE_CHECKING:
    from hpcli.run.tables import Row

NEW_COLUMNS = ("name", "time-zone", "sync-time", *ADDRESS_FIELDS)
COLUMNS = ("site", "name", *ADDRESS_FIELDS)


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
    if time_zone is not None:
        time_zone_of(time_zone)  # an error in the option is not that of a line

    def read(row: Row) -> NewSite:
        zone = row.cells.get("time-zone", time_zone)
        row.read("time-zone", time_zone_of, None)
        is_sync = row.read("sync-time", lambda text: read_yes_no(text, "sync-time"), sync)
        name = row.read("name", lambda text: check_length("name", text, 1, 128), "")
        return NewSite(row.line, name, zone or "", is_sync, {**address, **_address_of(row)})

    lines = read_rows(
        ctx,
        file,
        NEW_COLUMNS,
        NEW_COLUMNS[:1],
        read,
        check=_check_kind,
        report=report,
        options={} if time_zone is not None else {"time-zone": "--time-zone TZ"},
    )
    absent = ctx.lookups.find_sites([site.name for site in lines.items])
    run_import(
        ctx,
        [_added(ctx, site, absent.get(site.name)) for site in lines.items],
        wrong=lines.wrong,
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
        words = new_site_words(_zone_words(site.time_zone), site.address)
        return ImportItem(site.line, site.name, "+", words, lambda: _add(ctx, site))
    if isinstance(absence, UsageError):
        return impossible(site.line, site.name, absence)
    row = ctx.lookups.known_site(site.name)
    differing = site_words(row, None, site.address)
    changes = "; `hpcli site update --from FILE` with the same file changes it" if differing else ""
    words = f" (differs: {differing}{changes})" if differing else ""
    return there(site.line, site.name, words, {"id": row.get("id")})


def _zone_words(typed: str) -> str:
    """Return the time zone of a new site as it will be listed: one row of the platform's list has many places."""
    zone = time_zone_of(typed)
    listed = zone.iana or zone.name
    is_listed = typed.isdecimal() or typed in (listed, zone.name)
    return typed if is_listed else f"{typed}, listed as {listed} ({zone.number})"


def _add(ctx: Context, site: NewSite) -> dict[str, Any]:
    row = ctx.client.site.add(site.name, site.time_zone, sync_time=site.sync_time, address=site.address)
    return {**row, "id": needed(row, "id")}


def update_sites_of_file(ctx: Context, file: str, report: str | None) -> None:
    """Change the sites of a file as it says; empty cells leave a value as it is.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """

    def read(row: Row) -> SiteRow:
        name = row.read("name", lambda text: check_length("name", text, 1, 128), None)
        return SiteRow(row.line, row.cells.get("site", ""), name, _address_of(row))

    # A file of `site add` has no column site: its names say which sites they are.
    lines = read_rows(
        ctx, file, COLUMNS, COLUMNS[:1], read, check=_check_kind, report=report, instead={"site": "name"}
    )
    errors = ctx.lookups.find_sites([row.site for row in lines.items])
    lines = refuse_repeated_sites(ctx, lines, report)
    rows = lines.items
    # An earlier run may have renamed what has its old name in the file.
    ctx.lookups.find_sites([row.name for row in rows if row.site in errors and row.name])
    run_import(
        ctx, [_changed(ctx, row, errors.get(row.site)) for row in rows], wrong=lines.wrong, report=report
    )


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
    return {
        part: row.read(part, partial(check_length, part, least=0, most=128), "")
        for part in ADDRESS_FIELDS
        if part in row.cells
    }
