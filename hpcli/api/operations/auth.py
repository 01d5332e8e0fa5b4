"""Calls of docs/openapi/auth.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

GET_TOKEN = Operation("POST", "/api/hpcgw/v1/token/get", "§3.1", repeatable=True, unlimited=True)
"""Exchange app key and secret key for an access token."""
