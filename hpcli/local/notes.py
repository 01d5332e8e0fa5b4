"""Small files in which one process tells others its state; they only serve messages, so no failure counts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hpcli.local.atomic_write import replace_file

if TYPE_CHECKING:
    from pathlib import Path


def keep_note(path: Path, fields: Mapping[str, Any]) -> None:
    """Store a state."""
    with suppress(OSError):
        replace_file(path, json.dumps(fields).encode())


def forget_note(path: Path) -> None:
    """Remove a state."""
    with suppress(OSError):
        path.unlink()


def load_note(path: Path, names: Sequence[str]) -> dict[str, Any] | None:
    """Return the fields of a state; None if it is not there, or is damaged."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {name: kept[name] for name in names}
    return None
