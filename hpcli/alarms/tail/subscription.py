"""What `alarms subscribe` last set for an account, so that `tail` can set the same subscription again.

Subscriptions lapse after days of silence (field notes); the platform does not say what they were.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hpcli.alarms.journal.folder import make_account_folder
from hpcli.errors import LocalError
from hpcli.local.atomic_write import replace_file
from hpcli.plurals import quantity

_FILE: Final = "subscription.json"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is subscribed.

    Attributes:
        everything: all devices of the account, including later ones.
        serials: the devices, if it is not everything.
        excepted: devices that were unsubscribed after everything was subscribed.
    """

    everything: bool = False
    serials: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()

    def with_subscribed(self, serials: Sequence[str] | None) -> Subscription:
        """Return the subscription after subscribing to devices, or to everything (None)."""
        if serials is None:
            return Subscription(everything=True)
        if self.everything:
            return replace(self, excepted=_without(self.excepted, serials))
        return replace(self, serials=tuple(dict.fromkeys((*self.serials, *serials))))

    def with_unsubscribed(self, serials: Sequence[str] | None) -> Subscription:
        """Return the subscription after unsubscribing from devices, or from everything (None)."""
        if serials is None:
            return Subscription()
        if self.everything:
            return replace(self, excepted=tuple(dict.fromkeys((*self.excepted, *serials))))
        return replace(self, serials=_without(self.serials, serials))

    def expects(self, serial: str) -> bool:
        """Return whether a device of the account is to be subscribed."""
        return serial not in self.excepted if self.everything else serial in self.serials

    @property
    def can_be_repeated(self) -> bool:
        """Whether subscribing alone sets it again; subscribing to everything would undo exceptions."""
        return (self.everything and not self.excepted) or bool(self.serials)

    @property
    def words(self) -> str:
        """The subscription in words."""
        if self.everything:
            return "all devices" + (f" but {', '.join(self.excepted)}" if self.excepted else "")
        return quantity(len(self.serials), "device") if self.serials else "no devices"


def load_subscription(folder: Path) -> Subscription | None:
    """Return what was last set from this state directory, None if nothing was.

    Args:
        folder: the account's.

    Raises:
        LocalError: the record cannot be read.
    """
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return Subscription(bool(kept["all"]), tuple(kept["serials"]), tuple(kept["excepted"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LocalError(
            f"The record of the subscription cannot be read: {folder / _FILE}.",
            hint="Remove it and run `hpcli alarms subscribe` again.",
        ) from error


def keep_subscription(folder: Path, subscription: Subscription) -> None:
    """Store what was set.

    Raises:
        LocalError: it cannot be written.
    """
    make_account_folder(folder)
    kept = {
        "all": subscription.everything,
        "serials": subscription.serials,
        "excepted": subscription.excepted,
    }
    try:
        replace_file(folder / _FILE, json.dumps(kept).encode() + b"\n")
    except OSError as error:
        raise LocalError(
            f"The subscription cannot be recorded: {folder / _FILE}: {error.strerror}.",
            hint="The platform has the subscription, but `tail` will not set it again.",
        ) from error


def _without(serials: tuple[str, ...], dropped: Sequence[str]) -> tuple[str, ...]:
    return tuple(serial for serial in serials if serial not in dropped)
