"""What this machine's tail last said of its lease, for `alarms status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hpcli.local.notes import forget_note, keep_note, load_note

if TYPE_CHECKING:
    from pathlib import Path

    from hpcli.alarms.lease.lease import Lease

_FILE: Final = "lease.json"


def keep_lease(folder: Path, lease: Lease, now: str) -> None:
    """Store the state of a lease.

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
    keep_note(folder / _FILE, state)


def forget_lease(folder: Path) -> None:
    """Remove the state: this machine does not compete any more."""
    forget_note(folder / _FILE)


def load_lease(folder: Path) -> dict[str, Any] | None:
    """Return the state: {state, holder, address, since}; None if there is none that can be read."""
    return load_note(folder / _FILE, ("state", "holder", "address", "since"))
