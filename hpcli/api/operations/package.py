"""Calls of docs/openapi/package.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

ACTIVATE = Operation("POST", "/api/hpcgw/v1/vas/opspack/active", "§3.61", change=True, asks=True)
"""Activate the maintenance package of a device."""
