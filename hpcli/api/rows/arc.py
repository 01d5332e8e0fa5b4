"""Rows of docs/openapi/arc.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict

from hpcli.api.rows.common import SharedInfo


class ArcDeviceRow(TypedDict, total=False):
    """Row of `SEARCH`: list the devices whose ARC service is on."""

    id: str
    """Device ID."""
    deviceName: str
    """Name."""
    deviceOnlineStatus: int
    """State; codes `deviceOnlineStatus`."""
    deviceSerial: str
    """Serial number."""
    deviceVersion: str
    """Firmware version."""
    deviceType: str
    """Model."""
    deviceCategory: int
    """Category; codes `deviceCategory`."""
    deviceSubCategory: int
    """Sub-category; codes `deviceSubCategory`."""
    isSubscribed: bool
    """Whether its messages are subscribed."""
    deviceAddTime: str
    """When it was added, ISO 8601 with Z."""
    timeZone: str
    """Number of the time zone (A.2)."""
    extInfo: str | None
    """Extra text; also sent as extendInfo."""
    siteID: str
    """Site ID; also sent as siteId."""
    siteName: str
    """Name of the site."""


class ArcPermission(TypedDict, total=False):
    """Data of `ENABLE`: switch the ARC service of a device on."""

    permission: int | None
    """Outcome; codes `arcEnablePermission`."""


class EventPermission(TypedDict, total=False):
    """Data of `SET_EVENTS`: set which events a device reports to its ARC."""

    permission: int | None
    """Outcome; codes `arcEventPermission`."""


class ArcSite(TypedDict, total=False):
    """Data of `SITE`: show the site of devices whose ARC service is on."""

    id: str
    """Site ID."""
    siteName: str
    """Name."""
    timeZone: str
    """Number of the time zone (A.2)."""
    timeSync: bool
    """Whether the devices take over the time zone."""
    installerId: str
    """First installer."""
    installerFirstName: str
    """First name of the installer."""
    installerLastName: str
    """Last name of the installer."""
    installerEmail: str
    """E-mail of the installer."""
    installerPhone: str
    """Phone of the installer."""
    siteState: str
    """State."""
    siteCity: str
    """City."""
    siteStreet: str
    """Street."""
    location: str
    """Address."""
    siteOwnerName: str
    """Name of the end user."""
    siteOwnerEmail: str
    """E-mail of the end user."""
    siteOwnerPhone: str
    """Phone of the end user."""
    sharedInfo: SharedInfo
