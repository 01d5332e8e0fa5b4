"""All of `alarms tail`: poller, journal, output, pictures, sites, and how they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from hpcli.alarms.clock import NO_WITNESS, Clock, ClockCheck, moment_of
from hpcli.alarms.event.accounts import Accounts
from hpcli.alarms.event.cid import CATALOGUE, CidCodes
from hpcli.alarms.journal.claims import expire_claims
from hpcli.alarms.journal.facts import read_fact
from hpcli.alarms.journal.picture_retention import prune_pictures, removed_words
from hpcli.alarms.journal.queries import EVERYTHING, Filter
from hpcli.alarms.journal.renewal import Knowledge
from hpcli.alarms.journal.retention import Retention, forget_printed, prune
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.gaps import GapDetector
from hpcli.alarms.tail.keeper import BatchKeeper
from hpcli.alarms.tail.output import Lines, Output
from hpcli.alarms.tail.poller import Poller
from hpcli.alarms.tail.reader_state import ReaderState
from hpcli.alarms.tail.renewal import renewing
from hpcli.alarms.tail.unread import is_reader_gone
from hpcli.errors import LocalError, OutputClosedError
from hpcli.local.service_manager import ServiceManager
from hpcli.plurals import quantity

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TextIO

    from hpcli.alarms.event.sites import Sites
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.lease.shared_queue import SharedQueue
    from hpcli.alarms.pictures.workers import Saver
    from hpcli.alarms.tail.poller import Source, Subscriber
    from hpcli.alarms.turns import Turns
    from hpcli.stop import Stop

_TICK_SECONDS: Final = 0.2
_LOOK_SECONDS: Final = 1.0
_PRUNE_SECONDS: Final = 3600.0
_DOUBT_SECONDS: Final = 30.0
_FOR_EVER_SECONDS: Final = 1000 * 365 * 86400.0
_HAND_SECONDS: Final = 10.0
_OUTPUT_SECONDS: Final = 2.0
_CONFIRM_SECONDS: Final = 2.0
"""How long the end at a limit waits for the current batch to be confirmed; else it comes again, marked."""


class Notices(Protocol):
    """Shows lines to the user without holding up the tail: `run.stderr_thread.StderrThread`."""

    def warn(self, line: str) -> None:
        """Show a line soon."""

    def close(self, seconds: float) -> bool:
        """Wait some seconds at most until all lines are shown; return whether they are."""


@dataclass
class Tail:
    """A tail that runs until it is stopped, or its limit or time is reached.

    Args:
        source: the platform.
        journal: stores alarms.
        lines: prints them.
        stop: tells it to end.
        notices: shows lines to the user; the tail closes it.
        stdout: checked for a reader that has gone.
        subscribe: sets the subscription again, None for nothing to set.
        check_subscription: has the subscription compared with the device list, without waiting for it.
        sites: sites of devices.
        account_numbers: returns the account numbers of devices.
        codes: what CID codes mean.
        saver: saves pictures, None to fetch none.
        retention: what the journal keeps, None to keep all.
        wanted: which events are printed.
        with_media: whether media lines are printed.
        limit: number of events to print.
        seconds: how long to run.
        manager: is told that the tail is ready, alive and about to end.
        forwarding: sends alarms to outputs while the tail runs.
        platform_time: the present by the platform's last answer; without it, the clock of this computer is believed.
        turns: decides when this machine reads, None for always.
        shared: a lease, which decides it, with the messages for all machines; None for none.
        follows_killed: the last tail of this computer was killed.
        state: lines among the events that say how reading goes.
        tells_state: lines of type `reader` among the events say when the platform cannot be read (ndjson).

    Attributes:
        is_output_stuck: stdout or stderr still blocked when the tail ended; nothing is lost, but waiting for it
            would never end.
    """

    source: Source
    journal: Journal
    lines: Lines
    stop: Stop
    notices: Notices
    stdout: TextIO
    subscribe: Subscriber | None = None
    check_subscription: Callable[[], None] = lambda: None
    sites: Sites | None = None
    account_numbers: Callable[[], Accounts] = Accounts
    codes: CidCodes = CATALOGUE
    saver: Saver | None = None
    retention: Retention | None = None
    wanted: Filter = EVERYTHING
    with_media: bool = True
    limit: int | None = None
    seconds: float | None = None
    clock: Clock = field(default_factory=Clock)
    manager: ServiceManager = field(default_factory=lambda: ServiceManager({}))
    forwarding: AbstractContextManager[object] = field(default_factory=nullcontext)
    platform_time: Callable[[], datetime | None] | None = None
    turns: Turns | None = None
    shared: SharedQueue | None = None
    follows_killed: bool = False
    state: ReaderState = field(default_factory=ReaderState)
    tells_state: bool = False
    is_output_stuck: bool = False
    _doubt: str | None = None
    _poll_error: BaseException | None = None
    _unwritten: set[int] = field(default_factory=set)
    _woken: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Run to the end.

        Raises:
            SignInError: the platform does not know the key (at start only).
            OutputClosedError: stdout was closed by its reader.
            LocalError: the journal is damaged, stdout cannot be written, or it came to its end with pictures that
                this computer could not write.
        """
        error_log = ErrorLog(self.notices.warn, self.clock.steady)
        output = self._make_output(error_log)
        keeper = self._make_keeper(error_log)
        poller = Poller(
            self.source,
            self.journal,
            self.stop,
            GapDetector(self.clock, self._last_poll()),
            error_log,
            keeper,
            clock=self.clock,
            subscribe=self.subscribe,
            check_subscription=self.check_subscription,
            state=self.state,
            turns=self.turns if self.shared is None else self.shared.lease,
            shared=self.shared,
            follows_killed=self.follows_killed,
            wait_printed=output.wait_printed if self.journal.path is None else None,
        )
        self.stop.set_too(self._woken)
        output.start()
        try:
            sharing = self._sharing(keeper, error_log)
            with self.forwarding, self._pictures(error_log), self._renewal(error_log), sharing:
                threading.Thread(target=self._poll, args=(poller,), name="poll", daemon=True).start()
                self.manager.tell("READY=1", f"STATUS={poller.status}")
                self._watch(output, poller)
        finally:
            self._end(output, poller)
            error_log.sum_up()
            self.is_output_stuck |= not self.notices.close(_OUTPUT_SECONDS)
        self._raise_errors(output)

    def _make_keeper(self, error_log: ErrorLog) -> BatchKeeper:
        return BatchKeeper(
            self.journal,
            self.stop,
            error_log,
            clock=self.clock,
            sites=self.sites,
            account_numbers=self.account_numbers,
            codes=self.codes,
            platform_time=self.platform_time or (lambda: None),
            wants_pictures=self.saver is not None,
        )

    def _sharing(self, keeper: BatchKeeper, error_log: ErrorLog) -> AbstractContextManager[None]:
        """Store what other machines read while the block runs."""
        if self.shared is None:
            return nullcontext()
        from hpcli.alarms.tail.shared_reader import SharedReader

        return SharedReader(self.shared, self.journal, keeper, error_log, self.clock).running()

    def _make_output(self, error_log: ErrorLog) -> Output:
        return Output(
            self.journal,
            self.lines,
            stream=self.stdout,
            wanted=self.wanted,
            with_media=self.with_media,
            limit=self.limit,
            pictures_due=None if self.saver is None else self.clock.milliseconds,
            unwritten=self._unwritten,
            warn=error_log.add,
            on_end=self._woken.set,
            between=self.state.take if self.tells_state else bytes,
        )

    def _poll(self, poller: Poller) -> None:
        try:
            poller.run()
        except BaseException as error:  # noqa: BLE001 - it is raised in the main thread
            self._poll_error = error
            self._woken.set()

    @contextmanager
    def _pictures(self, error_log: ErrorLog) -> Iterator[None]:
        """Fetch pictures while the block runs."""
        if self.saver is None:
            yield
            return
        from hpcli.alarms.pictures.workers import PictureWorkers

        workers = PictureWorkers(
            self.journal, self.saver, error_log.add, self.clock, unwritten=self._unwritten
        )
        workers.start()
        try:
            yield
        finally:
            workers.stop()

    def _renewal(self, error_log: ErrorLog) -> AbstractContextManager[None]:
        """Decode the entries of an older journal again while the block runs."""

        def known() -> Knowledge:
            return Knowledge(self.codes, self.sites, self.account_numbers())

        return renewing(self.journal, known, error_log.warn)

    def _watch(self, output: Output, poller: Poller) -> None:
        """Wait for the end, from any cause; meanwhile keep the journal small."""
        end = None if self.seconds is None else time.monotonic() + self.seconds
        clock_check = ClockCheck(self.clock, self.platform_time) if self.platform_time else None
        next_prune = next_look = next_sign = 0.0
        while not (self.stop.is_set or output.ended.is_set() or self._poll_error):
            now = time.monotonic()
            if end is not None and now >= end:
                self._finish(output, poller)
                return
            if now >= next_look:
                next_look = now + _LOOK_SECONDS
                if is_reader_gone(self.stdout):
                    raise OutputClosedError("The output was closed by its reader.")
                self._forget(output)
                if poller.look_at_state():
                    output.wake()
            if now >= next_sign and now < poller.alive_until:
                next_sign = now + self.manager.seconds
                self.manager.tell("WATCHDOG=1", f"STATUS={poller.status}")
            if now >= next_prune:
                next_prune = now + self._prune(clock_check)
            self._woken.wait(_TICK_SECONDS)

    def _finish(self, output: Output, poller: Poller) -> None:
        """After the time is over, let the output print what is there, with its pictures."""
        # A batch that has arrived is printed too; one that cannot be stored comes again in the next run.
        is_held = poller.hand.acquire(timeout=_HAND_SECONDS)
        try:
            output.finish()
            while not (self.stop.is_set or output.ended.wait(_TICK_SECONDS)):
                continue
        finally:
            if is_held:
                poller.hand.release()

    def _prune(self, clock_check: ClockCheck | None) -> float:
        """Remove old alarms if the clock can be believed; return the seconds until the next time."""
        if self.retention is None:
            return _PRUNE_SECONDS
        doubt = clock_check.doubt() if clock_check else None
        if doubt == NO_WITNESS and self._doubt is None:
            return _LOOK_SECONDS  # the first answer is on its way
        if doubt not in (None, NO_WITNESS, self._doubt):
            self.notices.warn(
                f"{doubt} No alarms are removed for their age until it agrees with the platform's."
            )
        elif doubt is None and self._doubt not in (None, NO_WITNESS):
            self.notices.warn("This computer's clock agrees with the platform's again.")
        self._doubt = doubt
        keep = self.retention
        if doubt is not None:
            keep = replace(keep, seconds=_FOR_EVER_SECONDS, picture_seconds=_FOR_EVER_SECONDS)
        with suppress(LocalError):  # no space to free space: the poller reports it
            folder = None if self.journal.path is None else self.journal.path.parent
            for line in expire_claims(self.journal.write, keep, self.clock.milliseconds, folder):
                self.notices.warn(line)
            pictures = prune_pictures(self.journal.write, keep, self.clock.milliseconds)
            events = prune(self.journal.write, keep, self.clock.milliseconds)
            if events or pictures.files:
                self.journal.compact()
                self.notices.warn(f"{removed_words(events, pictures)} from the journal, as its settings say.")
        return _PRUNE_SECONDS if doubt is None else _DOUBT_SECONDS

    def _forget(self, output: Output) -> None:
        if self.journal.path is None:
            position = output.position
            self.journal.write_later("forget", lambda db: forget_printed(db, position))

    def _end(self, output: Output, poller: Poller) -> None:
        """Commit the current batch, let the output finish its page, and close the journal."""
        self.manager.tell("STOPPING=1", "STATUS=Ending.")
        has_printed_all = output.ended.is_set() and output.error is None
        is_held = has_printed_all and poller.hand.acquire(timeout=_CONFIRM_SECONDS)
        self.stop.set()
        self.is_output_stuck = not output.stop(_OUTPUT_SECONDS)
        if is_held or poller.hand.acquire(timeout=_HAND_SECONDS):
            self.journal.close()

    def _raise_errors(self, output: Output) -> None:
        if output.error is not None:
            raise output.error
        if self._poll_error is not None:
            raise self._poll_error
        if self._unwritten and self.stop.signal is None:
            raise LocalError(
                f"{quantity(len(self._unwritten), 'picture')} could not be written on this computer;"
                " the alarms are complete.",
                hint="Free some space or make the folder writable, then run `hpcli alarms retry-pictures`.",
            )

    def _last_poll(self) -> datetime | None:
        known = self.journal.read(lambda db: read_fact(db, "last-poll"))
        return None if known is None else moment_of(int(known))
