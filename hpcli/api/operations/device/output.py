"""Calls of docs/openapi/device/output.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

LIST_OUTPUTS = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/System/IO/outputs",
    "A.4.20",
    repeatable=True,
)
"""Get the alarm outputs."""

OUTPUT_STATE = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/System/IO/outputs/{outputId}/status",
    "A.4.21",
    repeatable=True,
)
"""Get the state of an alarm output."""

SET_OUTPUT = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/System/IO/outputs/{outputId}/trigger",
    "A.4.22",
    change=True,
    asks=True,
    look="device output status SERIAL OUTPUT",
)
"""Switch an alarm output."""
