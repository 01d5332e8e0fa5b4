"""`sia-dc09://HOST:PORT`: Contact ID in frames of SIA DC-09, acknowledged by the receiver's ACK."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from hpcli.alarms.event.contact_id import Report, report_of
from hpcli.alarms.event.event import Event
from hpcli.alarms.forward.dc09 import (
    Line,
    event_data,
    occurrence,
    read_account,
    read_key,
)
from hpcli.alarms.forward.dc09_link import Frame, Link
from hpcli.alarms.forward.kind import Address, Message, OutputKind, Setup
from hpcli.alarms.forward.outcome import DONE, Outcome, refused
from hpcli.alarms.journal.routing import Reports
from hpcli.errors import UsageError
from hpcli.parse import parse_duration

_OPTIONS: Final = (
    "transport",
    "account",
    "default-account",
    "supervision",
    "codes",
    "receiver",
    "line",
    "keep-alive",
    "event-time",
)
_LARGEST_NUMBER: Final = 9999
_LINK_TEST: Final = 0
_FORGET_AFTER: Final = 64
"""Numbers of frames that are over are removed after so many new ones, which costs little then."""


@dataclass(frozen=True, slots=True)
class _Settings:
    """What the address of a receiver says beside host and port."""

    line: Line
    is_udp: bool
    account: str
    default_account: str
    supervision: float
    by_category: bool
    keeps_open: bool
    has_event_time: bool


def _is_by_category(addresses: Sequence[Address]) -> bool:
    return addresses[0].query.get("codes") == "category"


def _settings(setup: Setup) -> _Settings:
    """Return the settings, which the first address has for all.

    Raises:
        UsageError: one of them is wrong.
    """
    for address in setup.to:
        address.check_query(*_OPTIONS)
        if not address.host or not address.port:
            raise UsageError(f"'{address.text}' needs a host and a port.", hint="Write sia-dc09://HOST:PORT")
    query = setup.to[0].query
    _check_back_ups(setup)
    choices = {
        "transport": ("tcp", "udp"),
        "codes": ("cid", "category"),
        "keep-alive": ("no", "yes"),
        "event-time": ("no", "yes"),
    }
    for name, words in choices.items():
        if query.get(name, words[0]) not in words:
            raise UsageError(f"?{name}={query[name]} is not one of {', '.join(words)}.")
    own = read_account(query["account"]) if "account" in query else ""
    supervision = parse_duration(query.get("supervision", "0")).total_seconds()
    if supervision and not own:
        raise UsageError("?supervision= needs ?account=, the account under which the link is tested.")
    line = Line(
        _letter("R", query.get("receiver", "0")), _letter("L", query.get("line", "0")), read_key(setup.key)
    )
    default = read_account(query["default-account"]) if "default-account" in query else ""
    return _Settings(
        line,
        query.get("transport") == "udp",
        own,
        default,
        supervision,
        _is_by_category(setup.to),
        query.get("keep-alive") == "yes",
        query.get("event-time") == "yes",
    )


def _check_back_ups(setup: Setup) -> None:
    for address in setup.to[1:]:
        if address.query and address.query != setup.to[0].query:
            raise UsageError(
                f"'{address.text}' has options that the first address lacks.",
                hint="Write them into the first --to: they count for all receivers.",
            )


def _letter(letter: str, digits: str) -> str:
    if not digits and letter == "R":
        return ""  # frames may lack it, but not the line
    if not 0 < len(digits) <= 6 or any(one not in "0123456789abcdefABCDEF" for one in digits):
        raise UsageError(f"'{digits}' does not have 1 to 6 hex digits.")
    return f"{letter}{digits.upper()}"


def _check(setup: Setup) -> None:
    _settings(setup)
    devices: dict[str, str] = {}
    for serial, text in setup.accounts.items():
        account = read_account(text)
        if account in devices:
            raise UsageError(f"The account {account} is given to {devices[account]} and to {serial}.")
        devices[account] = serial


def _advice(setup: Setup) -> Sequence[str]:
    settings = _settings(setup)
    found = []
    if setup.key:
        form = "characters" if settings.line.key == setup.key.encode() else "hex digits"
        found.append(f"the key is read as {form}: AES-{len(settings.line.key) * 8}.")
    if not settings.by_category:
        found.append(
            "events without a Contact ID code are not sent, critical ones of cameras and alarm inputs neither; add"
            " ?codes=category to the address to send them by their category."
        )
    if not (setup.accounts or settings.default_account):
        found.append(
            "it has neither --account-map nor ?default-account=: an event without an account of its own becomes a dead"
            " letter."
        )
    return found


@dataclass
class Dc09Sender:
    """Sends one frame at a time and waits for its answer."""

    setup: Setup
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    steady: Callable[[], float] = time.monotonic
    _link: Link = field(init=False)
    _notes: dict[str, str] | None = None
    _taken: int = 0
    _tested_at: float = float("-inf")

    def __post_init__(self) -> None:
        """Prepare what does not change."""
        self._settings = _settings(self.setup)
        self._link = Link(self.setup, is_udp=self._settings.is_udp, now=self.now, steady=self.steady)

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Send the frames of an event, one for each of its areas."""
        (message,) = batch
        report = report_of(message.event, by_category=self._settings.by_category)
        if report is None:
            return DONE
        try:
            account = self._account(message.event)
        except UsageError as error:
            return refused(error.message.rstrip("."), is_known_here=True)
        left = self._link.seconds_left(account, Frame(_frames(message), message.tries))
        if left:
            return Outcome("retry", f"the account {account} is silent", wait=left)
        outcome = self._send_areas(message, account, report)
        if not self._settings.keeps_open:
            self._link.close()
        return outcome

    def _send_areas(self, message: Message, account: str, report: Report) -> Outcome:
        """Send a frame for each area; one that is refused does not keep the others back."""
        refusal, taken, remarks = None, DONE, dict[str, None]()
        for area in report.areas:
            outcome = self._send_frame(message, account, report, area)
            if outcome.kind == "refused" and report.is_alarm and report.general != report:
                outcome = self._send_general(message, account, report, area)
            if outcome.kind == "refused":
                refusal = refusal or outcome
            elif outcome.kind != "done":
                return outcome
            else:
                taken = outcome
                remarks |= {outcome.remark: None}
        return refusal or replace(taken, remark=", ".join(filter(None, remarks)))

    def _send_general(self, message: Message, account: str, report: Report, area: int) -> Outcome:
        """Send a general alarm where the receiver does not know the code: wrong but loud is safer than dropped."""
        outcome = self._send_frame(message, account, report.general, area)
        if outcome.kind != "done":
            return outcome
        code = f"as {report.general.code:04d} (general alarm): it does not know {report.code:04d} (DUH)"
        self.setup.log(f"an alarm of the account {account} was taken {code}.")
        return replace(outcome, remark=", ".join(filter(None, (outcome.remark, code))))

    def idle(self) -> float | None:
        """Test the link when it is time for that."""
        seconds = self._settings.supervision
        if not seconds:
            return None
        left = self._tested_at + seconds - self.steady()
        if left > 0:
            return left
        self._tested_at = self.steady()
        outcome = self._link.deliver(
            self._link_test, _LINK_TEST, self._settings.account, Frame("link test", 0)
        )
        self.setup.note_link(outcome)
        if outcome.kind != "done":
            self.setup.log(f"the link test failed: {outcome.error}")
        if outcome.is_soon:
            self._tested_at -= seconds
        if not self._settings.keeps_open:
            self._link.close()
        return seconds

    def close(self) -> None:
        """Close the connection, and forget the numbers of frames that are acknowledged."""
        self._link.close()
        if self._notes is not None:
            with suppress(Exception):  # they do no harm
                gone = self._find_settled()
                self.setup.notes.update(lambda _read: gone)

    def _account(self, event: Event) -> str:
        """Return the account of an event: of the map, of the event, or the default.

        Raises:
            UsageError: there is none, or it is not one that frames can have.
        """
        device = str(event["device"] or "")
        own = "" if device else self._settings.account
        found = (
            self.setup.accounts.get(device.upper())
            or event["account"]
            or own
            or self._settings.default_account
        )
        if not found:
            raise UsageError(f"There is no account for {device or 'an event without a device'}.")
        return read_account(str(found))

    def _link_test(self, moment: datetime) -> bytes:
        settings = self._settings
        return settings.line.frame("NULL", _LINK_TEST, settings.account, "", moment)

    def _send_frame(self, message: Message, account: str, report: Report, area: int) -> Outcome:
        number, is_settled = self._number(message, account, report, area)
        if is_settled:
            return DONE
        data = event_data(account, report.code, area, report.zone)

        more = ""
        if self._settings.has_event_time:
            with suppress(ValueError):  # the alarm matters more than its time
                more = occurrence(datetime.fromisoformat(str(message.event["time"])))

        def make(moment: datetime) -> bytes:
            return self._settings.line.frame("ADM-CID", number, account, data, moment, more)

        outcome = self._link.deliver(make, number, account, Frame(_frames(message), message.tries))
        if outcome.kind == "done" and len(report.areas) > 1:
            self._keep(message, {_frame_name(message, report, area): f"{number} done"})
        return outcome

    def _known(self) -> dict[str, str]:
        if self._notes is None:
            self._notes = self.setup.notes.read()
        return self._notes

    def _number(self, message: Message, account: str, report: Report, area: int) -> tuple[int, bool]:
        """Return the number of a frame, stored before it is first sent, and whether it is acknowledged already."""
        known, name = self._known(), _frame_name(message, report, area)
        if name in known:
            number, _, state = known[name].partition(" ")
            return int(number), bool(state)
        return self._take_number(message, account, name), False

    def _take_number(self, message: Message, account: str, name: str) -> int:
        """Return the number after the last one of an account; it is a test's or an event's alone."""
        gone = self._find_settled() if self._taken % _FORGET_AFTER == 0 else {}
        self._taken += 1
        last, found = f"last {account}", 0

        def take(read: Callable[[str], str | None]) -> Mapping[str, str | None]:
            nonlocal found
            before = int(read(last) or 0) or (message.is_test and 1 + secrets.randbelow(_LARGEST_NUMBER - 1))
            found = before % _LARGEST_NUMBER + 1
            return {**gone, last: str(found)} | ({} if message.is_test else {name: str(found)})

        self.setup.notes.update(take)
        for one in gone:
            del self._known()[one]
        self._known()[name] = str(found)
        return found

    def _find_settled(self) -> dict[str, None]:
        """Return the names of frames that no run sends again. A run that is killed has not stored its last ones."""
        frames = {name: _event_of(name) for name in self._known()}
        settled = self.setup.notes.find_settled({seq for seq in frames.values() if seq})
        return {name: None for name, seq in frames.items() if seq in settled}

    def _keep(self, message: Message, changes: Mapping[str, str]) -> None:
        if not message.is_test:
            self.setup.notes.update(lambda _read: changes)
        self._known().update(changes)


def _event_of(name: str) -> int:
    """Return the number of the event of a frame, 0 for other notes."""
    seq = name.removeprefix("frame ").partition("/")[0]
    return int(seq) if seq.isdecimal() else 0


def _frame_name(message: Message, report: Report, area: int) -> str:
    """Return the name under which the number of a frame is kept."""
    return f"{_frames(message)}{report.code}/{area}"


def _frames(message: Message) -> str:
    return f"frame {message.seq or message.id}/"


def _reports(addresses: Sequence[Address]) -> Reports:
    return "category" if _is_by_category(addresses) else "cid"


OUTPUT: Final = OutputKind(
    schemes=("sia-dc09",),
    acknowledged_by="ACK of the receiver",
    open=Dc09Sender,
    check=_check,
    advice=_advice,
    reports=_reports,
    seconds=5.0,
)
