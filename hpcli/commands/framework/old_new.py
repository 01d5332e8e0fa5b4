"""Say what a change has changed: `name: Shop → Bakery`."""

from collections.abc import Mapping
from typing import Any

from hpcli.client.site import ADDRESS_FIELDS


def changed_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the values that differ, old and new; empty where none does.

    Args:
        before: label to value; nothing and an empty text are the same.
        after: label to value; labels that are only in `before` did not change.
    """
    return "; ".join(
        f"{label} {_word(before.get(label))} → {_word(value)}"
        for label, value in after.items()
        if (before.get(label) or "") != (value or "")
    )


def in_brackets(words: str) -> str:
    """Return words in brackets with a blank before them; nothing stays nothing."""
    return f" ({words})" if words else ""


def _word(value: Any) -> str:
    return str(value) if value else "–"


def new_site_words(time_zone: str, address: Mapping[str, str]) -> str:
    """Return what a new site will have: `time zone Europe/Berlin; city Leeds; street Park Row 5`."""
    parts = [f"{part} {address[part]}" for part in ADDRESS_FIELDS if address.get(part)]
    return "; ".join([f"time zone {time_zone}", *parts])
