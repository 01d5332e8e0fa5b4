"""`hpcli device add`: add devices by serial or from a CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import ADD, SEARCH, UPDATE
from hpcli.api.operations.site import SEARCH as SEARCH_SITES
from hpcli.client.checks import check_length, check_unique
from hpcli.client.device.devices import DEVICES_A_CALL, NewDevice, add_refusal, is_ours_already
from hpcli.commands.framework.import_rows import attempt_lines, read_rows
from hpcli.commands.framework.options import SERIALS, ImportFile, SiteOption
from hpcli.commands.framework.verb import calls
from hpcli.errors import ConflictError, HpcliError, NotFoundError, PlatformError, UsageError
from hpcli.parse import parse_serial
from hpcli.run.attempts import once
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import AddedDevices, DeviceRow
    from hpcli.run.attempts import Attempt

COLUMNS = ("serial", "code", "site", "name", "info")


_UNKNOWN = "EVZ20002"
_SITES_ONE_BY_ONE = 10  # with more, one listing of the account costs fewer calls


_IN_ARGV = "Other users of this computer can read a verification code in an argument."


_CODES_HINT = "Omit it to be asked for it, or use --codes -, --codes @FILE or a CSV file."


@dataclass(frozen=True, slots=True)
class Entry:
    """A device to add.

    Attributes:
        serial: its serial.
        code: its verification code.
        site: id or name of the site.
        name: new name, None to keep that of the device.
        info: extra text.
        line: line in the CSV file, None for a device of the command line.
    """

    serial: str
    code: str = field(repr=False)
    site: str
    name: str | None = None
    info: str | None = None
    line: int | None = None

    @property
    def device(self) -> NewDevice:
        """The item of the call."""
        return NewDevice(self.serial, self.code, self.info)

    @property
    def label(self) -> str:
        """The name of the device in messages."""
        return self.serial if self.line is None else f"line {self.line}: {self.serial}"


@calls(ADD, UPDATE, SEARCH, SEARCH_SITES)
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
    site, name and info; --site applies to rows without a site. The whole file is
    checked first. Devices already on their site count as done, so you can import
    the file again. They keep their name and info, unless you give --update.

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
        entries = _typed_entries(ctx, serials or [], site, info, codes)
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

    found: dict[str, str] = {}
    wrong: dict[str, HpcliError] = {}
    for name in dict.fromkeys(entry.site for entry in entries):
        try:
            found[name] = str(ctx.client.site.find(name)["id"])
        except (NotFoundError, UsageError) as error:
            if name == default:
                raise
            wrong[name] = error
    faults = LineFaults()
    for entry in entries:
        if entry.site in wrong:
            with faults.at(entry.line or 0):
                raise wrong[entry.site]
    faults.raise_any(ctx.warn)
    return found


def read_entries(ctx: Context, file: str, site: str | None) -> list[Entry]:
    """Return the devices of a CSV file.

    Raises:
        UsageError: the file has errors; the message names the line.
    """
    return read_rows(
        ctx, file, COLUMNS, COLUMNS[:2], lambda row: _entry({"site": site, **row.cells}, row.line)
    )


def _entry(cells: Mapping[str, str | None], line: int) -> Entry:
    site, name = cells.get("site"), cells.get("name")
    if site is None:
        raise UsageError("site is empty.", hint="Fill it in, or use --site SITE.")
    if name is not None:
        check_length("name", name, 1, 128)
    entry = Entry(
        parse_serial(cells["serial"] or ""), cells["code"] or "", site, name, cells.get("info"), line
    )
    entry.device.body()
    return entry


def _typed_entries(
    ctx: Context, serials: Sequence[str], site: str | None, info: str | None, codes: str | None
) -> list[Entry]:
    """Return the devices of the command line, with their codes."""
    if any(":" in text and not text.startswith("@") for text in serials):
        raise UsageError(_IN_ARGV, hint=_CODES_HINT)
    if codes is not None and codes != "-" and not codes.startswith("@"):
        raise UsageError(_IN_ARGV, hint=_CODES_HINT)
    if site is None:
        raise UsageError("The site is missing.", hint="Use --site SITE.")
    wanted = [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    check_unique("serial", wanted)
    given = read_codes(ctx, codes) if codes is not None else {}
    missing = [serial for serial in wanted if codes is not None and serial not in given]
    if missing:
        raise UsageError(f"--codes has no line for {', '.join(missing)}.")
    if len(given) < len(wanted):
        ctx.client.site.find(site)  # report a wrong site before the user types codes
    for serial in wanted:
        if serial not in given:
            given[serial] = ctx.inputs.read_secret(
                f"Verification code of {serial}", from_stdin=False, option="--codes - or --codes @FILE"
            )
    entries = [Entry(serial, given[serial], site, info=info) for serial in wanted]
    for entry in entries:
        entry.device.body()
    return entries


def read_codes(ctx: Context, source: str) -> dict[str, str]:
    """Return the verification codes of a text with one SERIAL:CODE a line, split at the first colon.

    Raises:
        UsageError: a line has another form; the message gives its number but does not quote it.
    """
    codes: dict[str, str] = {}
    for number, line in enumerate(ctx.inputs.read_text(source, "verification codes").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        serial, colon, code = line.strip().partition(":")
        if not colon or not code:
            raise UsageError(f"Line {number} of the verification codes is not SERIAL:CODE.")
        if parse_serial(serial) in codes:
            raise UsageError(f"Line {number} of the verification codes repeats {serial}.")
        codes[parse_serial(serial)] = code.strip()
    return codes


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
        if row is not None and row.get("deviceName") != entry.name:
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
        if wanted is not None and wanted != (before or "")
    }


def _update(ctx: Context, entry: Entry, row: DeviceRow) -> None:
    """Update name and info of a device from the file; missing values stay unchanged."""
    ctx.client.device.update(str(row["id"]), entry.name or str(row.get("deviceName") or ""), info=entry.info)


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
