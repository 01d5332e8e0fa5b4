"""`hpcli device add`: add devices by serial or from a CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import ADD, SEARCH, UPDATE
from hpcli.api.operations.site import ADD as ADD_SITE
from hpcli.api.operations.site import SEARCH as SEARCH_SITES
from hpcli.client.device.devices import is_ours_already
from hpcli.commands.device.add_call import AddCall, calls_for
from hpcli.commands.device.add_entries import PLACE_COLUMNS, Entry, read_entries, typed_entries
from hpcli.commands.device.add_sites import Sites, find_sites, refuse_incomplete
from hpcli.commands.device.rename import rename_device
from hpcli.commands.framework.import_item import THERE, Lines
from hpcli.commands.framework.import_plan import PlannedRow
from hpcli.commands.framework.import_report import check_report, reported
from hpcli.commands.framework.import_rows import attempt_lines
from hpcli.commands.framework.imports import end_plan, outcome_line, report_rows
from hpcli.commands.framework.long_work import announce
from hpcli.commands.framework.options import SERIALS, ImportFile, ReportFile, SiteOption
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import ConflictError, HpcliError, NotFoundError, UsageError
from hpcli.names import folded, normal
from hpcli.reference.timezones import time_zone_of
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow
    from hpcli.run.attempts import Attempt

_UNKNOWN = "EVZ20002"
Differences = Mapping[str, Mapping[str, str]]


@calls(ADD, UPDATE, SEARCH, SEARCH_SITES, ADD_SITE)
@many("serials", is_own=True)
def add_devices(
    ctx: Context,
    serials: Annotated[list[str] | None, SERIALS] = None,
    site: SiteOption = None,
    info: Annotated[
        str | None, typer.Option(help="Extra text, up to 256 characters.", metavar="TEXT")
    ] = None,
    codes: Annotated[
        str | None,
        typer.Option(
            help="Verification codes, one SERIAL:CODE a line; - for stdin, @FILE.", metavar="-|@FILE"
        ),
    ] = None,
    file: ImportFile = None,
    update: Annotated[
        bool, typer.Option("--update", help="Update name and info of existing devices from the file.")
    ] = False,
    report: ReportFile = None,
    add_sites: Annotated[
        bool, typer.Option("--add-sites", help="Add the sites of the file that are not there yet.")
    ] = False,
    time_zone: Annotated[
        str | None,
        typer.Option("--time-zone", help="Time zone of new sites that have none in the file.", metavar="TZ"),
    ] = None,
) -> None:
    """Add devices to a site, or devices and sites from a file.

    The verification code is on the device's label. You are asked for it, or it is
    read from --codes or the CSV file. Columns of the CSV file are serial, code,
    site, name and info, in any order, separated by commas, semicolons or tabs; --site
    applies to rows without a site. Six letters of a code count as capitals, as on labels.
    Devices already on their site count as done, so you can import the file again. They
    keep their name and info, unless you give --update. --dry-run shows for each line
    whether the device is new (+), would be changed (~), is as it is (=) or cannot be
    added (!).

    With --add-sites each site that is not there is added before its first device, with the
    columns time-zone, state, city, street and address, where the file has them. Lines of
    one site may each say a part of this, but must not contradict each other.

    For object-model devices, run `device iot-ability` first, add the device, then
    run `device iot-result --wait`.

    $ hpcli device add K77120045 --site "Bäckerei Grünwald"
    $ hpcli device add K77120045 K77120046 --site "Bäckerei Grünwald" --codes @codes.txt
    $ hpcli device add --from devices.csv
    $ hpcli device add --from new-sites.csv --add-sites --time-zone Europe/Berlin
    """
    check_report(report, file)
    if time_zone is not None and not add_sites:
        raise UsageError("--time-zone goes with --add-sites.")
    if add_sites and file is None:
        raise UsageError("--add-sites goes with --from.", hint="`hpcli site add` adds a site.")
    if (file is None) == (not serials):
        raise UsageError("Give serials or --from FILE.", hint="`hpcli device add --help` explains both.")
    if file is not None:
        if codes is not None or info is not None:
            raise UsageError("With --from, codes and info come from the file.")
        also = PLACE_COLUMNS if add_sites else ()
        if time_zone is not None:
            time_zone_of(time_zone)  # an error in the option is not that of a line
        lines = read_entries(ctx, file, site, also, report)
    else:
        if update:
            raise UsageError("--update goes with --from.", hint="`hpcli device update` renames a device.")
        lines = Lines(typed_entries(ctx, serials or [], site, info, codes))
    sites = find_sites(ctx, lines.items, site, adds=add_sites, zone=time_zone)
    lines = refuse_incomplete(ctx, lines, sites, report)
    if ctx.settings.get("dry-run"):
        _plan(ctx, lines, sites, update=update)
        return
    attempts = reported(
        ctx,
        _attempts(ctx, lines.items, sites, update=update),
        report,
        {entry.serial: entry.line for entry in lines.items},
    )
    _report(ctx, lines.items, attempts, is_typed=file is None)


def _report(ctx: Context, entries: Sequence[Entry], attempts: Iterable[Attempt], *, is_typed: bool) -> None:
    """Say what became of each device: in the words of the plan, and for devices that were typed in a sentence."""
    labels = {entry.serial: entry.label for entry in entries}
    if is_typed:
        ctx.report(
            attempts,
            lambda serial, data: (
                f"{serial} {'was added' if data['outcome'] == 'added' else 'is already there'}."
            ),
            is_one=len(entries) == 1,
        )
        return
    report_rows(
        ctx,
        attempts,
        lambda serial, data: outcome_line(data, labels[serial], _outcome_words(data)),
        labels,
    )


def _outcome_words(data: Mapping[str, Any]) -> str:
    """Describe the outcome of a device: added, already there with its differences, or the changes made."""
    differences: Differences = data.get("differences") or {}
    if data["outcome"] == "updated":
        return _change_words(differences)
    return "added" if data["outcome"] == "added" else THERE + _differing_words(differences)


def _change_words(differences: Differences) -> str:
    return "; ".join(f"{name} {pair['before']!r} → {pair['wanted']!r}" for name, pair in differences.items())


def _differing_words(differences: Differences) -> str:
    if not differences:
        return ""
    words = (
        f"{name} differs: {pair['before']!r}, not {pair['wanted']!r}" for name, pair in differences.items()
    )
    return f" ({'; '.join(words)}; --update changes it)"


def _attempts(ctx: Context, entries: Sequence[Entry], sites: Sites, *, update: bool) -> Iterator[Attempt]:
    """Add the devices that are not there, one call for each site; yield the outcomes in the order of the entries."""
    selected = set(ctx.run.job.select(entry.serial for entry in entries))
    entries = [entry for entry in entries if entry.serial in selected]
    present = _present_by_serial(ctx, entries)
    absent = [entry for entry in entries if entry.serial not in present and entry.site not in sites.wrong]
    calls = calls_for(ctx, absent, sites)
    _announce(ctx, absent, calls, sites)
    by_serial = {entry.serial: entry for entry in entries}

    def change(serial: str) -> dict[str, Any]:
        entry = by_serial[serial]
        if entry.site in sites.wrong:
            raise sites.wrong[entry.site]
        if serial in present:
            row = _on_site(present[serial], sites.known(entry.site))
            return _settle_present(ctx, entry, row, update=update)
        calls[serial].make()  # it may add the site
        return _settle(ctx, entry, sites.known(entry.site), calls[serial], update=update)

    def is_under_way(serial: str) -> bool:
        return serial in calls and calls[serial].is_made

    lines = {entry.serial: entry.line for entry in entries}
    return attempt_lines(ctx, lines, change, is_under_way=is_under_way)


def _announce(ctx: Context, absent: Sequence[Entry], calls: Mapping[str, AddCall], sites: Sites) -> None:
    """Say how long it takes: the calls that add and look up, two for a new site, and one for each name."""
    new = len({folded(entry.site) for entry in absent} & set(sites.new))
    named = sum(entry.name is not None for entry in absent)
    adding = set(calls.values())
    lookups = sum(call.lookups for call in adding)
    announce(ctx, len(absent), "device", calls=len(adding) + lookups + 2 * new + named)


def _present_by_serial(ctx: Context, entries: Sequence[Entry]) -> dict[str, DeviceRow]:
    """Return the devices that the account has already, by the serials of the entries; at most one listing."""
    from hpcli.client.find_many import find_devices

    found = find_devices(ctx.client, [entry.serial for entry in entries]) if entries else {}
    return {serial: row for serial, row in found.items() if row.get("siteID")}


def _plan(ctx: Context, lines: Lines[Entry], sites: Sites, *, update: bool) -> None:
    """Show what would be done, and plan the calls, each at its first device.

    Raises:
        HpcliError: lines are wrong, or devices cannot be added.
    """
    entries = lines.items
    present = _present_by_serial(ctx, entries)
    absent = [entry for entry in entries if entry.serial not in present and entry.site not in sites.wrong]
    calls = calls_for(ctx, absent, sites)
    rows: list[PlannedRow] = []
    errors: list[HpcliError | None] = []
    for entry in entries:
        if entry.serial in calls:
            calls[entry.serial].make()
        try:
            rows += _planned(ctx, entry, present.get(entry.serial), sites, update=update)
        except HpcliError as error:
            rows.append(PlannedRow("!", entry.label, f"{error} {error.hint or ''}".rstrip()))
            errors.append(error)
        else:
            errors.append(None)
    end_plan(ctx, rows, errors, lines.wrong)


def _planned(
    ctx: Context, entry: Entry, row: DeviceRow | None, sites: Sites, *, update: bool
) -> list[PlannedRow]:
    """Return what an import would do with a line, and before it with its site; plan the renames.

    Raises:
        HpcliError: the site is not there, or the device is on another one.
    """
    if entry.site in sites.wrong:
        raise sites.wrong[entry.site]
    if row is None:
        if entry.name is not None:
            # its id is unknown until it is added
            ctx.send(partial(ctx.client.device.update, f"<id of {entry.serial}>", entry.name))
        name = "" if entry.name is None else f", named {entry.name!r}"
        return [
            *sites.plan(entry),
            PlannedRow("+", entry.label, f"to the site '{entry.site}'{name}"),
        ]
    differences = _differences(entry, _on_site(row, sites.known(entry.site)))
    if update and differences:
        ctx.send(partial(_update, ctx, entry, row))
        return [PlannedRow("~", entry.label, _change_words(differences))]
    return [PlannedRow("=", entry.label, THERE + _differing_words(differences))]


def _settle(
    ctx: Context, entry: Entry, site_id: str | None, call: AddCall, *, update: bool
) -> dict[str, Any]:
    """Return the outcome of one device, after naming a new one.

    Raises:
        HpcliError: the device was not added, or not named.
    """
    added = call.added(entry.serial)
    if isinstance(added, HpcliError):
        return _settle_present(ctx, entry, _present(ctx, entry, site_id, added), update=update)
    row = call.row(entry.serial) if entry.name is not None else None
    if row is not None and normal(str(row.get("deviceName"))) != normal(str(entry.name)):
        _update(ctx, entry, row)
    return {"outcome": "added", **added}


def _settle_present(ctx: Context, entry: Entry, row: DeviceRow, *, update: bool) -> dict[str, Any]:
    """Return the outcome of a device that is on its site already, after updating it if that is wanted."""
    differences = _differences(entry, row)
    if update and differences:
        _update(ctx, entry, row)
    outcome = "updated" if update and differences else "already there"
    return {"outcome": outcome, "deviceSerial": entry.serial, "differences": differences}


def _differences(entry: Entry, row: DeviceRow) -> dict[str, dict[str, str]]:
    """Return the differences between an existing device and the file: {name: {before, wanted}}."""
    pairs = {"name": (row.get("deviceName"), entry.name), "info": (row.get("extInfo"), entry.info)}
    return {
        name: {"before": before or "", "wanted": wanted}
        for name, (before, wanted) in pairs.items()
        if wanted is not None and normal(wanted) != normal(before or "")
    }


def _update(ctx: Context, entry: Entry, row: DeviceRow) -> None:
    """Update name and info of a device from the file; missing values stay unchanged."""
    rename_device(ctx, row, entry.name, entry.info)


def _present(ctx: Context, entry: Entry, site_id: str | None, refused: HpcliError) -> DeviceRow:
    """Return the row of a device that is already on the site.

    Raises:
        HpcliError: the refusal, if the device is not on the site.
    """
    if refused.code == _UNKNOWN:
        refused.hint = (
            "Check the serial and the code on the label, and that the device is connected to the internet."
        )
    if not is_ours_already(refused):
        raise refused
    try:
        row = ctx.client.device.find(entry.serial)
    except NotFoundError:
        raise refused from None
    return _on_site(row, site_id, refused.code)


def _on_site(row: DeviceRow, site_id: str | None, code: str | None = None) -> DeviceRow:
    """Return the row of a device that is on the site where it is wanted.

    Raises:
        ConflictError: it is on another site.
    """
    if row.get("siteID") != site_id:
        raise ConflictError(
            f"The device is already on the site '{row.get('siteName')}'.",
            code=code,
            hint=f"Delete it there first: `hpcli device delete {row.get('deviceSerial')}`.",
        )
    return row
