"""The event: one flat, stable object for every alarm message, and the identity of a message."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from hpcli.alarms.event.json_codec import encode_sorted

Event = dict[str, Any]
"""An event as printed and stored: exactly the keys of EVENT_FIELDS, always all, in that order."""

EVENT_FIELDS: Final[dict[str, str]] = {
    "id": "the platform's messageId, else 16 hex digits made of device and payload, the same for equal messages",
    "received": "when this program got it, ISO 8601 in UTC with Z",
    "time": "when it happened, ISO 8601 with offset",
    "timeSource": "whose time it is: device (with its zone), site-zone (naive, read in that zone), received",
    "type": "event type in its canonical spelling, `unknown` if there is none",
    "name": "the type in words",
    "category": "intrusion, video, access, device, fault, call or other",
    "device": "serial of the device, or null",
    "channel": "channel number, or null",
    "channelName": "channel name, or null",
    "site": "{id, name} of the site, or null",
    "text": "the one line a person wants to read",
    "cid": "for CID events the fields of CID_FIELDS, else null",
    "pictures": "list of objects with the fields of PICTURE_FIELDS",
    "redelivered": "true: it may have been printed before",
    "batch": "the platform's batchId, or null",
    "raw": "the message as the platform handed it over",
}

CID_FIELDS: Final[dict[str, str]] = {
    "code": "the code as sent, a number of Hikvision's own catalogue",
    "qualifier": "new, restore or status, from the code's first digit, or null",
    "event": "the code's last three digits, or null",
    "standard": "the four-digit Ademco Contact ID code, or null",
    "meaning": "what the code means",
    "areas": "numbers of the areas concerned, from 1",
    "zone": "zone number from 1, or null",
    "zoneName": "zone name, or null",
    "user": "user name, else `user N`, or null",
}

PICTURE_FIELDS: Final[dict[str, str]] = {
    "url": "an https address, or an ISAPI_FILES path that `alarm/pictureurl` turns into one",
    "encryption": "none, device or platform, as the address says",
    "state": "pending, saved or failed",
    "file": "where it was saved, or null",
    "error": "why it failed, or null",
}

CATEGORIES: Final = ("intrusion", "video", "access", "device", "fault", "call", "other")
"""`intrusion` holds every alarm of a panel: burglary, tamper, fire, panic, medical, gas, water."""


def fingerprint_of(message: object) -> str:
    """Return 16 hex digits that tell a message's device and raw payload; equal messages get equal ones."""
    device: object = None
    payload: object = message
    if isinstance(message, dict):
        device, payload = message.get("deviceSerial"), message.get("alarmData")
    body = payload if isinstance(payload, str) else _canonical_text(payload)
    serial = device.strip() if isinstance(device, str) else _canonical_text(device)
    return hashlib.sha256(f"{serial}\0{body}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def identity(fingerprint: str, second: int | None) -> str:
    """Return the id of a message that has none of its own, 16 hex digits.

    It begins with the second that the message shows: ids of one time stand together in the journal's index, so a
    batch changes few pages of it. The half of the fingerprint behind it tells messages of one second apart; where
    two share it all the same, the journal adds `-2`. Repeats are told by the whole fingerprint, never by the id.

    Args:
        fingerprint: the message's.
        second: of the message's clock, counted from 1970; None where it shows none.
    """
    fits = second is not None and 0 <= second < 1 << 32
    return f"{second:08x}{fingerprint[:8]}" if fits else fingerprint


def _canonical_text(value: object) -> str:
    """Return equal text for equal JSON values, whatever the order of their keys."""
    try:
        return encode_sorted(value)
    except (RecursionError, TypeError, ValueError):
        # Nested deeper than the encoder goes, or keys that do not sort: less canonical, but stable.
        return "\n".join(_flat_text(value))


def _flat_text(value: object) -> Iterator[str]:
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            yield f"object {len(current)}"
            for key, inner in current.items():
                pending += (inner, key)
        elif isinstance(current, list | tuple):
            yield f"array {len(current)}"
            pending.extend(current)
        else:
            yield repr(current)
