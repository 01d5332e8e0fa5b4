"""Documents of a fleet with one thing changed."""

from __future__ import annotations

from typing import Any


def change(whole: Any, *path: Any, value: Any) -> Any:
    """Set the value at a path in objects and lists, or remove the key or item there (`...`); return the whole."""
    place = whole
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return whole
