"""What an output is: data about it, and one function that sends. A new one is a file in `outputs`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol
from urllib.parse import SplitResult, parse_qsl, urlsplit

from hpcli.alarms.event.event import Event
from hpcli.alarms.event.json_codec import decode
from hpcli.alarms.forward.outcome import Outcome
from hpcli.alarms.journal.routing import Reports
from hpcli.errors import UsageError
from hpcli.stop import Stop

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
"""Hosts to which nothing has to be encrypted."""


_LONGEST_MARK: Final = 200


@dataclass(frozen=True)
class Message:
    """An event on its way to an output.

    Attributes:
        seq: its number in the journal; 0 for a test.
        line: the event as JSON on one line, without line end.
        journal: the UUID of the journal, which with `seq` names the event for good.
        tries: how often it was sent before, as far as this run knows.
        members: numbers of the events that it stands for, where it is a summary of a storm.
    """

    seq: int
    line: str
    journal: str
    tries: int = 0
    members: tuple[int, ...] = ()

    @cached_property
    def event(self) -> Event:
        """The event."""
        event: Event = decode(self.line)[0]
        return event

    @property
    def id(self) -> str:
        """Its id, by which a consumer knows a repeat."""
        return str(self.event["id"])

    @property
    def mark(self) -> str:
        """Its id as a header can have it: of one line, without controls, and not too long."""
        text = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in self.id)
        if len(text) <= _LONGEST_MARK:
            return text
        return f"{text[:_LONGEST_MARK]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    @property
    def device(self) -> str:
        """The serial of its device; empty for an event of no device."""
        return str(self.event["device"] or "")

    @property
    def is_test(self) -> bool:
        """Whether `forward test` made it."""
        return self.seq == 0


class Sender(Protocol):
    """An open output. Only one thread at a time calls it, unless its kind has several `lanes`."""

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Send events in their order and wait until they are acknowledged; return what happened.

        It ends within the output's time limit, and does not raise: whatever goes wrong is an outcome.
        """

    def idle(self) -> float | None:
        """Do what is to be done between events, such as a link test; return the seconds until the next time."""

    def close(self) -> None:
        """Close connections and end what is being done."""


Change = Callable[[Callable[[str], str | None]], Mapping[str, str | None]]
"""What reads a value by its name, to the values that follow from it."""


class Notes(Protocol):
    """What an output has to remember from run to run."""

    def read(self) -> dict[str, str]:
        """Return all of it."""

    def update(self, change: Change) -> None:
        """Store what follows from the values, or remove it (None), in one step: `forward test` may change them too.

        Args:
            change: gets what reads a value, and returns new ones, which are on the disk when `update` returns.

        Raises:
            LocalError: there is no room.
        """

    def find_settled(self, seqs: Iterable[int]) -> set[int]:
        """Return those of some events that no later run sends again, whatever happens to this one."""


@dataclass(frozen=True)
class Address:
    """An address that an output sends to, as `--to` gives it.

    Attributes:
        text: as written.
        url: its parts.
    """

    text: str
    url: SplitResult

    @property
    def scheme(self) -> str:
        """Its scheme, in small letters."""
        return self.url.scheme

    @property
    def rest(self) -> str:
        """What follows `scheme:`."""
        return self.text.partition(":")[2]

    @property
    def host(self) -> str:
        """Its host; empty without one."""
        return self.url.hostname or ""

    @property
    def port(self) -> int | None:
        """Its port, if it names one."""
        return self.url.port

    @cached_property
    def query(self) -> dict[str, str]:
        """Its `?name=value` parts."""
        return dict(parse_qsl(self.url.query, keep_blank_values=True))

    @property
    def short(self) -> str:
        """Scheme and host, which lists show; of a command, its name."""
        if self.url.netloc:
            return f"{self.scheme}://{self.url.netloc.rpartition('@')[2]}"
        return f"{self.scheme}:{self.rest.split(' ', 1)[0]}"

    def check_query(self, *names: str) -> None:
        """Refuse a `?name=` that is not known.

        Raises:
            UsageError: there is one.
        """
        for name in self.query:
            if name not in names:
                from hpcli.reference.choices import did_you_mean, nearest

                raise UsageError(
                    f"{self.short}: there is no option '{name}'.",
                    hint=f"{did_you_mean(nearest(name, names))}Options: {', '.join(names) or 'none'}.",
                )

    def check_host(self) -> None:
        """Refuse an address without a host.

        Raises:
            UsageError: it has none.
        """
        if not self.host:
            raise UsageError(f"{self.short}: the host is missing.")

    def check_loopback(self, plain: str, safe: str) -> None:
        """Refuse a scheme without encryption, except to this computer.

        Raises:
            UsageError: the host is another computer.
        """
        if self.scheme == plain and self.host not in LOOPBACK:
            raise UsageError(
                f"{self.short}: {plain} is for this computer only.", hint=f"Use {safe}:// for other hosts."
            )


