"""Calls of docs/openapi/installer.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

SEARCH = Operation("POST", "/api/hpcgw/v1/installers/search", "§3.2", repeatable=True)
"""List or search the employees of the company."""
