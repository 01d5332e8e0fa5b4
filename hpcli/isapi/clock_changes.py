"""Messages that change a device's clock: its time, who sets it, its zone, its NTP server (Guide A.5.30, §3.23)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from hpcli.errors import DeviceError, UsageError
from hpcli.isapi.changes import change
from hpcli.isapi.clock import plain_text, zone_of
from hpcli.isapi.posix_zone import DeviceZone, device_zone

NTP_PORT = 123
_NTP_MINUTES = 60
_LONGEST_NTP_MINUTES = 10080
_PLATFORM = "EZVIZ"
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_SERVER = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^:/\[\]]+))(?::(?P<port>\d+))?(?:/(?P<every>\w+))?"
)


@dataclass(frozen=True, slots=True)
class NtpServer:
    """A server that a device takes its time from.

    Attributes:
        host: name or address.
        port: of NTP.
        minutes: between two synchronizations; None leaves them as they are.
    """

    host: str
    port: int = NTP_PORT
    minutes: int | None = None

    def __str__(self) -> str:
        """Return the server as it is typed."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == NTP_PORT else f"{host}:{self.port}"

    def message(self, present: Mapping[str, Any]) -> dict[str, str]:
        """Return the content of NTPServer.

        Args:
            present: the content that the device has now.
        """
        name, form = "hostName", "hostname"
        if ":" in self.host:
            name, form = "ipv6Address", "ipaddress"
        elif _IPV4.fullmatch(self.host):
            name, form = "ipAddress", "ipaddress"
        minutes = self.minutes or plain_text(present.get("synchronizeInterval")) or _NTP_MINUTES
        return {
            "id": "1",
            "addressingFormatType": form,
            name: self.host,
            "portNo": str(self.port),
            "synchronizeInterval": str(minutes),
        }


NTP_FIELDS = (
    "addressingFormatType", "hostName", "ipAddress", "ipv6Address", "portNo", "synchronizeInterval"
)  # fmt: skip
"""What an NTPServer message says of a server."""


def ntp_server_of(content: Mapping[str, Any]) -> NtpServer | None:
    """Return the server that the content of NTPServer names; None where it names none."""
    names = ("ipAddress", "ipv6Address", "hostName")
    if plain_text(content.get("addressingFormatType")) == "hostname":
        names = ("hostName", "ipAddress", "ipv6Address")
    host = next((text for name in names if (text := plain_text(content.get(name)))), "")
    port, minutes = (plain_text(content.get(name)) for name in ("portNo", "synchronizeInterval"))
    if not host:
        return None
    return NtpServer(
        host, int(port) if port.isdecimal() else NTP_PORT, int(minutes) if minutes.isdecimal() else None
    )


def parse_ntp_server(text: str) -> NtpServer:
    """Read `HOST[:PORT][/INTERVAL]`; the interval is a number of minutes, or a duration such as `1h`.

    Raises:
        UsageError: the text has another form.
    """
    from hpcli.parse import parse_duration

    found = _SERVER.fullmatch(text.strip())
    port = int(found["port"] or NTP_PORT) if found else 0
    if found is None or not 0 < port < 65536 or (found["host"] and not _HOST.fullmatch(found["host"])):
        raise UsageError(
            f"--ntp '{text}' is not HOST[:PORT][/INTERVAL].", hint="For example, pool.ntp.org:123/60."
        )
    if not found["every"]:
        return NtpServer(found["v6"] or found["host"], port)
    every = found["every"]
    minutes = int(every) if every.isdecimal() else parse_duration(every).total_seconds() / 60
    if not 1 <= minutes <= _LONGEST_NTP_MINUTES or minutes != int(minutes):
        raise UsageError(f"--ntp '{text}': the interval must be 1 to {_LONGEST_NTP_MINUTES} minutes.")
    return NtpServer(found["v6"] or found["host"], port, int(minutes))


