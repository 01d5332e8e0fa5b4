"""Calls of docs/openapi/device/devices.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import (
        AddedDevices,
        ChannelRow,
        DevicePin,
        DeviceRow,
        IotAbility,
        IotDevice,
        WakeState,
    )

ADD: Operation[AddedDevices] = Operation(
    "POST",
    "/api/hpcgw/v2/device/add",
    "§3.18",
    change=True,
    look="device list",
)
"""Add devices to a site."""

DELETE = Operation(
    "POST",
    "/api/hpcgw/v1/device/delete",
    "§3.19",
    change=True,
    asks=True,
    repeatable=True,
    removes=True,
    look="device list",
)
"""Delete a device."""

UPDATE = Operation(
    "POST",
    "/api/hpcgw/v1/device/update",
    "§3.20",
    change=True,
    repeatable=True,
    look="device show SERIAL",
)
"""Rename a device or change its extra text."""

SEARCH: Operation[list[DeviceRow]] = Operation("POST", "/api/hpcgw/v1/device/list", "§3.21", repeatable=True)
"""List devices."""

CHANNELS: Operation[list[ChannelRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/device/camera/list",
    "§3.22",
    repeatable=True,
)
"""List the channels of a device."""

PIN: Operation[DevicePin] = Operation("POST", "/api/hpcgw/v1/device/pincode/query", "§3.27")
"""Get the PIN of a device."""

IOT_ABILITY: Operation[IotAbility] = Operation(
    "POST",
    "/api/hpcgw/v1/device/iot/ability/query",
    "§3.30",
    repeatable=True,
)
"""Ask whether a device is added by pressing its button."""

IOT_RESULT: Operation[IotDevice] = Operation(
    "POST",
    "/api/hpcgw/v1/device/iot/add/result",
    "§3.31",
    repeatable=True,
)
"""Ask whether an object-model device is added."""

WAKE: Operation[WakeState] = Operation(
    "POST",
    "/api/hpcgw/v1/device/camera/wakeUp",
    "§3.32",
    change=True,
    repeatable=True,
)
"""Wake a solar camera."""
