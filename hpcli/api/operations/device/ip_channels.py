"""Calls of docs/openapi/device/ip_channels.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

LIST_CHANNELS = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/ContentMgmt/InputProxy/channels",
    "A.4.3",
    repeatable=True,
)
"""Get the IP channels."""

SET_CHANNELS = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/ContentMgmt/InputProxy/channels",
    "A.4.3",
    change=True,
    asks=True,
    look="device ip-channels list SERIAL",
)
"""Set all IP channels."""

ADD_CHANNEL = Operation(
    "POST",
    "/api/hpcgw/v1/device/transparent/ISAPI/ContentMgmt/InputProxy/channels",
    "A.4.3",
    change=True,
    asks=True,
    look="device ip-channels list SERIAL",
)
"""Add an IP channel."""

CHANNEL_STATES = Operation(
    "GET",
    "/api/hpcgw/v1/device/transparent/ISAPI/ContentMgmt/InputProxy/channels/status",
    "A.4.4",
    repeatable=True,
)
"""Get the state of the IP channels."""

REFRESH_PLAYBACK = Operation(
    "PUT",
    "/api/hpcgw/v1/device/transparent/ISAPI/ContentMgmt/record/control/manualRefresh/channels/{channelId}",
    "A.4.5",
    change=True,
)
"""Refresh the video mode of a channel before playback."""
