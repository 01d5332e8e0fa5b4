"""`hpcli device update --from`: names and extra texts of the devices of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcli.client.checks import check_length
from hpcli.client.find_many import find_devices
from hpcli.commands.device.rename import device_words, rename_device
from hpcli.commands.framework.import_rows import read_rows
from hpcli.commands.framework.imports import ImportItem, impossible, run_import
from hpcli.errors import NotFoundError
from hpcli.parse import parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.tables import Row

COLUMNS = ("serial", "name", "info")


class DeviceTexts(NamedTuple):
    """What a row says about a device."""

    line: int
    serial: str
    name: str | None
    info: str | None


def update_devices_of_file(ctx: Context, file: str, report: str | None) -> None:
    """Change the devices of a file as it says; empty cells leave a value as it is.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """
    lines = read_rows(ctx, file, COLUMNS, COLUMNS[:1], _read, report=report)
    rows = lines.items
    found = find_devices(ctx.client, [row.serial for row in rows]) if rows else {}
    items = [_item(ctx, row, found.get(row.serial)) for row in rows]
    run_import(ctx, items, wrong=lines.wrong, report=report)


def _read(row: Row) -> DeviceTexts:
    serial = row.read("serial", parse_serial, "")
    name = row.read("name", lambda text: check_length("name", text, 1, 128), None)
    return DeviceTexts(
        row.line, serial, name, row.read("info", lambda text: check_length("info", text, 1, 256), None)
    )


def _item(ctx: Context, wanted: DeviceTexts, row: Mapping[str, Any] | None) -> ImportItem:
    if row is None:
        missing = NotFoundError(f"There is no device '{wanted.serial}'.", code="EVZ20002")
        return impossible(wanted.line, wanted.serial, missing)
    words = device_words(row, wanted.name, wanted.info)
    change = _changing(ctx, row, wanted) if words else None
    return ImportItem(wanted.line, wanted.serial, "~" if words else "=", words, change)


def _changing(ctx: Context, row: Mapping[str, Any], wanted: DeviceTexts) -> Callable[[], None]:
    return lambda: rename_device(ctx, row, wanted.name, wanted.info)
