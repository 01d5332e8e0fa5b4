"""Maintenance packages (Guide §3.61). The demo account has no premium service, so the type must be named."""

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state import account

_FOR_CAMERAS = 2
_CAMERA = 1


@operation("vasOpspackActive")
def activate_package(call: Call) -> None:
    """Use packages for a device (§3.61); the yearly one for cameras fits only cameras."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    kind = call.body.get("opspackType")
    if kind is None:
        raise Refused("LAP000001", "opspackType is required without a premium service.")
    if kind == _FOR_CAMERAS and device["deviceCategory"] != _CAMERA:
        raise Refused("EVZ60051")
    name = f"package {device['deviceSerial']}"
    call.store.count(name, call.body["num"])
