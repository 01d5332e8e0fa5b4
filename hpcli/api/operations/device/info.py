"""Calls of docs/openapi/device/info.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

READ_INFO = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/System/deviceInfo",
    "A.4.19",
    repeatable=True,
)
"""Get name, model and versions of a device."""

SET_INFO = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/System/deviceInfo",
    "A.4.19",
    change=True,
    asks=True,
    look="device info SERIAL",
)
"""Set name and other information of a device."""
