"""All operations that the families declare."""

from __future__ import annotations

import importlib
from functools import cache

from hpcli.client.operation import Operation

FAMILIES = (
    "signing",
    "installer",
    "site",
    "customer",
    "health",
    "device",
    "device_isapi",
    "device_otap",
    "device_upgrade",
    "device_info",
    "device_time",
    "device_ip_channels",
    "device_output",
    "panel",
    "ptz",
    "alarms",
    "arc",
    "person",
    "person_sync",
    "access",
    "access_events",
    "video",
    "hotspare",
    "hotspare_file",
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
