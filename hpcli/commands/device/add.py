"""`hpcli device add`: add devices by serial or from a CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import ADD, SEARCH, UPDATE
from hpcli.api.operations.site import SEARCH as SEARCH_SITES
from hpcli.client.device.devices import DEVICES_A_CALL, add_refusal, is_ours_already
from hpcli.client.rows import needed
from hpcli.commands.device.add_entries import Entry, read_entries, typed_entries
from hpcli.commands.framework.import_rows import attempt_lines
from hpcli.commands.framework.options import SERIALS, ImportFile, SiteOption
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import ConflictError, HpcliError, NotFoundError, PlatformError, UsageError
from hpcli.names import normal
from hpcli.run.attempts import once
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import AddedDevices, DeviceRow
    from hpcli.run.attempts import Attempt

_UNKNOWN = "EVZ20002"
_SITES_ONE_BY_ONE = 10  # with more, one listing of the account costs fewer calls


@calls(ADD, UPDATE, SEARCH, SEARCH_SITES)
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
) -> None:
    """Add devices to a site.

    The verification code is on the device's label. You are asked for it, or it is
    read from --codes or the CSV file. Columns of the CSV file are serial, code,
    site, name and info, in any order, separated by commas, semicolons or tabs; --site
    applies to rows without a site. The whole file is checked first. Devices already on
    their site count as done, so you can import the file again. They keep their name and
    info, unless you give --update.

    For object-model devices, run `device iot-ability` first, add the device, then
    run `device iot-result --wait`.

    $ hpcli device add K77120045 --site "Bäckerei Grünwald"
    $ hpcli device add K77120045 K77120046 --site "Bäckerei Grünwald" --codes @codes.txt
    $ hpcli device add --from devices.csv
    """
    if (file is None) == (not serials):
        raise UsageError("Give serials or --from FILE.", hint="`hpcli device add --help` explains both.")
    if file is not None:
        if codes is not None or info is not None:
            raise UsageError("With --from, codes and info come from the file.")
        entries = read_entries(ctx, file, site)
    else:
        if update:
            raise UsageError("--update goes with --from.", hint="`hpcli device update` renames a device.")
        entries = typed_entries(ctx, serials or [], site, info, codes)
    site_ids = _find_sites(ctx, entries, site)
    labels = {entry.serial: entry.label for entry in entries}

    ctx.report(
        _attempts(ctx, entries, site_ids, update=update),
        lambda serial, data: f"{labels[serial]} {_outcome_words(data)}.",
        is_one=len(entries) == 1 and file is None,
        named=lambda outcome: labels[outcome.target],
    )


def _find_sites(ctx: Context, entries: Sequence[Entry], default: str | None) -> dict[str, str]:
    """Return the ids of the sites by their names in the entries.

    Args:
        ctx: the command's context.
        entries: the devices to add.
        default: the value of `--site`; an error in it is not that of a line.

    Raises:
        UsageError: lines name unknown or ambiguous sites; a warning names each line.
        NotFoundError: there is no site `default`.
    """
    from hpcli.run.tables import LineFaults

    names = list(dict.fromkeys(entry.site for entry in entries))
    if names == [default]:
        return {name: ctx.lookups.site_id(name) for name in names}
    wrong = ctx.lookups.find_sites(names)
    if default in wrong:
        raise wrong[default]
    faults = LineFaults()
    for entry in entries:
        if entry.site in wrong:
            with faults.at(entry.line or 0):
                raise wrong[entry.site]
    faults.raise_any(ctx.warn)
    return {name: ctx.lookups.site_id(name) for name in names}


def _outcome_words(data: Mapping[str, Any]) -> str:
    """Describe the outcome of a device: added, already there with its differences, or the changes made."""
    differences: Mapping[str, Mapping[str, Any]] = data.get("differences") or {}
    if data["outcome"] == "added":
        return "was added"
    if not differences:
        return "is already there"
    if data["outcome"] == "updated":
        changes = (f"{name} {pair['before']!r} → {pair['wanted']!r}" for name, pair in differences.items())
        return f"~ {'; '.join(changes)}"
    differs = (
        f"{name} differs: {pair['before']!r}, not {pair['wanted']!r}" for name, pair in differences.items()
    )
    return f"= already there ({'; '.join(differs)}; --update changes it)"


def _attempts(
    ctx: Context, entries: Sequence[Entry], site_ids: Mapping[str, str], *, update: bool
) -> Iterator[Attempt]:
    """Add the devices, one call for each site; yield the outcomes in the order of the entries."""
    by_site: dict[str, list[Entry]] = {}
    for entry in entries:
        by_site.setdefault(site_ids[entry.site], []).append(entry)
    calls: dict[str, Callable[[], AddedDevices]] = {}
    firsts: set[str] = set()
    for site_id, there in by_site.items():
        for start in range(0, len(there), DEVICES_A_CALL):
            some = there[start : start + DEVICES_A_CALL]
            calls |= dict.fromkeys((entry.serial for entry in some), _adding(ctx, site_id, some))
            firsts.add(some[0].serial)
    if ctx.settings.get("dry-run"):
        present = _present_by_serial(
            ctx, [site_ids[entry.site] for entry in entries if entry.name is not None]
        )
        _plan(ctx, entries, {serial: calls[serial] for serial in firsts}, present, update=update)
        return iter(())
    by_serial = {entry.serial: entry for entry in entries}
    return attempt_lines(
        ctx,
        {entry.serial: entry.line for entry in entries},
        lambda serial: _settle(
            ctx, by_serial[serial], site_ids[by_serial[serial].site], calls[serial](), update=update
        ),
    )


def _present_by_serial(ctx: Context, site_ids: Sequence[str]) -> dict[str, DeviceRow]:
    """Return the devices of sites; those of many sites come with one listing of the account."""
    wanted = set(site_ids)
    if len(wanted) > _SITES_ONE_BY_ONE:
        rows = (row for row in ctx.client.device.list() if row.get("siteID") in wanted)
    else:
        rows = (row for site_id in wanted for row in ctx.client.device.list(site_id=site_id))
    return {str(row.get("deviceSerial")).upper(): row for row in rows}


def _plan(
    ctx: Context,
    entries: Sequence[Entry],
    calls: Mapping[str, Callable[[], Any]],
    present: Mapping[str, DeviceRow],
    *,
    update: bool,
) -> None:
    """Plan the calls, each at its first device, and the renames: ids are unknown until devices are added."""
    for entry in entries:
        if entry.serial in calls:
            ctx.send(calls[entry.serial])
        row = present.get(entry.serial.upper())
        if row is not None and update and _differences(entry, row):
            ctx.send(partial(_update, ctx, entry, row))
        elif row is None and entry.name is not None:
            device_id, name = f"<id of {entry.serial}>", entry.name
            ctx.send(partial(ctx.client.device.update, device_id, name))


def _adding(ctx: Context, site_id: str, entries: Sequence[Entry]) -> Callable[[], AddedDevices]:
    """Return a function that adds these devices with one call, at its first use."""
    return once(lambda: ctx.client.device.add(site_id, [entry.device for entry in entries]))


def _settle(
    ctx: Context, entry: Entry, site_id: str, answer: AddedDevices, *, update: bool
) -> dict[str, Any]:
    """Return the outcome of one device, after naming a new one.

    Raises:
        HpcliError: the device was not added, or not named.
    """
    added, failed = (
        next(
            (row for row in answer[name] if str(row.get("deviceSerial")).upper() == entry.serial.upper()),
            None,
        )
        for name in ("addSuccessList", "addFailedList")
    )
    if added is not None:
        row = ctx.client.device.find(entry.serial) if entry.name is not None else None
        if row is not None and normal(str(row.get("deviceName"))) != normal(str(entry.name)):
            _update(ctx, entry, row)
        return {"outcome": "added", **added}
    if failed is None:
        raise PlatformError("The platform did not say whether the device was added.")
    row = _present(ctx, entry, site_id, add_refusal(failed))
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
    ctx.client.device.update(
        needed(row, "id"), entry.name or str(row.get("deviceName") or ""), info=entry.info
    )


def _present(ctx: Context, entry: Entry, site_id: str, refused: HpcliError) -> DeviceRow:
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
    if row.get("siteID") != site_id:
        raise ConflictError(
            f"The device is already on the site '{row.get('siteName')}'.",
            code=refused.code,
            hint=f"Delete it there first: `hpcli device delete {entry.serial}`.",
        )
    return row
