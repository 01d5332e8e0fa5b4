"""Calls of docs/openapi/alarms.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.alarms import MessageRow, PictureLink

SUBSCRIBE = Operation(
    "POST",
    "/api/hpcgw/v1/mq/subscribe",
    "§3.33",
    change=True,
    repeatable=True,
    unlimited=True,
    look="alarms status",
)
"""Subscribe to messages of devices, or unsubscribe."""

UNSUBSCRIBE = Operation(
    "POST",
    "/api/hpcgw/v1/mq/subscribe",
    "§3.33",
    change=True,
    asks=True,
    repeatable=True,
    unlimited=True,
    look="alarms status",
)
"""Unsubscribe from messages of devices."""

MESSAGES: Operation[list[MessageRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/mq/messages",
    "§3.34",
    repeatable=True,
    unlimited=True,
)
"""Wait for messages."""

OFFSET = Operation("POST", "/api/hpcgw/v1/mq/offset", "§3.35", change=True, repeatable=True, unlimited=True)
"""Confirm a batch of messages."""

PICTURE_URL: Operation[PictureLink] = Operation(
    "POST",
    "/api/hpcgw/v1/alarm/pictureurl",
    "§3.36",
    repeatable=True,
)
"""Get the address of an alarm picture."""
