"""Clocks of devices (Guide A.4.23)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.device.time import READ_TIME, SET_TIME
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages, content_of
from hpcli.errors import DeviceError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_ROOT = "Time"
_CLOSE = 90.0  # seconds between the time set and the time read, where the answer was lost


class TimeCalls(DeviceMessages):
    """Calls about clocks."""

    def read(self, serial: str, *, user: DeviceUser | None = None) -> dict[str, Any]:
        """Return the whole message, {Time: {timeMode, localTime, timeZone, …}}."""
        plain = self._ask(READ_TIME, serial, user=user)
        if not content_of(plain, _ROOT):
            raise DeviceError("The device did not answer with its time.")
        return plain

    def show(self, serial: str, now: datetime, *, user: DeviceUser | None = None) -> dict[str, Any]:
        """Return what a device's clock shows.

        Args:
            serial: the device.
            now: the present by this computer, with a zone.
            user: as whom.

        Returns:
            {deviceSerial, timeMode, localTime, timeZone, …} as the device tells, with deviceTime (ISO 8601 with
            offset) and driftSeconds (how far it is ahead) where they can be told.
        """
        from hpcli.isapi.clock import device_time

        content = content_of(self.read(serial, user=user), _ROOT)
        shown = device_time(content)
        drift = None if shown is None else round((shown - now).total_seconds(), 1)
        time = None if shown is None else shown.isoformat()
        return {"deviceSerial": serial, **content, "deviceTime": time, "driftSeconds": drift}

    def set(
        self,
        serial: str,
        plain: Mapping[str, Any],
        moment: datetime,
        zone: ZoneInfo | None,
        *,
        user: DeviceUser | None = None,
    ) -> None:
        """Set a clock by hand; NTP ends, everything else stays as it was.

        Args:
            serial: the device.
            plain: as `read` returns it.
            moment: what the clock shall show, with a zone.
            zone: of the device's site; None leaves the zone that the device has.
            user: as whom.

        Raises:
            DeviceError: the device refused, or a part of it did not take the time (A.5.28).
        """
        message = {_ROOT: _new_time(plain, moment, zone)}
        self._settle(
            lambda: self._set(serial, message, user),
            lambda: self._is_close(serial, moment, user),
            f"hpcli device time {serial}",
        )

    def _set(self, serial: str, message: Mapping[str, Any], user: DeviceUser | None) -> None:
        plain = self._ask(SET_TIME, serial, message, user=user)
        failed = content_of(plain, "ResponseStatus").get("FailedNodeInfoList")
        nodes = (failed or {}).get("FailedNodeInfo") or ()
        if nodes:
            names = ", ".join(str(node.get("nodeIP") or node.get("nodeID")) for node in nodes)
            raise DeviceError(f"Some parts of the device did not take the time: {names}.")

    def _is_close(self, serial: str, moment: datetime, user: DeviceUser | None) -> bool:
        drift = self.show(serial, moment, user=user)["driftSeconds"]
        return drift is not None and abs(drift) < _CLOSE


def _new_time(plain: Mapping[str, Any], moment: datetime, zone: ZoneInfo | None) -> dict[str, Any]:
    """Return the content of a message that sets the clock."""
    from hpcli.isapi.clock import device_time, with_time

    content = dict(plain[_ROOT])
    if zone is not None:
        return with_time(content, moment, zone)
    shown = device_time(content)
    if shown is None:
        raise DeviceError("The device does not tell its time zone.", hint="Set it with `hpcli device isapi`.")
    local = moment.astimezone(shown.tzinfo)
    return {**content, "timeMode": "manual", "localTime": local.strftime("%Y-%m-%dT%H:%M:%S")}
