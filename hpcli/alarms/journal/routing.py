"""Routing: which events an output takes, by category, priority, type, site, device, CID code and hours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from hpcli.alarms.event.contact_id import has_report
from hpcli.alarms.event.types import find_event_type
from hpcli.alarms.journal.entries import StoredBody, read_body
from hpcli.errors import UsageError
from hpcli.names import normal
from hpcli.reference.categories import CATEGORIES, PRIORITIES

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_CODE = re.compile(r"\d{3,4}")
_QUIET: Final = "test"
"""The category that has to be named for the keep-alives of panels."""

NO_CODE: Final = "it has no Contact ID code"

Reports = Literal["", "cid", "category"]
"""What an output needs of an event: nothing, a Contact ID code, or one that its category gives."""


class Candidate(NamedTuple):
    """What of an event decides which outputs take it."""

    seq: int
    device: str | None
    priority: str
    category: str
    type: str
    site: str | None
    is_quiet: bool | int
    received: int
    body: StoredBody


@dataclass(frozen=True, slots=True)
class Term:
    """A condition: one of some values."""

    key: str
    values: frozenset[str]

    def admits(self, event: Candidate) -> bool:
        """Return whether an event has one of the values."""
        return bool(_TESTS[self.key](event, self.values))

    def __str__(self) -> str:
        """Return it as it is written: `category=fire,panic`."""
        return f"{self.key}={','.join(sorted(self.values))}"


@dataclass(frozen=True, slots=True)
class Routing:
    """What an output takes; without conditions, every event but the keep-alives of panels.

    Attributes:
        only: an event is taken if it meets all of these.
        excluded: an event is not taken if it meets one of these.
        reports: what the output needs of an event to send it at all.
    """

    only: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    reports: Reports = ""

    def refusal(self, event: Candidate) -> str | None:
        """Return why an event is not taken, None if it is."""
        if event.is_quiet and not any(term.key == "category" and _QUIET in term.values for term in self.only):
            return "it is the keep-alive of a panel"
        for term in self.only:
            if not term.admits(event):
                return f"only {term}"
        for term in self.excluded:
            if term.admits(event):
                return f"not {term}"
        if self.reports and not has_report(read_body(event.body), by_category=self.reports == "category"):
            return NO_CODE
        return None

    def drops_alarm(self, event: Candidate) -> bool:
        """Return whether it is for want of a code alone that an event of high or critical priority is not taken."""
        return event.priority in ("high", "critical") and self.refusal(event) == NO_CODE

    def as_json(self) -> str:
        """Return it as the journal stores it."""
        return json.dumps(
            {
                "only": [str(term) for term in self.only],
                "not": [str(term) for term in self.excluded],
                "reports": self.reports,
            }
        )


def read_routing(text: str) -> Routing:
    """Return the routing that the journal stores."""
    kept = json.loads(text)
    return replace(make_routing(kept["only"], kept["not"]), reports=kept.get("reports", ""))


def make_routing(only: Iterable[str], excluded: Iterable[str]) -> Routing:
    """Return the routing of texts such as `category=fire,panic` and `device=Q12345678`.

    Values of one key are alternatives. A category or priority may stand without its key.

    Raises:
        UsageError: a text is not a condition; the error names it.
    """
    return Routing(_terms(only), _terms(excluded))


def _terms(texts: Iterable[str]) -> tuple[Term, ...]:
    found: dict[str, set[str]] = {}
    for text in texts:
        key = ""
        for part in text.split(","):
            named, equals, value = part.partition("=")
            if equals:
                key = named.strip().casefold()
            value = (value if equals else part).strip()
            if not value:
                raise UsageError(f"'{text}' is not a condition: a value is missing.", hint=_HINT)
            key = key or _key_of(value)
            if key not in _VALUES:
                raise UsageError(f"'{text}' is not a condition.", hint=_HINT)
            found.setdefault(key, set()).add(_VALUES[key](value))
    return tuple(Term(key, frozenset(values)) for key, values in found.items())


def _key_of(value: str) -> str:
    if value.casefold() in CATEGORIES:
        return "category"
    return "priority" if value.casefold() in PRIORITIES else ""


def _one_of(what: str, names: Sequence[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.casefold() not in names:
            from hpcli.reference.choices import did_you_mean, nearest

            raise UsageError(
                f"'{value}' is not a {what}.",
                hint=f"{did_you_mean(nearest(value, names))}One of: {', '.join(names)}.",
            )
        return value.casefold()

    return read


def _type(value: str) -> str:
    known = find_event_type(value)
    return known.type if known else value.casefold()


def _code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise UsageError(
            f"'{value}' is not a CID code.", hint="It has four digits, or three for any qualifier."
        )
    return value


def _hours(value: str) -> str:
    if not _HOURS.fullmatch(value):
        raise UsageError(f"'{value}' is not a time of day.", hint="Write hours=22:00-06:00.")
    return value


_VALUES: Final[Mapping[str, Callable[[str], str]]] = {
    "category": _one_of("category", CATEGORIES),
    "priority": _one_of("priority", PRIORITIES),
    "type": _type,
    "site": normal,
    "device": str.upper,
    "cid": _code,
    "hours": _hours,
}

_HINT: Final = f"Write KEY=VALUE[,VALUE]; keys: {', '.join(_VALUES)}."


def _has_code(event: Candidate, values: frozenset[str]) -> bool:
    cid = read_body(event.body)["cid"]
    if cid is None:
        return False
    codes = {str(code) for code in (cid["code"], cid["standard"]) if code is not None}
    return not values.isdisjoint(codes | {code[-3:] for code in codes})


def _is_within(event: Candidate, values: frozenset[str]) -> bool:
    """Return whether an event happened within hours, by the clock of its own time."""
    clock = read_body(event.body)["time"][11:16]
    spans = [value.split("-") for value in values]
    return any((a <= clock < b) if a < b else (clock >= a or clock < b) for a, b in spans)


_TESTS: Final[Mapping[str, Callable[[Candidate, frozenset[str]], Any]]] = {
    "category": lambda event, values: event.category in values,
    "priority": lambda event, values: event.priority in values,
    "type": lambda event, values: event.type in values or event.type.casefold() in values,
    "site": lambda event, values: not values.isdisjoint(normal(event.site or "").split("\n", 1)),
    "device": lambda event, values: (event.device or "").upper() in values,
    "cid": _has_code,
    "hours": _is_within,
}
