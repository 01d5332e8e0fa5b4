"""Rows of docs/openapi/customer.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class CustomerRow(TypedDict, total=False):
    """Row of `LIST`: list the end users of a site."""

    hcAccount: str
    """Account of the end user."""
    type: int
    """Kind of account; codes `accountType`."""
    status: str
    """State; codes `customerStatus`."""


class SharedDeviceAx2PermissionDetails(TypedDict, total=False):
    """Permissions on a panel of the AX Pro series."""

    ax2Permission: list[int]
    """See the code list ax2Permission."""
    areaPermission: list[str]
    """Areas, "-1" for all."""


class SharedDeviceOtherPermissionDetails(TypedDict, total=False):
    """`otherPermissionDetails` of `SharedDevice`."""

    permission: int
    """One permission; codes `permission`."""
    channelNo: list[str]
    """Channels, "-1" for all."""


class SharedDevice(TypedDict, total=False):
    """`SharedDevice` in answers."""

    deviceSerial: str
    """Serial number."""
    ax2PermissionDetails: SharedDeviceAx2PermissionDetails | None
    """Permissions on a panel of the AX Pro series."""
    otherPermissionDetails: list[SharedDeviceOtherPermissionDetails] | None
    """Permissions on any other device, panels included; some answers have a single object."""
