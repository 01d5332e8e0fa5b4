"""What this machine's tail last said of itself as a hot-spare server, for `alarms status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hpcli.local.notes import forget_note, keep_note, load_note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE: Final = "hotspare.json"
_NAMES: Final = ("role", "uuid", "host", "state", "since", "hostHeard", "error")

HOTSPARE_FIELDS: Final = tuple(f"hotspare.{name}" for name in _NAMES)


def keep_server(folder: Path, fields: Mapping[str, Any]) -> None:
    """Store the state in the account's folder."""
    keep_note(folder / _FILE, fields)


def forget_server(folder: Path) -> None:
    """Remove the state: this machine is no longer a server."""
    forget_note(folder / _FILE)


def load_server(folder: Path) -> dict[str, Any] | None:
    """Return the state: {role, uuid, host, state, since, hostHeard, error}; None if none can be read."""
    return load_note(folder / _FILE, _NAMES)
