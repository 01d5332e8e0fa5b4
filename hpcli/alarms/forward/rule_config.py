"""The rules of forward.toml: what makes an event of its own.

::

    [[rule]]
    offline-for = "10m"        # a device that the platform has lost for that long

    [[rule]]
    silent-for = "25h"         # a device without any message
    device = ["Q12345678"]     # only these; without it, every device that was ever heard

    [[rule]]
    silent-for = "2h"
    account = true             # no message of any device

    [[rule]]
    open-after = "22:00"       # areas that are not armed, by this computer's clock
    until = "06:00"

    [[rule]]
    reader-silent = "5m"       # nobody reads the queue, or the platform does not answer
    priority = "critical"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hpcli.errors import UsageError
from hpcli.parse import parse_duration
from hpcli.reference.categories import PRIORITIES

OFFLINE: Final = "offline-for"
SILENT: Final = "silent-for"
OPEN: Final = "open-after"
READER: Final = "reader-silent"
KINDS: Final = (OFFLINE, SILENT, OPEN, READER)
_KEYS: Final = (*KINDS, "device", "account", "until", "priority")
_FOR: Final = {"until": (OPEN,), "account": (SILENT,), "device": (OFFLINE, SILENT, OPEN)}
"""Keys that only some kinds of rules have."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_READER_DEFAULT: Final = "5m"


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        kind: one of KINDS.
        seconds: how long something may last.
        start: `open-after`, HH:MM.
        until: when `open-after` ends.
        devices: serials; empty for all.
        is_account: the whole account counts, not each device.
        priority: of the event when it begins.
    """

    kind: str
    seconds: float = 0.0
    start: str = ""
    until: str = "06:00"
    devices: frozenset[str] = frozenset()
    is_account: bool = False
    priority: str = "high"

    @property
    def mark(self) -> str:
        """What tells it from other rules, also after a restart."""
        what = self.start or f"{self.seconds:g}"
        return f"{self.kind} {what}{' account' if self.is_account else ''}"

    def concerns(self, device: str) -> bool:
        """Return whether it is about a device."""
        return not self.devices or device.upper() in self.devices

    def is_time(self, clock: str) -> bool:
        """Return whether areas shall be armed at a time of day, HH:MM."""
        if self.start < self.until:
            return self.start <= clock < self.until
        return clock >= self.start or clock < self.until


def read_rules(content: Mapping[str, Any]) -> list[Rule]:
    """Return the rules of forward.toml.

    Raises:
        UsageError: some are wrong; the error has the number of each.
    """
    tables = content.get("rule", [])
    if not isinstance(tables, list):
        raise UsageError("rule is not a list: write [[rule]].")
    rules: list[Rule] = []
    wrong: list[tuple[str, str | None]] = []
    for number, table in enumerate(tables, 1):
        try:
            rule = _read_rule(table)
            _check_repeat(rule, rules)
            rules.append(rule)
        except UsageError as error:
            wrong.append((f"Rule {number}: {error.message}", error.hint))
    if wrong:
        *others, (last, hint) = wrong
        lines = [f"{message} {advice}" if advice else message for message, advice in others]
        raise UsageError(" ".join([*lines, last]), hint=hint)
    return rules


def _read_rule(table: Any) -> Rule:
    if not isinstance(table, dict):
        raise UsageError("it is not a table.", hint="Write [[rule]] with its keys below.")
    _check_keys(table)
    kinds = [kind for kind in KINDS if kind in table]
    if len(kinds) != 1:
        raise UsageError(f"it needs one of {', '.join(KINDS)}.", hint="Write a [[rule]] for each.")
    (kind,) = kinds
    _check_use(table, kind)
    value = table[kind]
    if kind == READER and value is True:
        value = _READER_DEFAULT
    start, until = ("", "") if kind != OPEN else (_time(value), _time(table.get("until", "06:00")))
    if kind == OPEN and start == until:
        raise UsageError(f"`{OPEN}` and `until` are the same time.", hint="Write the time when it ends.")
    return Rule(
        kind,
        0.0 if kind == OPEN else _seconds(kind, value),
        start,
        until,
        _devices(table["device"]) if "device" in table else frozenset(),
        is_account=table.get("account") is True,
        priority=_priority(table.get("priority", "high")),
    )


def _check_use(table: Mapping[str, Any], kind: str) -> None:
    for key, kinds in _FOR.items():
        if key in table and kind not in kinds:
            raise UsageError(f"`{key}` does not go with {kind}.", hint=f"It is for {', '.join(kinds)}.")
    if not isinstance(table.get("account", False), bool):
        raise UsageError("`account` is not true or false.")
    if table.get("account") and "device" in table:
        raise UsageError("`account` and `device` cannot be used together.")


def _check_repeat(rule: Rule, others: Sequence[Rule]) -> None:
    """Refuse a rule that an earlier one of the same limit has for the same devices."""
    for number, other in enumerate(others, 1):
        if rule.mark == other.mark and (
            not rule.devices or not other.devices or rule.devices & other.devices
        ):
            raise UsageError(
                f"it repeats rule {number}.", hint="Give it another limit, or devices that the other lacks."
            )


def _seconds(kind: str, value: Any) -> float:
    seconds = parse_duration(str(value)).total_seconds()
    if not seconds:
        raise UsageError(f"`{kind}` is zero.", hint="Write how long it may last, such as 10m.")
    return seconds


def _check_keys(table: Mapping[str, Any]) -> None:
    from hpcli.reference.choices import did_you_mean, nearest

    for key in table:
        if key not in _KEYS:
            raise UsageError(
                f"there is no key '{key}'.",
                hint=f"{did_you_mean(nearest(key, _KEYS))}Keys: {', '.join(_KEYS)}.",
            )


def _time(value: Any) -> str:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise UsageError(f"'{value}' is not a time of day.", hint='Write "22:00".')
    return value


def _devices(value: Any) -> frozenset[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        raise UsageError("`device` is not a list of serials.")
    if not values:
        raise UsageError("`device` is empty.", hint="Leave it out for all devices.")
    return frozenset(one.strip().upper() for one in values)


def _priority(value: Any) -> str:
    if value not in PRIORITIES:
        raise UsageError(f"'{value}' is not a priority.", hint=f"One of: {', '.join(PRIORITIES)}.")
    return str(value)
