"""Devices of sites (Guide §3.18–3.32)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcli.api.operations.device.devices import (
    ADD,
    CHANNELS,
    DELETE,
    IOT_ABILITY,
    IOT_RESULT,
    PIN,
    SEARCH,
    UPDATE,
    WAKE,
)
from hpcli.client.answers import refusal
from hpcli.client.checks import check_count, check_length, check_unique
from hpcli.client.device.isapi import IsapiCalls
from hpcli.errors import HpcliError, NotFoundError, ProtocolError
from hpcli.parse import is_serial, parse_serial

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import AddedDevices, ChannelRow, DeviceRow, IotAbility, IotDevice
    from hpcli.client.device.info import InfoCalls
    from hpcli.client.device.ip_channels import IpChannelCalls
    from hpcli.client.device.otap import OtapCalls
    from hpcli.client.device.output import OutputCalls
    from hpcli.client.device.time import TimeCalls
    from hpcli.client.device.upgrade import UpgradeCalls
    from hpcli.client.known import KnownRows
    from hpcli.client.listing import Listing
    from hpcli.client.paging import Page


PANEL = 3  # `deviceCategory` of a security panel (§3.21)
DEVICES_A_CALL = 50  # no limit is documented (§3.18)
_GONE = "LAP006009"
_OURS = frozenset({"EVZ20017", "EVZ20020", "EVZ20029", "LAP006008"})
"""The account has the device already; LAP006008 may also mean another account."""
_CODE_IN_TEXT = re.compile(r"(?:LAP|EVZ)\d+")


class NewDevice(NamedTuple):
    """A device to be added (§3.18).

    Attributes:
        serial: 1 to 9 letters and digits.
        code: verification code on its label, at most 18 characters.
        info: any text of your own, at most 256 characters.
    """

    serial: str
    code: str
    info: str | None = None

    def __repr__(self) -> str:
        """Leave the code out."""
        return f"NewDevice({self.serial!r})"

    def body(self) -> dict[str, Any]:
        """Return the JSON form.

        Raises:
            UsageError: a value is malformed or too long; the code is not quoted.
        """
        serial = parse_serial(self.serial)
        given = {"deviceSerial": serial, "validateCode": check_code(serial, self.code)}
        if self.info:
            given["extendInfo"] = check_info(self.info)
        return given


def check_code(serial: str, code: str) -> str:
    """Return a verification code of 1 to 18 characters.

    Raises:
        UsageError: it is empty or longer; it is not quoted.
    """
    return check_length(f"verification code of {serial}", code, 1, 18)


def check_info(text: str) -> str:
    """Return the extra text of a device, of 1 to 256 characters.

    Raises:
        UsageError: it is empty or longer.
    """
    return check_length("info", text, 1, 256)


class DeviceCalls(IsapiCalls):
    """Calls about devices."""

    @cached_property
    def upgrade(self) -> UpgradeCalls:
        """Firmware (Guide §3.25, 3.28, 3.29)."""
        from hpcli.client.device.upgrade import UpgradeCalls

        return UpgradeCalls(self._transport)

    @cached_property
    def otap(self) -> OtapCalls:
        """Object models of devices (Guide §3.24)."""
        from hpcli.client.device.otap import OtapCalls

        return OtapCalls(self._transport)

    @cached_property
    def info(self) -> InfoCalls:
        """What a device knows of itself (Guide A.4.19)."""
        from hpcli.client.device.info import InfoCalls

        return InfoCalls(self._transport)

    @cached_property
    def time(self) -> TimeCalls:
        """Clocks of devices (Guide A.4.23)."""
        from hpcli.client.device.time import TimeCalls

        return TimeCalls(self._transport)

    @cached_property
    def ip_channels(self) -> IpChannelCalls:
        """Digital channels of recorders (Guide A.4.3–A.4.5)."""
        from hpcli.client.device.ip_channels import IpChannelCalls

        return IpChannelCalls(self._transport)

    @cached_property
    def output(self) -> OutputCalls:
        """Alarm outputs (Guide A.4.20–A.4.22)."""
        from hpcli.client.device.output import OutputCalls

        return OutputCalls(self._transport)

    def add(self, site_id: str, devices: Iterable[NewDevice]) -> AddedDevices:
        """Add devices to a site. Guide §3.18.

        Args:
            site_id: the site.
            devices: 1 to 50 of them.

        Returns:
            {addSuccessList: [{deviceSerial, deviceName, deviceCategory}], addFailedList: [{deviceSerial,
            failReason}]}; no error is raised for those that failed, `add_refusal` reads their reasons.

        Raises:
            UsageError: a serial, code or info is malformed or too long, or a serial is given twice.
        """
        bodies = [device.body() for device in devices]
        check_unique("serial", [body["deviceSerial"] for body in bodies])
        check_count("device", bodies, DEVICES_A_CALL)
        data = self._change(ADD, {"deviceList": bodies, "siteId": site_id})
        return {
            "addSuccessList": data.get("addSuccessList") or [],
            "addFailedList": data.get("addFailedList") or [],
        }

    def delete(self, device_id: str) -> bool:
        """Delete a device; return False where it was gone already. Guide §3.19.

        Args:
            device_id: `id` of a row of `list`, not the serial.
        """
        try:
            self._change(DELETE, {"id": check_length("device id", device_id, 1, 48)})
        except NotFoundError as error:
            if error.code != _GONE:
                raise
            return False
        return True

    def update(self, device_id: str, name: str, *, info: str | None = None) -> None:
        """Rename a device. Guide §3.20.

        Args:
            device_id: `id` of a row of `list`, not the serial.
            name: at most 128 characters.
            info: any text of your own, at most 256 characters; rows call it extInfo.
        """
        check_length("name", name, 1, 128)
        if info is not None:
            check_length("info", info, 1, 256)
        self._change(UPDATE, {"deviceId": device_id, "deviceName": name, "extendInfo": info})

    def list(
        self,
        *,
        site_id: str | None = None,
        serial: str | None = None,
        limit: int | None = None,
    ) -> Iterator[DeviceRow]:
        """Yield the devices. Guide §3.21.

        Args:
            site_id: only those of this site.
            serial: only the device with this serial.
            limit: rows at most.

        Yields:
            {id, deviceName, deviceOnlineStatus, deviceSerial, deviceVersion, deviceType, deviceCategory,
            deviceSubCategory, isSubscribed, deviceAddTime, timeZone, extInfo, siteID, siteName, …}.
        """
        return self._list(SEARCH, {"siteId": site_id, "deviceSerial": serial}, limit=limit)

    def known(
        self,
        *,
        site_id: str | None = None,
        limit: int | None = None,
        on_page: Callable[[Page], object] | None = None,
    ) -> KnownRows[DeviceRow]:
        """Return the devices, to look some up, or to say how many there are.

        Args:
            site_id: only those of this site.
            limit: rows at most.
            on_page: takes each page as it arrives.

        Raises:
            ProtocolError: the platform does not say which there are.
        """
        return self._known(SEARCH, "device", {"siteId": site_id}, limit=limit, on_page=on_page)

    def listing(self) -> Listing[DeviceRow]:
        """Return the list of all devices, fetched as far as it is needed, to look some up.

        Raises:
            ProtocolError: the platform does not say which there are.
        """
        return self._listing(SEARCH, "device")

    def find(self, device: str) -> DeviceRow:
        """Return the device of that serial, else of that id.

        Raises:
            NotFoundError: there is none (EVZ20002).
            ProtocolError: the platform does not say which devices there are.
        """
        from hpcli.client.known import DEVICE

        if is_serial(device):
            serial = parse_serial(device)
            for row in self.list(serial=serial):
                if str(row.get("deviceSerial")).upper() == serial.upper():
                    return row
        rows = self.known()
        for row in rows:
            if row.get("id") == device:
                return row
        rows.check_absence(f"a device '{device}'", DEVICE)
        raise NotFoundError(
            f"There is no device '{device}'.",
            code="EVZ20002",
            hint=f"`hpcli device list --search '{device}'` looks for a name; without it all are listed.",
        )

    def channels(self, serial: str) -> Sequence[ChannelRow]:
        """Return the channels of a device. Guide §3.22.

        Returns:
            [{deviceSerial, ipcSerial, channelNo, deviceName, channelName, status, isShared, picUrl, isEncrypt,
            videoLevel, relatedIpc}].
        """
        return self._read(CHANNELS, {"deviceSerial": parse_serial(serial)})

    def pin(self, serial: str) -> str:
        """Return the PIN of a device; at most 100 times a day for each device. Guide §3.27."""
        data = self._read(PIN, {"deviceSerial": parse_serial(serial)})
        return str(data.get("pin") or "")

    def wake(self, serial: str) -> bool:
        """Wake a solar camera; return whether it is awake. Guide §3.32.

        Raises:
            ProtocolError: the platform does not say it.
        """
        data = self._change(WAKE, {"deviceSerial": parse_serial(serial)})
        if data.get("wakeUp") is None:
            raise ProtocolError("The platform did not say whether the camera is awake.")
        return data.get("wakeUp") == 1

    def iot_ability(self, serial: str, site_id: str) -> IotAbility:
        """Return how an object-model device may join a site: {supportForceCheckAuth: 0 or 1}. Guide §3.30."""
        body = {"deviceSerial": parse_serial(serial), "siteId": site_id}
        return self._read(IOT_ABILITY, body)

    def iot_result(self, serial: str) -> IotDevice:
        """Return what became of adding an object-model device. Guide §3.31.

        Returns:
            {deviceName, deviceSerial, deviceCategory, subType}; `{}` while it is not added yet (errata 129).
        """
        return self._read(IOT_RESULT, {"deviceSerial": parse_serial(serial)})

    def wait_for_iot(
        self, serial: str, *, limit: float = 600.0, progress: Callable[[IotDevice], None] | None = None
    ) -> IotDevice:
        """Ask for the outcome of adding an object-model device until there is one. Guide §3.31.

        Args:
            serial: the device.
            limit: seconds.
            progress: is given each answer.

        Raises:
            TimeLimitError: it was not added in time.
        """
        return self._wait(lambda: self.iot_result(serial), bool, limit=limit, progress=progress)


def add_refusal(row: Mapping[str, Any]) -> HpcliError:
    """Return the error in a row of addFailedList, whose code stands inside its text (errata 107)."""
    reason = str(row.get("failReason") or "")
    found = _CODE_IN_TEXT.search(reason)
    return refusal(found[0] if found else None, {"message": reason}, 200)


def is_ours_already(error: HpcliError) -> bool:
    """Return whether a device was refused because the account (perhaps) has it."""
    return error.code in _OURS
