"""Recordings (Guide §3.52): every channel records the first 50 minutes of each hour, the last 30 days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state import account

_AUTO, _CLOUD, _LOCAL = 0, 1, 2
_ALARM, _TIMING = "0", "1"
_HOUR = 3600
_LENGTH = 50 * 60
_KEPT = 30 * 86400
_ONLINE = 1


@operation("videoByTime")
def list_recordings(call: Call) -> list[dict[str, Any]]:
    """List the recordings of a channel that overlap a span of time (§3.52)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    channel = call.body.get("channelNo", 1)
    channels = {row["channelNo"]: row for row in call.store.children("camera", device["deviceSerial"])}
    if channel not in channels:
        raise Refused("EVZ20001")
    if device["deviceOnlineStatus"] != _ONLINE:
        raise call.offline()
    end = call.body.get("endTime", int(call.now * 1000)) // 1000
    start = call.body.get("startTime", (end - end % 86400) * 1000) // 1000
    wanted = call.body.get("recType", _AUTO)
    rows = _recordings(max(start, int(call.now) - _KEPT), min(end, int(call.now)))
    return [row | {"crypt": 1} for row in rows if wanted in (_AUTO, row["recType"])]


def _recordings(start: int, end: int) -> Iterator[dict[str, Any]]:
    for hour in range(start // _HOUR * _HOUR, end, _HOUR):
        if hour + _LENGTH <= start:
            continue
        # Every sixth hour has the recording of an alarm, which is in the cloud.
        is_alarm = hour // _HOUR % 6 == 0
        yield {
            "recType": _CLOUD if is_alarm else _LOCAL,
            "startTime": hour * 1000,
            "endTime": min(hour + _LENGTH, end) * 1000,
            "localType": _ALARM if is_alarm else _TIMING,
        }
