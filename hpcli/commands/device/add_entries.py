"""The devices that `hpcli device add` is given: serials with their codes, or lines of a CSV file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hpcli.client.checks import check_length, check_unique
from hpcli.client.device.devices import NewDevice, check_code, check_info
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.commands.framework.device_codes import IN_ARGUMENT, check_source, read_codes
from hpcli.commands.framework.import_item import Lines
from hpcli.commands.framework.import_rows import read_rows
from hpcli.errors import UsageError
from hpcli.names import folded, normal
from hpcli.parse import parse_serial
from hpcli.reference.timezones import time_zone_of
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.tables import Row

_ZONE = "time-zone"
PLACE_COLUMNS = (_ZONE, *ADDRESS_FIELDS)
"""Columns of a file that are about a new site."""
COLUMNS = ("serial", "code", "site", "name", "info")

_LABEL = re.compile("[A-Za-z]{6}")
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
        place: what its line says of its site, in case that it is new: column to text.
    """

    serial: str
    code: str = field(repr=False)
    site: str
    name: str | None = None
    info: str | None = None
    line: int | None = None
    place: Mapping[str, str] = field(default_factory=dict)

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
    report: str | None = None,
) -> Lines[Entry]:
    """Return the devices of a CSV file.

    Args:
        ctx: the command's context.
        file: `--from`.
        site: of rows without one.
        also: columns about new sites; lines that say different things of one site are wrong.
        report: file for the outcome of each row.

    Raises:
        UsageError: the file has errors; the message names the line.
    """
    places = SitePlaces(also)
    return read_rows(
        ctx,
        file,
        (*COLUMNS, *also),
        COLUMNS[:2],
        lambda row: _entry(row, site, places),
        report=report,
        options={} if site is not None else {"site": "--site SITE"},
    )


def _entry(row: Row, site: str | None, places: SitePlaces) -> Entry:
    cells = row.cells
    serial = row.read("serial", parse_serial, "")
    return Entry(
        serial,
        row.read("code", lambda code: label_code(check_code(serial or "the device", code)), ""),
        cells.get("site") or site or "",
        row.read("name", lambda text: check_length("name", text, 1, 128), None),
        row.read("info", check_info, None),
        row.line,
        places.read(row, cells.get("site") or site or ""),
    )


class SitePlaces:
    """What the lines of a file say of their sites: each line may say a part of it, but none against another.

    Args:
        columns: those about a site.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._said: dict[tuple[str, str], tuple[str, int]] = {}

    def read(self, row: Row, site: str) -> dict[str, str]:
        """Return what a row says of its site; note in the row what is wrong with that."""
        if self._columns:
            row.check(partial(check_length, "site", site, 0, 128), "")
        place: dict[str, str] = {}
        for column in self._columns:
            if column in row.cells:
                place[column] = row.read(column, partial(self._read, column, site, row.line), "")
        return place

    def _read(self, column: str, site: str, line: int, text: str) -> str:
        """Return the text of a cell.

        Raises:
            UsageError: it is wrong, or an earlier line says something else of the site.
        """
        meant = str(time_zone_of(text).number) if column == _ZONE else check_length(column, text, 0, 128)
        said, first = self._said.setdefault((folded(site), column), (text, line))
        before = str(time_zone_of(said).number) if column == _ZONE else said
        if normal(before) != normal(meant):
            raise UsageError(
                f"The {column} of the site '{site}' is '{text}' in this line, but '{said}' in line {first}.",
                hint="Write the same in both, or leave one of them empty.",
            )
        return text


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
