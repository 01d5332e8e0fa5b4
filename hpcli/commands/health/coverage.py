"""Compare the health report of a site (§3.17) with the device list (§3.21).

The report silently leaves out switches, intercoms, door controllers and others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from hpcli.errors import HpcliError
from hpcli.run.parallel import in_background

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow
    from hpcli.client import Client
    from hpcli.client.paging import Page
    from hpcli.run.device_counts import DeviceCounts

Reply = TypeVar("Reply")

SITES_ONE_BY_ONE = 10  # of more sites one listing of the account costs fewer calls
OFFLINE, ONLINE = 0, 1
MISSING = "missing"
_KEPT = {
    "deviceName": "deviceName",
    "deviceVersion": "deviceVersion",
    "deviceType": "deviceModel",
    "deviceCategory": "deviceCategory",
    "deviceSubCategory": "deviceSubCategory",
    "id": "deviceId",
    "deviceOnlineStatus": "deviceOnlineStatus",
}
"""Fields of §3.21 to keep, with their names in §3.17; an account may have 100,000 rows."""

Devices = Mapping[str, Mapping[str, Any]]


class DeviceLists:
    """The devices of each site, by their serial in capitals.

    Args:
        client: asks the platform.
        counts: keeps the counts of a whole list.
        whole_account: list the account once, starting now, instead of each site.
        on_page: takes each page of that list.
    """

    def __init__(
        self,
        client: Client,
        counts: DeviceCounts,
        *,
        whole_account: bool,
        on_page: Callable[[Page], object] | None = None,
    ) -> None:
        self._client = client
        self._on_page = on_page
        self._counts = counts
        self._sites: dict[str, Future[Devices]] = {}
        self._account = in_background(self._list_account) if whole_account else None

    def once_ready(self, replies: Iterable[Reply]) -> Iterator[Reply]:
        """Yield replies as soon as the account is listed: until then further reports are asked for, and held."""
        held: deque[Reply] = deque()
        for reply in replies:
            held.append(reply)
            while held and (self._account is None or self._account.done()):
                yield held.popleft()
        yield from held

    def prepare(self, site_id: str) -> None:
        """List the devices of a site, where the account is not listed as a whole; errors come with `of`."""
        if self._account is not None:
            return
        future: Future[Devices] = Future()
        try:
            future.set_result(_by_serial(self._client.device.known(site_id=site_id)))
        except HpcliError as error:
            future.set_exception(error)
        self._sites[site_id] = future

    def of(self, site_id: str) -> Devices:
        """Return the devices of a site that is prepared.

        Raises:
            HpcliError: they could not be listed.
        """
        if self._account is not None:
            return self._account.result().get(site_id, {})
        return self._sites[site_id].result()

    def _list_account(self) -> Mapping[str, Devices]:
        sites: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in self._counts.counting(self._client.device.known(on_page=self._on_page)):
            sites.setdefault(str(row.get("siteID")), {}).update(_by_serial([row]))
        return sites


def add_device_list(row: Mapping[str, Any], devices: Devices) -> dict[str, Any]:
    """Return a row of the report with the state that the device list has for its device."""
    listed = devices.get(serial_key(row), {})
    added = {name: listed.get(name) for name in ("deviceCategory", "deviceOnlineStatus")}
    return {**row, "report": "present", **added}


def missing_rows(reported: Iterable[Mapping[str, Any]], devices: Devices) -> list[dict[str, Any]]:
    """Return rows, made from the device list, of the devices that a report leaves out."""
    there = {serial_key(row) for row in reported}
    return [
        {**row, "onlineStatus": _report_status(row), "report": MISSING}
        for serial, row in devices.items()
        if serial not in there
    ]


def disagrees(row: Mapping[str, Any]) -> bool:
    """Return whether report and device list give different states; both have to give one."""
    reported, listed = row.get("onlineStatus"), row.get("deviceOnlineStatus")
    return reported is not None and listed is not None and reported != listed


def serial_key(row: Mapping[str, Any]) -> str:
    """Return the serial of a row as serials are compared."""
    return str(row.get("deviceSerial")).strip().upper()


def _by_serial(rows: Iterable[DeviceRow]) -> dict[str, Mapping[str, Any]]:
    return {
        serial_key(row): {
            "deviceSerial": row.get("deviceSerial"),
            **{ours: row.get(theirs) for theirs, ours in _KEPT.items()},
        }
        for row in rows
    }


def _report_status(row: Mapping[str, Any]) -> int | None:
    """Return the state in the report's form: online, offline, None if unknown."""
    status = row.get("deviceOnlineStatus")
    return status if status in (OFFLINE, ONLINE) else None
