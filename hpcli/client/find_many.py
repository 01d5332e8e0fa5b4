"""Find many sites or devices by what people write: with at most one listing of the account, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpcli.client.site import pick_site
from hpcli.errors import NotFoundError, UsageError
from hpcli.names import is_site_id, spellings
from hpcli.parse import is_serial

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow
    from hpcli.client import Client

Row = Mapping[str, Any]
NotOne = NotFoundError | UsageError


def find_sites(client: Client, names: Sequence[str]) -> dict[str, Row | NotOne]:
    """Return the row of each site, by id or name, or the error of one that is not there or not unique.

    A few names of a large account are searched one by one, where that costs fewer calls than its listing.

    Raises:
        ProtocolError: the platform does not say which sites there are.
    """
    if len(names) == 1:
        return {names[0]: _tried(client.site.find, names[0])}
    listing = client.site.listing()
    are_ids = all(map(is_site_id, names))
    if not any(map(is_site_id, names)) and sum(len(spellings(name)) for name in names) + 1 < listing.pages:
        return {name: _tried(client.site.find, name) for name in names}
    if are_ids and (found := _found(listing, "id", names)).keys() == set(names):
        return found
    rows = listing.all()  # two sites may have one name: all are looked at
    by_id = {str(row.get("id")): row for row in rows}
    found = {name: by_id.get(name) or _tried(lambda text: pick_site(rows, text), name) for name in names}
    for row in found.values():
        if not isinstance(row, NotOne):
            client.site.remember(row)  # type: ignore[arg-type]  # rows of the listing, which are SiteRow
    return found


def _found(rows: Iterable[Row], key: str, names: Iterable[str]) -> dict[str, Row | NotOne]:
    """Return the rows with those ids; no more pages than these need are fetched."""
    left = set(names)
    found: dict[str, Row | NotOne] = {}
    for row in rows:
        if row.get(key) in left:
            left.discard(str(row[key]))
            found[str(row[key])] = row
        if not left:
            break
    return found


def find_devices(client: Client, names: Sequence[str]) -> dict[str, DeviceRow]:
    """Return the rows of those devices, by serial or id, that the account's list has.

    A few serials of a large account are searched one by one, where that costs fewer calls than its listing.

    Raises:
        ProtocolError: the platform does not say which devices there are.
    """
    wanted = {name.strip().upper(): name for name in names}
    listing = client.device.listing()
    found: dict[str, DeviceRow] = {}
    if len(wanted) + 1 < listing.pages and all(map(is_serial, wanted)):
        for name in wanted:
            found |= _by_name(client.device.list(serial=name), wanted)
        return found
    for row in listing:
        found |= _by_name([row], wanted)
        if len(found) == len(wanted):
            break
    return found


def _by_name(rows: Iterable[DeviceRow], wanted: Mapping[str, str]) -> dict[str, DeviceRow]:
    names = ((str(name).upper(), row) for row in rows for name in (row.get("id"), row.get("deviceSerial")))
    return {wanted[name]: row for name, row in names if name in wanted}


def _tried(find: Callable[[str], Any], name: str) -> Row | NotOne:
    try:
        found: Row = find(name)
    except (NotFoundError, UsageError) as error:
        return error
    return found
