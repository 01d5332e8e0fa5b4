"""Clocks of devices (Guide A.4.23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.device.time import READ_TIME, SET_TIME
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages, content_of

if TYPE_CHECKING:
    from hpcli.isapi.clock import ClockReading
    from hpcli.isapi.clock_changes import NtpServer

_ROOT = "Time"
_NTP_SERVER = "ISAPI/System/time/ntpServers/1"
_CLOSE = 90.0  # seconds between the time set and the time read, where the answer was lost

LARGEST_DRIFT = 60.0
"""Seconds that a clock may be off and still count as right."""


@dataclass(frozen=True, slots=True)
class ComparedClock:
    """A device's clock beside those of this computer and the platform.

    Attributes:
        reading: of the device's clock.
        now: the present: by this computer, or by the platform where this computer's clock is wrong.
        computer_ahead: how far this computer's clock is ahead of the platform's; None where it is not wrong.
    """

    reading: ClockReading
    now: datetime
    computer_ahead: timedelta | None = None


class TimeCalls(DeviceMessages):
    """Calls about clocks."""

    def read(self, serial: str, *, user: DeviceUser | None = None) -> dict[str, Any]:
        """Return the whole message, {Time: {timeMode, localTime, timeZone, …}}."""
        return self._ask(READ_TIME, serial, user=user)

    def show(
        self,
        serial: str,
        now: datetime,
        *,
        user: DeviceUser | None = None,
        site_zone: Callable[[], tzinfo | None] | None = None,
    ) -> dict[str, Any]:
        """Return what a device's clock shows.

        Args:
            serial: the device.
            now: the present by this computer, with a zone.
            user: as whom.
            site_zone: returns the zone of the device's site; asked only where the device leaves its offset open.

        Returns:
            As `clock_row`.
        """
        from hpcli.isapi.clock import read_clock

        content = content_of(self.read(serial, user=user), _ROOT)
        return clock_row(serial, content, read_clock(content, now, site_zone).checked(), now)

    def set(
        self,
        serial: str,
        plain: Mapping[str, Any],
        moment: datetime,
        zone: tzinfo | None,
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
            DeviceError: no zone is known (nothing was sent), the device refused, or a part of it did not take
                the time (A.5.28).
        """
        from hpcli.isapi.clock_changes import with_time

        message = {_ROOT: with_time(plain[_ROOT], moment, zone)}
        self._settle(
            lambda: self._tell(SET_TIME, serial, message, user=user),
            lambda: self._is_close(serial, moment, zone, user),
            f"hpcli device time {serial}",
        )

    def set_mode(
        self,
        serial: str,
        plain: Mapping[str, Any],
        mode: str,
        moment: datetime,
        zone: tzinfo | None,
        *,
        user: DeviceUser | None = None,
    ) -> None:
        """Let NTP or the platform set a clock; everything else stays as it was.

        Args:
            serial: the device.
            plain: as `read` returns it.
            mode: `NTP` or `platform`, or the mode that the device has already.
            moment: the present, with a zone.
            zone: what the device shall show; None keeps its own.
            user: as whom.

        Raises:
            DeviceError: the device refused.
        """
        from hpcli.isapi.clock_changes import with_mode

        self._set(serial, with_mode(plain[_ROOT], mode, moment, zone), user)

    def set_back(
        self, serial: str, plain: Mapping[str, Any], before: Mapping[str, Any], moment: datetime
    ) -> None:
        """Set mode and zone of a clock to what they were.

        Args:
            serial: the device.
            plain: as `read` returns it.
            before: the content that it held before.
            moment: the present, with a zone; for a clock that is set by hand.

        Raises:
            DeviceError: the device refused, or the zone from before cannot be read (nothing was sent).
        """
        from hpcli.isapi.clock_changes import with_before

        self._set(serial, with_before(plain[_ROOT], before, moment), None)

    def _set(self, serial: str, content: Mapping[str, Any], user: DeviceUser | None) -> None:
        wanted = {name: content[name] for name in ("timeMode", "timeZone") if name in content}

        def is_done() -> bool:
            present = content_of(self.read(serial, user=user), _ROOT)
            return all(present.get(name) == value for name, value in wanted.items())

        self._settle(
            lambda: self._tell(SET_TIME, serial, {_ROOT: content}, user=user),
            is_done,
            f"hpcli device time {serial}",
        )

    def read_ntp_server(self, serial: str, *, user: DeviceUser | None = None) -> dict[str, Any]:
        """Return the device's first NTP server, {hostName or ipAddress, portNo, synchronizeInterval …}.

        A.4 does not have it; the guide uses it as an example of §3.23.
        """
        from hpcli.isapi.messages import to_plain

        answer = self.isapi("GET", _NTP_SERVER, serial, user=user)
        return content_of(to_plain(answer.body), "NTPServer")

    def set_ntp_server(
        self, serial: str, server: NtpServer, present: Mapping[str, Any], *, user: DeviceUser | None = None
    ) -> None:
        """Set the device's first NTP server.

        Args:
            serial: the device.
            server: what to set.
            present: as `read_ntp_server` returns it.
            user: as whom.
        """
        from hpcli.isapi.clock_changes import ntp_body

        wanted = server.message(present)

        def is_done() -> bool:
            now = self.read_ntp_server(serial, user=user)
            return all(str(now.get(name)) == value for name, value in wanted.items())

        self._settle(
            lambda: self.isapi("PUT", _NTP_SERVER, serial, content=ntp_body(wanted), user=user),
            is_done,
            f"hpcli device isapi GET /{_NTP_SERVER} {serial}",
        )

    def _is_close(self, serial: str, moment: datetime, zone: tzinfo | None, user: DeviceUser | None) -> bool:
        drift = self.show(serial, moment, user=user, site_zone=lambda: zone)["driftSeconds"]
        return drift is not None and abs(drift) < _CLOSE


def compare_clocks(
    content: Mapping[str, Any],
    here: datetime,
    there: datetime | None,
    site_zone: Callable[[], tzinfo | None] | None = None,
) -> ComparedClock:
    """Read a device's clock and find out whose clock is wrong.

    This computer's is, where it differs from the platform's by more than a minute and the device does not agree
    with it.

    Args:
        content: of the message that `TimeCalls.read` returns.
        here: the present by this computer, with a zone.
        there: the present by the platform; None where it did not tell.
        site_zone: returns the zone of the device's site; asked only where the device leaves its offset open.
    """
    from hpcli.isapi.clock import read_clock

    by_here = read_clock(content, here, site_zone)
    if there is None or _is_right(here - there) or _is_right(by_here.drift(here)):
        return ComparedClock(by_here, here)
    return ComparedClock(read_clock(content, there, site_zone), there, here - there)


def _is_right(drift: timedelta | None) -> bool:
    return drift is not None and abs(drift.total_seconds()) <= LARGEST_DRIFT


def clock_row(
    serial: str, content: Mapping[str, Any], reading: ClockReading, now: datetime
) -> dict[str, Any]:
    """Return a clock as a row.

    Args:
        serial: the device.
        content: of its message.
        reading: what the message means.
        now: the present, with a zone.

    Returns:
        {deviceSerial, timeMode, localTime, timeZone, …} as the device tells, with deviceTime (ISO 8601; with the
        offset in force where that is known) and driftSeconds (how far the clock is ahead; None where unknown).
    """
    drift = reading.drift(now)
    shown = reading.moment or reading.local
    return {
        "deviceSerial": serial,
        **content,
        "deviceTime": shown and shown.isoformat(),
        "driftSeconds": None if drift is None else round(drift.total_seconds(), 1),
    }
