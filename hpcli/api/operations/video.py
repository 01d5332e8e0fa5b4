"""Calls of docs/openapi/video.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.video import RecordingRow

SEARCH: Operation[list[RecordingRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/video/by/time",
    "§3.52",
    repeatable=True,
)
"""List the recordings of a channel."""