def read_address(text: str) -> Address:
    """Return an address.

    Raises:
        UsageError: it is not one, or holds a user or password.
    """
    try:
        url = urlsplit(text)
        _ = url.port
        (url.hostname or "").encode("idna")
    except UnicodeError as error:
        raise UsageError(f"'{_without_user(text)}' is not an address: its host is not a name.") from error
    except ValueError as error:
        raise UsageError(f"'{_without_user(text)}' is not an address: {error}.") from error
    if not url.scheme or not text.partition(":")[2]:
        raise UsageError(
            f"'{_without_user(text)}' is not an address.", hint="Write SCHEME:…, such as https://host/path."
        )
    if "@" in url.netloc:
        raise UsageError(
            f"{url.scheme}://{url.netloc.rpartition('@')[2]}: an address cannot hold a user or password.",
            hint="Put secrets into a file: --secret-file, --key-file or --header @FILE.",
        )
    return Address(text, url)


def _without_user(text: str) -> str:
    """Return an address without the user and password that it may hold."""
    head, slashes, rest = text.partition("//")
    return f"{head}{slashes}{rest.rpartition('@')[2]}"


@dataclass
class NotesInMemory:
    """Notes of an output that has no journal, as in `forward test` before the first alarm."""

    kept: dict[str, str] = field(default_factory=dict)

    def read(self) -> dict[str, str]:
        """Return all of it."""
        return dict(self.kept)

    def find_settled(self, _seqs: Iterable[int]) -> set[int]:
        """Return that nothing is known of events."""
        return set()

    def update(self, change: Change) -> None:
        """Store what follows from the values, or remove it."""
        for name, value in change(self.kept.get).items():
            if value is None:
                self.kept.pop(name, None)
            else:
                self.kept[name] = value


@dataclass(frozen=True)
class Setup:
    """What an output is made from.

    Attributes:
        name: of the output.
        to: its addresses; further ones are back-ups.
        options: the keys of forward.toml that the kind declares, as they are there.
        secret: content of `secret-file`, without its line end; empty without one.
        key: content of `key-file`, in the same way.
        headers: of `header`.
        seconds: time limit of one sending.
        accounts: account numbers by serial, of `account-map`.
        notes: what it remembers from run to run.
        log: takes a line for the user.
        note_link: takes the outcome of a link test, which concerns no event.
        stop: set when the output shall end.
        environment: of this process, for the commands that are run.
    """

    name: str
    to: tuple[Address, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: str = ""
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 30.0
    accounts: Mapping[str, str] = field(default_factory=dict)
    notes: Notes = field(default_factory=NotesInMemory)
    log: Callable[[str], None] = lambda _line: None
    note_link: Callable[[Outcome], None] = lambda _outcome: None
    stop: Stop = field(default_factory=Stop)
    environment: Mapping[str, str] = field(default_factory=dict)

    def check_options(self, *switches: str) -> None:
        """Refuse an option that is not text, and a switch that is neither true nor false.

        Raises:
            UsageError: there is one.
        """
        for name, value in self.options.items():
            if name in switches and not isinstance(value, bool):
                raise UsageError(f"`{name}` is not true or false.")
            if name not in switches and (not isinstance(value, str) or not value):
                raise UsageError(f"`{name}` is not a text.")

    def check_secret_is_encrypted(self) -> None:
        """Refuse to send a secret to another computer without the option `tls`.

        Raises:
            UsageError: it would be.
        """
        for address in self.to:
            if self.secret and address.host not in LOOPBACK and not self.options.get("tls"):
                raise UsageError(
                    f"{address.short}: the secret would be sent without encryption.",
                    hint="Add --set tls=true.",
                )


def _needs_nothing(_to: Sequence[Address]) -> Reports:
    return ""


def _has_no_advice(_setup: Setup) -> Sequence[str]:
    return ()


def _accepts(_setup: Setup) -> None:
    """Accept every configuration."""


@dataclass(frozen=True)
class OutputKind:
    """A kind of output, as its file in `outputs` declares it.

    Attributes:
        schemes: what its addresses begin with.
        acknowledged_by: what counts as an acknowledgement, for people.
        open: makes a sender; must not connect, which is for the first `send`.
        check: raises UsageError if a configuration cannot work; makes no connection.
        probe: raises LocalError if something is missing on this computer now; makes no connection. An output runs
            without it, as what is missing may come later.
        advice: returns hints about a configuration that is valid but may surprise, as sentences.
        options: keys of forward.toml that it takes beyond those of every output.
        extra: the optional dependency it needs, `mqtt` for `hpcli[mqtt]`.
        library: the module of that dependency.
        most: events of one batch, at most; the key `batch` of forward.toml changes it where it is an option.
        keeps_order: of the events of a device in a batch, none is taken after one that was not. Without it, a batch
            has one event of each device.
        lanes: how many threads send at once.
        reports: what an output with some addresses needs of an event; what lacks it is not for the output, not a dead
            letter.
        seconds: default time limit of one sending.
    """

    schemes: tuple[str, ...]
    acknowledged_by: str
    open: Callable[[Setup], Sender]
    check: Callable[[Setup], None] = _accepts
    probe: Callable[[Setup], None] = _accepts
    advice: Callable[[Setup], Sequence[str]] = _has_no_advice
    options: frozenset[str] = frozenset()
    extra: str | None = None
    library: str | None = None
    most: int = 1
    keeps_order: bool = False
    lanes: int = 1
    reports: Callable[[Sequence[Address]], Reports] = _needs_nothing
    seconds: float = 30.0
