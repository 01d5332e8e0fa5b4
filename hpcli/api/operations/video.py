"""Calls of docs/openapi/video.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

SEARCH = Operation("POST", "/api/hpcgw/v1/video/by/time", "§3.52", repeatable=True)
"""List the recordings of a channel."""
