"""What this machine's tail last said of its lease, for `alarms status`."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from hpcli.local.atomic_write import replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from hpcli.alarms.lease.lease import Lease

_FILE: Final = "lease.json"


def keep_lease(folder: Path, lease: Lease, now: str) -> None:
    """Store the state of a lease; it only serves messages.

    Args:
        folder: the account's.
        lease: the lease.
        now: the time, as text.
    """
    state = {
        "state": lease.state,
        "holder": lease.other.who if lease.other else None,
        "address": lease.broker.address.short,
        "since": now,
    }
    with suppress(OSError):
        replace_file(folder / _FILE, json.dumps(state).encode())


def forget_lease(folder: Path) -> None:
    """Remove the state: this machine does not compete any more."""
    with suppress(OSError):
        (folder / _FILE).unlink()


def load_lease(folder: Path) -> dict[str, Any] | None:
    """Return the state: {state, holder, address, since}; None if there is none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return {name: kept[name] for name in ("state", "holder", "address", "since")}
    return None
