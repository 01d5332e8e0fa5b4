"""Rows of docs/openapi/alarms.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class MessageRow(TypedDict, total=False):
    """Row of `MESSAGES`: wait for messages."""

    formatType: str
    """Format of alarmData; codes `formatType`."""
    deviceSerial: str
    """Serial number."""
    alarmData: str
    """The message (A.3)."""
    messageId: str
    """ID of the message; later editions of the platform only."""
    accountNumber: str
    """Account at the ARC; later editions of the platform only."""


class PictureLink(TypedDict, total=False):
    """Data of `PICTURE_URL`: get the address of an alarm picture."""

    pictureUrl: str
    """Address of the picture, valid for two hours."""
    encrypt: bool
    """Whether the picture is encrypted; the path says by whom."""
