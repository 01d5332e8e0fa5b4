"""Calls of docs/openapi/health.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

REPORT = Operation("POST", "/api/hpcgw/v1/site/health/report", "§3.17", repeatable=True)
"""Report the state of all devices of a site."""
