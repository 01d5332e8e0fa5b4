"""All operations that the families declare."""

from __future__ import annotations

import importlib
from functools import cache

from hpcli.api.operation import Operation

FAMILIES = (
    "signing",
    "installer",
    "site",
    "customer",
    "health",
    "device.devices",
    "device.isapi",
    "device.otap",
    "device.upgrade",
    "device.info",
    "device.time",
    "device.ip_channels",
    "device.output",
    "panel",
    "ptz",
    "alarms",
    "arc",
    "person.persons",
    "person.sync",
    "access.permissions",
    "access.events",
    "video",
    "hotspare.servers",
    "hotspare.files",
    "package",
)
"""Modules of `hpcli.client` that declare operations."""


@cache
def all_operations() -> dict[str, Operation]:
    """Return every declared operation by `family.NAME`."""
    found: dict[str, Operation] = {}
    for family in FAMILIES:
        module = importlib.import_module(f"hpcli.client.{family}")
        found |= {
            f"{family}.{name}": value for name, value in vars(module).items() if isinstance(value, Operation)
        }
    return found


def find_declared(method: str, path: str) -> Operation | None:
    """Return a declared operation of that method and path template, the one that asks first."""
    matches = [o for o in all_operations().values() if (o.method, o.path) == (method, path)]
    return max(matches, key=lambda operation: operation.asks, default=None)
