"""Rows of docs/openapi/site.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict

from hpcli.api.rows.common import SharedInfo


class SiteRow(TypedDict, total=False):
    """Row of `SEARCH`: list or search sites."""

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
    siteState: str
    """State."""
    siteCity: str
    """City."""
    siteStreet: str
    """Street."""
    location: str
    """Address."""
    sharedInfo: SharedInfo
    siteDeliveryStatus: int
    """Handover; codes `siteDeliveryStatus`."""
    cloudEnable: bool
    """False when the end users' access is off for every device."""


class ManagerRow(TypedDict, total=False):
    """Row of `MANAGERS`: list the managers of a site."""

    installerId: str
    """Employee ID."""
    installerFirstName: str
    """First name."""
    installerLastName: str
    """Last name."""
    installerEmail: str
    """E-mail."""
    installerPhone: str
    """Phone."""
    expireDurationTime: int
    """End of the permission in epoch milliseconds, -1 for none."""
