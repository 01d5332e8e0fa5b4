"""The identity of a message: its fingerprint, and the id of its event if the platform gives none."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from hpcli.alarms.event.json_codec import encode_sorted

_MOST_BITS: Final = 14_000
"""Python writes whole numbers of 4,300 decimal digits at most."""


def fingerprint_of(message: object) -> str:
    """Return 16 hex digits made from a message's device and raw payload; equal messages have equal digits."""
    if isinstance(message, dict):
        device, payload = message.get("deviceSerial"), message.get("alarmData")
    else:
        device, payload = None, message
    body = payload if isinstance(payload, str) else _canonical_text(payload)
    serial = device.strip() if isinstance(device, str) else _canonical_text(device)
    return sha256(f"{serial}\0{body}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def identity(fingerprint: str, second: int | None) -> str:
    """Return the id of a message that has none of its own, 16 hex digits.

    It begins with the second that the message shows: ids of one time are adjacent in the journal's index, so a
    batch changes few pages. Then follows half of the fingerprint, which distinguishes messages of one second. If
    two messages still have the same id, the journal adds `-2`. Repeats have the same fingerprint, not the same id.

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
        # Nested too deep for the encoder, or keys that do not sort: less canonical, but stable.
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
        elif isinstance(current, int) and current.bit_length() > _MOST_BITS:
            yield hex(current)
        else:
            yield repr(current)
