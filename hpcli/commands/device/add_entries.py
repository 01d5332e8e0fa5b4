"""The devices that `hpcli device add` is given: serials with their codes, or lines of a CSV file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from hpcli.client.checks import check_length, check_unique
from hpcli.client.device.devices import NewDevice, check_code, check_info
from hpcli.commands.framework.device_codes import IN_ARGUMENT, check_source, read_codes
from hpcli.commands.framework.import_item import Lines
from hpcli.commands.framework.import_rows import read_rows
from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.tables import Row

COLUMNS = ("serial", "code", "site", "name", "info")

_LABEL = re.compile("[A-Za-z]{6}")
_CODES_HINT = "Omit it to be asked for it, or use --codes -, --codes @FILE or a CSV file."


class Place(NamedTuple):
    """What a file says of a site, in case that it is new: time zone and parts of the address."""

    zone: str | None = None
    address: Mapping[str, str] = MappingProxyType({})


_NOWHERE = Place()


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
        place: of its site.
    """

    serial: str
    code: str = field(repr=False)
    site: str
    name: str | None = None
    info: str | None = None
    line: int | None = None
    place: Place = _NOWHERE

    @property
    def device(self) -> NewDevice:
        """The item of the call."""
        return NewDevice(self.serial, self.code, self.info)

    @property
    def label(self) -> str:
        """The name of the device in messages."""
        return self.serial if self.line is None else f"line {self.line}: {self.serial}"


def read_entries(
    ctx: Context,
    file: str,
    site: str | None,
    also: Sequence[str] = (),
    zone: str | None = None,
    report: str | None = None,
) -> Lines[Entry]:
    """Return the devices of a CSV file.

    Args:
        ctx: the command's context.
        file: `--from`.
        site: of rows without one.
        also: columns about new sites.
        zone: time zone of new sites without one.
        report: file for the outcome of each row.

    Raises:
        UsageError: the file has errors; the message names the line.
    """
    return read_rows(
        ctx,
        file,
        (*COLUMNS, *also),
        COLUMNS[:2],
        lambda row: _entry(row, site, zone, tuple(also)[1:]),
        report=report,
        options={} if site is not None else {"site": "--site SITE"},
    )


def _entry(row: Row, site: str | None, zone: str | None, parts: Sequence[str]) -> Entry:
    cells = row.cells
    place = Place(cells.get("time-zone", zone), {part: text for part in parts if (text := cells.get(part))})
    serial = row.read("serial", parse_serial, "")
    return Entry(
        serial,
        row.read("code", lambda code: label_code(check_code(serial or "the device", code)), ""),
        cells.get("site") or site or "",
        row.read("name", lambda text: check_length("name", text, 1, 128), None),
        row.read("info", check_info, None),
        row.line,
        place,
    )


def label_code(code: str) -> str:
    """Return a verification code as labels have it: six letters are capitals there."""
    return code.upper() if _LABEL.fullmatch(code) else code


def typed_entries(
    ctx: Context, serials: Sequence[str], site: str | None, info: str | None, codes: str | None
) -> list[Entry]:
    """Return the devices of the command line, with their codes."""
    if any(":" in text and not text.startswith("@") for text in serials):
        raise UsageError(IN_ARGUMENT, hint=_CODES_HINT)
    if codes is not None:
        check_source(codes, _CODES_HINT)
    if site is None:
        raise UsageError("The site is missing.", hint="Use --site SITE.")
    wanted = [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    check_unique("serial", wanted)
    given = read_codes(ctx, codes) if codes is not None else {}
    missing = [serial for serial in wanted if codes is not None and serial not in given]
    if missing:
        raise UsageError(f"--codes has no line for {', '.join(missing)}.")
    if len(given) < len(wanted):
        ctx.lookups.site_id(site)  # report a wrong site before the user types codes
    for serial in wanted:
        if serial not in given:
            given[serial] = ctx.inputs.read_secret(
                f"Verification code of {serial}", from_stdin=False, option="--codes - or --codes @FILE"
            )
    entries = [Entry(serial, label_code(given[serial]), site, info=info) for serial in wanted]
    for entry in entries:
        entry.device.body()
    return entries
