"""The gateway to devices: `device/transparent/ISAPI/…` (Guide §3.23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.check import PASSED_ON
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.isapi.device.access_rights import SLOW, SLOW_SECONDS
from hpcli.sandbox.isapi.device.registry import answer_device

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

PREFIX = PASSED_ON
NAME = "deviceTransparent"
UNKNOWN = "EVZ20002"


@operation(NAME, waits=True)
def pass_through(call: Call) -> Response:
    """Pass a request on to the device named in X-Devserial.

    The gateway's own failures are envelopes; the device's answer comes back unchanged, with the headers
    X-EZO-Code, X-ErrorCode and X-DeviceCode.
    """
    device = call.store.get("device", call.request.headers["X-Devserial"].strip())
    if device is None:
        raise Refused(UNKNOWN)
    if device["deviceOnlineStatus"] != 1:
        raise call.offline()
    if device.get("fault") == SLOW:
        call.is_over(float(device.get("slowSeconds", SLOW_SECONDS)))
    with call.store.transaction():
        return answer_device(call, device, call.request.path.removeprefix(PREFIX))
