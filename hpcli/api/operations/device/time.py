"""Calls of docs/openapi/device/time.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

READ_TIME = Operation("GET", "/api/hpcgw/v1/device/transparent/ISAPI/System/time", "A.4.23", repeatable=True)
"""Get the time of a device."""

SET_TIME = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/System/time",
    "A.4.23",
    change=True,
    asks=True,
    look="device time SERIAL",
)
"""Set the time of a device."""
