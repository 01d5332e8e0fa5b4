"""The keys of config.toml that hpcli does not know, and what they were probably meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def unknown_keys(table: object, known: Collection[str], where: str) -> list[str]:
    """Return a sentence for each key of a table that is not known; it names the nearest."""
    from hpcli.reference.choices import did_you_mean, nearest

    unknown = [key for key in table if key not in known] if isinstance(table, dict) else []
    return [
        f"there is no key '{key}'{where}. {did_you_mean(nearest(key, known))}It is ignored."
        for key in unknown
    ]
