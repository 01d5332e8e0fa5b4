"""Calls of docs/openapi/device/upgrade.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

CHECK = Operation("POST", "/api/hpcgw/v1/device/upgrade/state", "§3.25", repeatable=True)
"""Ask whether there is newer firmware."""

START = Operation("POST", "/api/hpcgw/v1/device/upgrade", "§3.28", change=True, asks=True)
"""Start a firmware upgrade."""

PROGRESS = Operation("POST", "/api/hpcgw/v1/device/upgrade/progress", "§3.29", repeatable=True)
"""Follow a firmware upgrade."""
