"""Rows of docs/openapi/video.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class RecordingRow(TypedDict, total=False):
    """Row of `SEARCH`: list the recordings of a channel."""

    recType: int
    """Where it is; codes `recType`."""
    startTime: int
    """Start, epoch milliseconds."""
    endTime: int
    """End, epoch milliseconds."""
    localType: str
    """Why it was recorded; codes `localType`."""
    crypt: int
    """Encryption; codes `crypt`."""
