"""Calls of docs/openapi/panel.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

ARM = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/control/arm/{areaId}",
    "A.4.10",
    change=True,
    look="panel areas SERIAL",
)
"""Arm an area."""

BYPASS = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/control/bypass",
    "A.4.11",
    change=True,
    asks=True,
    look="panel zones SERIAL",
)
"""Bypass zones."""

UNBYPASS = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/control/bypassRecover",
    "A.4.12",
    change=True,
    look="panel zones SERIAL",
)
"""End the bypass of zones."""

CLEAR = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/control/clearAlarm/{areaId}",
    "A.4.13",
    change=True,
    asks=True,
    look="panel areas SERIAL",
)
"""Clear the alarms of an area."""

DISARM = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/control/disarm/{areaId}",
    "A.4.14",
    change=True,
    asks=True,
    look="panel areas SERIAL",
)
"""Disarm an area."""

SWITCH_RELAYS = Operation(
    "POST",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/control/outputs",
    "A.4.15",
    change=True,
    asks=True,
    look="panel relays SERIAL",
)
"""Switch relays."""

AREAS = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/status/subSystems",
    "A.4.16",
    repeatable=True,
)
"""Get the state of all areas."""

RELAYS = Operation(
    "POST",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/status/outputStatus",
    "A.4.17",
    repeatable=True,
)
"""Search the state of relays."""

ZONES = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/status/zones",
    "A.4.18",
    repeatable=True,
)
"""Get the state of all zones."""

SEARCH_ZONES = Operation(
    "POST",
    "/api/hpcgw/v1/device/transparent/ISAPI/SecurityCP/status/zones",
    "A.4.18",
    repeatable=True,
)
"""Search the state of zones."""
