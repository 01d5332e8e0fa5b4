"""The health of a whole account in the background: one call at a time, so that other commands have their turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hpcli.client.health import is_no_report
from hpcli.client.rows import needed
from hpcli.commands.health.coverage import DeviceLists, add_device_list, missing_rows
from hpcli.commands.health.tally import Tally
from hpcli.errors import NotFoundError

if TYPE_CHECKING:
    from hpcli.client import Client
    from hpcli.run.device_counts import DeviceCounts
    from hpcli.stop import Stop


def account_rows(client: Client, counts: DeviceCounts, stop: Stop) -> Iterator[dict[str, Any]]:
    """Yield the rows of all devices as `health report --all` has them; a site without a report has one with its error.

    Args:
        client: asks the platform.
        counts: keeps the counts of the list of devices.
        stop: ends it early.

    Raises:
        HpcliError: a list or a report could not be read, so that the rows are not whole.
    """
    devices, tally = DeviceLists(client, counts, whole_account=True), Tally()
    devices.of("")  # waits for the whole list
    for site in client.site.list():
        if stop.is_set:
            return
        yield from _site_rows(client, site, devices, tally)


def _site_rows(
    client: Client, site: Mapping[str, Any], devices: DeviceLists, tally: Tally
) -> Iterator[dict[str, Any]]:
    site_id = needed(site, "id")
    place = {"siteId": site_id, "siteName": site.get("siteName")}
    listed = devices.of(site_id)
    reported: list[dict[str, Any]] = []
    try:
        report = client.health.report(site_id)
    except NotFoundError as error:
        if not is_no_report(error):
            raise
        yield {**place, "deviceSerial": None, "error": error.as_dict()}
    else:
        reported = [row for row in report.get("reportDetail") or () if isinstance(row, dict)]
    rows = [add_device_list(row, listed) for row in reported]
    for device in (*rows, *missing_rows(reported, listed)):
        yield {**place, **tally.count(device, site_id)}
