"""What `hpcli device time` says of clocks, whether it shows or sets them."""

from collections.abc import Callable, Mapping
from datetime import timedelta, tzinfo
from typing import Any

from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.time import ComparedClock, compare_clocks
from hpcli.errors import DeviceError
from hpcli.output import show_duration
from hpcli.run.context import Context

MODES = {"ntp": "NTP", "manual": "manual", "platform": "platform"}
BY_HAND = (None, "manual", "local")
"""Modes in which a clock takes the time that it is given."""

_TELLING = 2.0
"""Seconds by which a right clock may seem off: a device tells whole seconds, and its answer takes a moment."""


def drift_words(value: Any, _row: Mapping[str, Any]) -> str:
    """Return how far a clock is off, in words."""
    if value is None:
        return "unknown"
    if abs(value) < _TELLING:
        return "right"
    return f"{show_duration(abs(value))} {'ahead' if value > 0 else 'behind'}"


def ahead_words(amount: timedelta) -> str:
    """Return how far a clock is ahead, in words."""
    return drift_words(amount.total_seconds(), {})


def read_ntp_content(ctx: Context, serial: str, user: DeviceUser) -> Mapping[str, Any]:
    """Return the content of the device's NTPServer message; nothing for a device that does not show it."""
    try:
        return ctx.client.device.time.read_ntp_server(serial, user=user)
    except DeviceError as error:
        if error.kind == "offline":
            raise
        return {}  # it may take a server all the same


def compare_with(
    ctx: Context, content: Mapping[str, Any], site_zone: Callable[[], tzinfo | None]
) -> ComparedClock:
    """Compare a device's clock with this computer's and the platform's."""
    return compare_clocks(content, ctx.run.now(), ctx.client.transport.platform_time(), site_zone)
