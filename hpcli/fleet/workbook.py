"""The document as a workbook for people: sheets of sites, devices, managers and end users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hpcli.fleet.document import Document
from hpcli.fleet.permissions import words_of
from hpcli.output.table_spec import Column
from hpcli.output.workbook import Sheet, make_book

Row = dict[str, Any]

_SITE: Final = (Column("SITE", "siteName"),)
SITES: Final = (
    Column("NAME", "name"),
    Column("CITY", "city"),
    Column("STATE", "state"),
    Column("STREET", "street"),
    Column("ADDRESS", "address"),
    Column("TIME ZONE", "timeZone", show=lambda value, _row: _zone_name(value)),
    Column("DEVICES", "deviceCount"),
    Column("OFFLINE", "offlineCount"),
    Column("HANDOVER", "handover"),
    Column("ID", "id"),
)
_DEVICES: Final = (
    *_SITE,
    Column("SERIAL", "serial"),
    Column("NAME", "name"),
    Column("MODEL", "model"),
    Column("CATEGORY", "category"),
    Column("FIRMWARE", "firmware"),
    Column("STATE", "online"),
    Column("OFFLINE SINCE", "offlineSince"),
    Column("RECEIVING CENTRE", "arc.id"),
    Column("INFO", "info"),
)
_MANAGERS: Final = (
    *_SITE,
    Column("NAME", "name"),
    Column("EMAIL", "email"),
    Column("UNTIL", "until"),
    Column("ID", "id"),
)
_CUSTOMERS: Final = (
    *_SITE,
    Column("ACCOUNT", "account"),
    Column("STATUS", "status"),
    Column("SERIAL", "serial"),
    Column("PERMISSIONS", "words"),
)


def _zone_name(value: Any) -> str:
    from hpcli.reference.timezones import zone_name

    return zone_name(value)


def workbook_bytes(document: Document) -> bytes:
    """Return a workbook with a sheet of each kind.

    Raises:
        LocalError: openpyxl is not installed.
    """
    return make_book(
        [
            Sheet("Sites", list(_sites(document)), SITES),
            Sheet("Devices", list(_of_sites(document, "devices")), _DEVICES),
            Sheet("Managers", list(_of_sites(document, "managers")), _MANAGERS),
            Sheet("End users", list(_customers(document)), _CUSTOMERS),
        ],
        header=True,
        utc=False,
        what="A file .xlsx",
        instead="write .json, .yaml or .zip",
    )


def _sites(document: Document) -> Iterator[Row]:
    for site in document["sites"]:
        devices = site.get("devices", ())
        offline = sum(device.get("online") == "offline" for device in devices)
        yield {**site, "deviceCount": len(devices), "offlineCount": offline}


def _of_sites(document: Document, part: str) -> Iterator[Row]:
    for site in document["sites"]:
        for row in site.get(part, ()):
            yield {**row, "siteName": site["name"]}


def _customers(document: Document) -> Iterator[Row]:
    """Yield a row for each device of each end user; one without a device for those who have none."""
    for customer in _of_sites(document, "customers"):
        devices = customer.get("permissions") or {"": {}}
        for serial, allowed in devices.items():
            yield {**customer, "serial": serial, "words": words_of(allowed)}
