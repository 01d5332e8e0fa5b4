"""Whether the platform still has the subscription: another program may have ended it, and then no alarm arrives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from hpcli.alarms.tail.subscription import Subscription, load_subscription
from hpcli.errors import HpcliError, LocalError
from hpcli.local.atomic_write import replace_file
from hpcli.parse import utc_text
from hpcli.plurals import quantity

State = Literal["complete", "incomplete", "lost", "none"]

_FILE: Final = "subscription-check.json"
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class SubscriptionCheck:
    """What the device list (Guide §3.21) said about the subscription.

    Attributes:
        at: when.
        subscribed: serials of the devices that are subscribed.
        lost: those that should be, and are not.
        others: those that are not, and need not be.
    """

    at: datetime
    subscribed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The outcome in a word; `none` if nothing is subscribed, and nothing ought to be."""
        if self.lost:
            return "incomplete" if self.subscribed else "lost"
        return "complete" if self.subscribed else "none"

    @property
    def devices(self) -> frozenset[str]:
        """The serials of the account's devices."""
        return frozenset((*self.subscribed, *self.lost, *self.others))

    @property
    def lost_words(self) -> str:
        """The devices that are lost, by serial as far as they are few."""
        return named(self.lost)


def named(serials: Iterable[str]) -> str:
    """Return serials in words; of many, only the first."""
    some = list(serials)
    more = f" and {len(some) - _MOST_NAMED} more" if len(some) > _MOST_NAMED else ""
    return ", ".join(some[:_MOST_NAMED]) + more


def check_subscription(
    rows: Iterable[Mapping[str, Any]],
    kept: Subscription | None,
    before: SubscriptionCheck | None,
    now: datetime,
) -> SubscriptionCheck:
    """Compare the device list with what was subscribed here, and with what was subscribed at the check before.

    Args:
        rows: the devices of the account.
        kept: what was last set from this state directory, None if nothing was.
        before: the check before, None if there was none.
        now: the time of the list.
    """
    expected = frozenset((*before.subscribed, *before.lost)) if before else frozenset[str]()
    subscribed, lost, others = list[str](), list[str](), list[str]()
    for row in rows:
        serial = str(row.get("deviceSerial") or "").strip()
        if not serial:
            continue
        if row.get("isSubscribed"):
            subscribed.append(serial)
        elif serial in expected or (kept is not None and kept.expects(serial)):
            lost.append(serial)
        else:
            others.append(serial)
    return SubscriptionCheck(now, tuple(subscribed), tuple(lost), tuple(others))


def load_check(folder: Path) -> SubscriptionCheck | None:
    """Return the latest check, None if there is none that can be read.

    Args:
        folder: the account's.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return SubscriptionCheck(
            datetime.fromisoformat(kept["at"]),
            *(tuple(map(str, kept[name])) for name in ("subscribed", "lost", "others")),
        )
    return None


def keep_check(folder: Path, check: SubscriptionCheck) -> None:
    """Store a check for `alarms status` and for the next one; without it they only know less."""
    kept = {
        "at": utc_text(check.at),
        "subscribed": check.subscribed,
        "lost": check.lost,
        "others": check.others,
    }
    with suppress(OSError):
        if folder.is_dir():
            replace_file(folder / _FILE, json.dumps(kept).encode() + b"\n")


def expect_no_longer(folder: Path, serials: Iterable[str] | None) -> None:
    """After devices were unsubscribed on purpose, or all (None): the next check does not miss them."""
    check = load_check(folder)
    if check is None:
        return
    gone = check.devices if serials is None else frozenset(serials)
    subscribed, lost = (
        tuple(serial for serial in some if serial not in gone) for some in (check.subscribed, check.lost)
    )
    others = tuple(serial for serial in (*check.subscribed, *check.lost) if serial in gone)
    keep_check(folder, replace(check, subscribed=subscribed, lost=lost, others=(*check.others, *others)))


@dataclass
class SubscriptionWatch:
    """Says when the subscription is lost, once, and sets it again if that is wanted.

    Args:
        folder: the account's.
        now: the time.
        warn: shows a line to the user.
        renew: subscribes to all devices (`--subscribe`); None leaves it to the user.
    """

    folder: Path
    now: Callable[[], datetime]
    warn: Callable[[str], None]
    renew: Callable[[], None] | None = None
    _told: frozenset[str] = field(default_factory=frozenset)
    _has_told_none: bool = False

    def take(self, rows: Iterable[Mapping[str, Any]]) -> bool:
        """Judge the device list; return whether the subscription was set again, so that another look is due."""
        with suppress(LocalError):  # a damaged record: `alarms subscribe` says so
            kept = load_subscription(self.folder)
            check = check_subscription(rows, kept, load_check(self.folder), self.now())
            keep_check(self.folder, check)
            return self._tell(check, is_known=kept is not None)
        return False

    def _tell(self, check: SubscriptionCheck, *, is_known: bool) -> bool:
        lost = frozenset(check.lost)
        before, self._told = self._told, lost
        if check.state == "none" and not is_known and not self._has_told_none:
            self._has_told_none = True
            self.warn(
                "No device is subscribed, so no alarms will arrive. Run `hpcli alarms subscribe --all`."
            )
        if not lost:
            if before and self.renew is None:
                self.warn("All devices are subscribed again.")
            return False
        if lost <= before:
            return False
        what = (
            f"{quantity(len(lost), 'device')} no longer subscribed ({check.lost_words})"
            if check.subscribed
            else "The subscription is gone: no device of this account is subscribed"
        )
        return self._set_again(f"{what}; another program may have ended it.")

    def _set_again(self, what: str) -> bool:
        if self.renew is None:
            self.warn(f"{what} Their alarms do not arrive. Run `hpcli alarms subscribe`, or use --subscribe.")
            return False
        try:
            self.renew()
        except HpcliError as error:
            self._told = frozenset()
            self.warn(f"{what} It could not be set again: {error}")
            return False
        self.warn(f"{what} It was set again.")
        return True
