"""Rows of docs/openapi/device/devices.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class AddedDevicesAddSuccessList(TypedDict, total=False):
    """`addSuccessList` of `AddedDevices`."""

    deviceName: str
    """Name."""
    deviceSerial: str
    """Serial number."""
    deviceCategory: str
    """Category, see the code list deviceCategory; sometimes "0"."""


class AddedDevicesAddFailedList(TypedDict, total=False):
    """`addFailedList` of `AddedDevices`."""

    deviceSerial: str
    """Serial number."""
    failReason: str
    """Cause, as in "add Exception{LAP006001}"."""


class AddedDevices(TypedDict, total=False):
    """Data of `ADD`: add devices to a site."""

    addSuccessList: list[AddedDevicesAddSuccessList]
    addFailedList: list[AddedDevicesAddFailedList]


class DeviceRow(TypedDict, total=False):
    """Row of `SEARCH`: list devices."""

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
    deviceShareFlag: bool
    """Whether it is shared."""
    arcId: str | None
    """ARC ID."""
    arcCompanyName: str | None
    """Company of the ARC."""


class ChannelRow(TypedDict, total=False):
    """Row of `CHANNELS`: list the channels of a device."""

    deviceSerial: str
    """Serial number of the device."""
    ipcSerial: str | None
    """Serial number of the camera."""
    channelNo: int
    """Channel."""
    deviceName: str
    """Name of the device."""
    channelName: str
    """Name of the channel."""
    status: int
    """State; codes `channelStatus`."""
    isShared: str
    """Sharing; codes `channelShared`."""
    picUrl: str | None
    """Picture of the channel."""
    isEncrypt: int
    """Stream encryption; codes `isEncrypt`."""
    videoLevel: int
    """Quality; codes `videoLevel`."""
    relatedIpc: bool
    """Whether a camera is linked."""


class DevicePin(TypedDict, total=False):
    """Data of `PIN`: get the PIN of a device."""

    pin: str
    """PIN."""
    deviceSerial: str
    """Serial number."""


class IotAbility(TypedDict, total=False):
    """Data of `IOT_ABILITY`: ask whether a device is added by pressing its button."""

    supportForceCheckAuth: int
    """Confirmed at the device; codes `supportForceCheckAuth`."""


class IotDevice(TypedDict, total=False):
    """Data of `IOT_RESULT`: ask whether an object-model device is added."""

    deviceName: str
    """Name."""
    deviceSerial: str
    """Serial number."""
    deviceCategory: int
    """Category; codes `deviceCategory`."""
    subType: int
    """Sub-category; codes `deviceSubCategory`."""


class WakeState(TypedDict, total=False):
    """Data of `WAKE`: wake a solar camera."""

    wakeUp: int
    """State; codes `wakeUp`."""
