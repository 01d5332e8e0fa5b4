"""Calls of docs/openapi/ptz.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

MOVE = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/continuous",
    "A.4.6",
    change=True,
)
"""Pan, tilt and zoom at a speed; zeros stop."""

STOP = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/continuous",
    "A.4.6",
    change=True,
    repeatable=True,
    unlimited=True,
)
"""Stop a camera."""

PRESETS = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/presets",
    "A.4.7",
    repeatable=True,
)
"""Get the presets of a camera."""

ADD_PRESET = Operation(
    "POST",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/presets",
    "A.4.7",
    change=True,
    look="ptz preset list SERIAL CHANNEL",
)
"""Add a preset."""

DELETE_PRESETS = Operation(
    "DELETE",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/presets",
    "A.4.7",
    change=True,
    asks=True,
    look="ptz preset list SERIAL CHANNEL",
)
"""Delete all presets of a camera."""

PRESET = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/presets/{presetId}",
    "A.4.8",
    repeatable=True,
)
"""Get a preset."""

SET_PRESET = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/presets/{presetId}",
    "A.4.8",
    change=True,
    look="ptz preset list SERIAL CHANNEL",
)
"""Set a preset."""

DELETE_PRESET = Operation(
    "DELETE",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/presets/{presetId}",
    "A.4.8",
    change=True,
    asks=True,
    look="ptz preset list SERIAL CHANNEL",
)
"""Delete a preset."""

GO_TO_PRESET = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/{channelId}/presets/{presetId}/goto",
    "A.4.9",
    change=True,
)
"""Move a camera to a preset."""
