"""Read an account: the pages of its sites and devices, then at most three calls a site and one an end user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hpcli.client.known import KnownRows, is_device_serial, is_text
from hpcli.errors import ExitCode, HpcliError, NotFoundError, PlatformError, ProtocolError, SignInError
from hpcli.fleet.state import OFFLINE, AccountState, Parts, Row, SiteState
from hpcli.names import folded
from hpcli.parse import utc_text

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow
    from hpcli.client import Client

_OF_EVERYTHING: Final = (ExitCode.CALL_LIMIT, ExitCode.NETWORK)
"""Exit codes of errors that the next site would meet too."""
_MOST_ALIKE: Final = 8
"""So many sites in a row that fail with one of these end the reading."""


FanOut = Callable[[Iterable[SiteState], Callable[[SiteState], SiteState]], Iterable[Any]]
"""Does work on many items in parallel; yields replies with item, result and error in input order."""


def read_lists(client: Client) -> AccountState:
    """Return the sites with their devices, by the pages of two lists.

    Where the list of devices is empty, that of devices that report to a receiving centre is asked (§3.37).

    Raises:
        ProtocolError: the platform does not say which sites or devices there are.
    """
    rows = client.site.listing().all()
    sites = {str(row.get("id")): SiteState(row) for row in rows}
    listed, of_centre = _devices(client)
    gaps = [gap for gap in (rows.shortfall, listed.shortfall) if gap]
    gaps += ["The platform sent sites with the same id."] * (len(sites) < len(rows))
    account = AccountState(list(sites.values()), gaps=gaps, is_of_centre=bool(of_centre))
    for device in listed or of_centre:
        if not is_device_serial(device.get("deviceSerial")):
            account.gaps.append("The platform lists a device without a valid serial.")
            continue
        home = sites.get(str(device.get("siteID") or device.get("siteId") or ""))
        (account.homeless if home is None else home.devices).append(device)
    return account


def _devices(client: Client) -> tuple[KnownRows[DeviceRow], Sequence[Row]]:
    """Return the devices of the account, and where it has none, those that report to it as a receiving centre.

    Raises:
        HpcliError: neither list can be read.
    """
    try:
        listed = client.device.known()
    except PlatformError:
        of_centre = _devices_of_centre(client)
        if not of_centre:
            raise
        return KnownRows([], "device"), of_centre
    return listed, [] if listed else _devices_of_centre(client)


def _devices_of_centre(client: Client) -> Sequence[Row]:
    """Return the devices that report to the account; none where it is not a receiving centre's."""
    try:
        return list(client.arc.list())
    except PlatformError as error:
        if error.exit_code in _OF_EVERYTHING:
            raise
        return []


def read_parts(
    client: Client,
    sites: Iterable[SiteState],
    parts: Callable[[SiteState], Parts],
    fan_out: FanOut,
) -> Iterator[SiteState]:
    """Read the parts of sites, in parallel; yield each site when it was read. What fails is kept with the site.

    Args:
        client: of the account.
        sites: those to read.
        parts: what to read of a site.
        fan_out: does the work.

    Raises:
        HpcliError: nobody is signed in, or so many sites failed alike that the next would too.
    """

    def work(site: SiteState) -> SiteState:
        _read_site(client, site, parts(site))
        return site

    alike = 0
    for reply in fan_out(sites, work):
        if reply.error is not None:
            raise reply.error
        site: SiteState = reply.result
        hopeless = [error for error in site.errors.values() if _meets_all(error)]
        alike = alike + 1 if hopeless else 0
        yield site
        if alike >= _MOST_ALIKE:
            raise hopeless[0]


def may_succeed(account: AccountState) -> bool:
    """Whether something that could not be read can be there the next time: it was not refused."""
    return any(error.exit_code in _OF_EVERYTHING for _, _, error in account.failures)


def _meets_all(error: HpcliError) -> bool:
    return error.exit_code in _OF_EVERYTHING and not isinstance(error, ProtocolError)


def _read_site(client: Client, site: SiteState, parts: Parts) -> None:
    if parts.managers:
        managers = _tried(site, "managers", lambda: client.site.managers(site.id))
        site.managers = _with(site, "managers", managers, "installerId")
    if parts.customers:
        # An answer without a list can mean that there is nobody, but not where the site is handed over.
        ask = client.customer.known if site.row.get("siteDeliveryStatus") else client.customer.list
        customers = _tried(site, "customers", partial(ask, site.id))
        site.customers = _with(site, "customers", customers, "hcAccount")
        _read_permissions(client, site, parts.accounts)
    if parts.since and any(row.get("deviceOnlineStatus") == OFFLINE for row in site.devices):
        report = _tried(site, "offlineSince", lambda: _report(client, site.id))
        site.since = dict(_offline_since(report or {}, site.row.get("timeZone")))
    if parts.channels:
        for serial in [str(row["deviceSerial"]) for row in site.devices]:
            rows = _tried(site, f"channels of {serial}", partial(client.device.channels, serial))
            if rows is not None:
                site.channels[serial] = rows


def _tried(site: SiteState, part: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except SignInError:
        raise
    except HpcliError as error:
        site.errors[part] = error
        return None


def _with(site: SiteState, part: str, rows: Sequence[Row] | None, name: str) -> Sequence[Row] | None:
    """Return rows all of which have a field; rows without it are as good as not read."""
    if rows is None or all(is_text(row.get(name)) for row in rows):
        return rows
    site.errors[part] = ProtocolError(f"The platform's answer has no {name} of one of them.")
    return None


def _read_permissions(client: Client, site: SiteState, accounts: frozenset[str] | None) -> None:
    for row in site.customers or ():
        account = str(row.get("hcAccount") or "")
        if account and (accounts is None or folded(account) in accounts):
            ask = partial(client.customer.shared_devices, site.id, account)
            found = _tried(site, f"permissions of {account}", ask)
            if found is not None:
                site.permissions[account] = found


def _report(client: Client, site_id: str) -> Mapping[str, Any]:
    """Return the health report of a site; a site without one is no error, as nobody asked for the report itself."""
    try:
        return client.health.report(site_id)
    except NotFoundError:
        return {}


def _offline_since(report: Mapping[str, Any], time_zone: object) -> Iterator[tuple[str, str]]:
    """Yield serial and time of the devices that a health report says when they went offline."""
    from hpcli.output.human_units import read_iso_or_report_time
    from hpcli.reference.timezones import clock_by_number

    clock = clock_by_number(time_zone)
    for row in report.get("reportDetail") or ():
        if not isinstance(row, Mapping) or not row.get("deviceSerial"):
            continue
        try:
            local = read_iso_or_report_time(str(row.get("lastOfflineTime") or ""))
            zone = local.tzinfo or (None if clock is None else clock.zone)
            if zone is not None:
                yield str(row["deviceSerial"]), utc_text(local.replace(tzinfo=zone))
        except (ValueError, OverflowError):
            continue
