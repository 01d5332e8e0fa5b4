"""Calls of docs/openapi/device/isapi.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

READ_ISAPI = Operation("GET", "/api/hpcgw/v1/device/transparent/{uri}", "§3.23", repeatable=True)
"""Read from a device through the platform."""

PUT_ISAPI = Operation("PUT", "/api/hpcgw/v1/device/transparent/{uri}", "§3.23", change=True, asks=True)
"""Change a device through the platform."""

POST_ISAPI = Operation("POST", "/api/hpcgw/v1/device/transparent/{uri}", "§3.23", change=True, asks=True)
"""Search, add or start something on a device through the platform."""

DELETE_ISAPI = Operation("DELETE", "/api/hpcgw/v1/device/transparent/{uri}", "§3.23", change=True, asks=True)
"""Delete something on a device through the platform."""