def with_mode(time: Mapping[str, Any], mode: str, moment: datetime, zone: tzinfo | None) -> dict[str, Any]:
    """Return the content of XML_Time that lets something else than a person set a clock.

    Args:
        time: what the device holds now.
        mode: `NTP` or `platform`, or another one that the device has.
        moment: the present, with a zone.
        zone: what the device shall show; None keeps its own.
    """
    kept = {name: value for name, value in time.items() if name != "localTime"}  # for clocks set by hand
    new = {"timeMode": mode}
    if mode == "platform" and not plain_text(time.get("platformType")):
        new["platformType"] = _PLATFORM
    if zone is not None:
        wanted = device_zone(zone, moment)
        new["timeZone"] = str(wanted)
        if "isSummerTime" in time:
            new["isSummerTime"] = "true" if moment.astimezone(zone).utcoffset() != wanted.offset else "false"
    return _changed(kept, new)


def with_before(time: Mapping[str, Any], before: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """Return the content of XML_Time that sets mode and zone of a clock back; a clock set by hand gets the time.

    Args:
        time: what the device holds now.
        before: what it held before.
        moment: the present, with a zone.

    Raises:
        DeviceError: a person shall set the clock, and the zone from before cannot be read.
    """
    text, mode = plain_text(before.get("timeZone")), plain_text(before.get("timeMode"))
    present = {**time, "timeZone": text} if text else dict(time)
    if mode in ("", "manual", "local"):
        return with_time(present, moment, None)
    zone, _ = zone_of(present)
    content = with_mode(present, mode, moment, None)
    if zone is not None and not zone.lacks_rules and "isSummerTime" in time:
        content["isSummerTime"] = "true" if zone.offset_of(moment) != zone.offset else "false"
    return content


def ntp_body(content: Mapping[str, str]) -> bytes:
    """Return an NTPServer message as bytes."""
    from hpcli.isapi.messages import to_body

    message = {"@xmlns": "http://www.isapi.org/ver20/XMLSchema", "@version": "2.0", **content}
    return to_body({"NTPServer": message}, message_format="xml")


def _changed(time: Mapping[str, Any], new: Mapping[str, str]) -> dict[str, Any]:
    message: dict[str, Any] = {"Time": dict(time)}
    for name, value in new.items():
        message = change(message, name, value, "XML_Time")
    return dict(message["Time"])


def with_time(time: Mapping[str, Any], moment: datetime, zone: tzinfo | None) -> dict[str, Any]:
    """Return the content of XML_Time that sets a clock: manual mode, local time, zone; all else as read.

    The mode becomes manual, since NTP would not take a time: a device that was on NTP no longer is.

    Args:
        time: what the device holds now.
        moment: the time to set, with a zone.
        zone: of the device's site; None keeps the zone that the device has.

    Raises:
        DeviceError: no zone is given, and that of the device is not known.
    """
    kept = _known_zone(time) if zone is None else device_zone(zone, moment)
    offset = kept.offset_of(moment) if zone is None else moment.astimezone(zone).utcoffset() or timedelta(0)
    new = {
        "timeMode": "manual",
        "localTime": moment.astimezone(timezone(offset)).strftime("%Y-%m-%dT%H:%M:%S"),
    }
    if zone is not None:
        new["timeZone"] = str(kept)
    if "isSummerTime" in time:
        new["isSummerTime"] = "true" if offset != kept.offset else "false"
    return _changed(time, new)


def _known_zone(time: Mapping[str, Any]) -> DeviceZone:
    """Return the device's own zone; a clock is never set by a zone that is not known."""
    zone, _ = zone_of(time)
    if zone is None or zone.lacks_rules:
        text = plain_text(time.get("timeZone"))
        raise DeviceError(
            f"The clock was not set: the zone of the device is {f'{text!r}' if text else 'not told'}, from which "
            "its local time is not known, and its site has no known time zone.",
            hint="Give the device a time zone, such as --zone Europe/Berlin.",
        )
    return zone
