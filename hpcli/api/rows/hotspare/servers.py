"""Rows of docs/openapi/hotspare/servers.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class ServerRow(TypedDict, total=False):
    """Row of `LIST`: list the registered servers."""

    uuid: str
    """UUID."""
    type: int
    """Role; codes `hotSpareType`."""


class HeartbeatRow(TypedDict, total=False):
    """Row of `HEARTBEAT`: send a heartbeat and see those of the others."""

    uuid: str
    """UUID."""
    type: int
    """Role; codes `hotSpareType`."""
    timeLag: int
    """Milliseconds since its last heartbeat; more than ten years is an epoch time."""
