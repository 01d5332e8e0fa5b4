"""Calls of docs/openapi/person/sync.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

START = Operation("POST", "/api/hpcgw/v1/person/synchronize", "§3.49", change=True)
"""Start copying persons from a device to the platform."""

PROGRESS = Operation("POST", "/api/hpcgw/v1/person/synchronize/progress", "§3.50", repeatable=True)
"""Follow the copying of persons."""

DETAILS = Operation("POST", "/api/hpcgw/v1/person/synchronize/details", "§3.51", repeatable=True)
"""List the persons that a task copied, or could not copy."""
