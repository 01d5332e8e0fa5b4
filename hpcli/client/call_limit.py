"""The call limit: how fast all processes of an account may call the platform together.

No number is published for this API; its sister allows 5 calls a second (field note). So at most 5 calls start
in any second, and fewer for a while after the platform refused one.

A call gets a slot first, which may lie ahead; that keeps the order. But a process wakes late, imports, connects: what
counts for the platform is when the call arrives. So right before its bytes go out it looks again whether it may, and
from then on it counts as arriving: until they are out and a moment has passed, or its answer is there.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hpcli.errors import TimeLimitError
from hpcli.local.own_folder import OwnFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcli.local.locks import Lock

_FILE = "calls"
_SLOWEST = 0.5
_MOST_SLOTS = 20
_MOST_HALVINGS = 16
_RECOVERY_SECONDS = 60.0
# Calls under way at the first refusal are refused for the same reason: they count as one.
_SAME_REFUSAL_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 300.0
_FARTHEST_AHEAD_SECONDS = 3600.0
# A larger step back means that the clock was set; computers that share a folder may differ by less.
_CLOCK_STEP_SECONDS = 2.0
# A process that takes longer to write a request is stopped or dead.
_LONGEST_WRITE_SECONDS = 2.0
# How much later than others a request that is out may arrive, as a rule; twice as much would cost a tenth of the rate.
_FLIGHT_SECONDS = 0.06
_LONGEST_FILE = 4096
_LOCK_SECONDS = 2.0
_LOCK_POLL_SECONDS = 0.002


class Pace(NamedTuple):
    """What the processes of an account share; times are epoch seconds.

    Args:
        written_at: when it was last changed.
        halvings: how often the rate was halved at the latest refusal.
        refused_at: when that was.
        paused_until: what the platform asked for with Retry-After.
        slots: when the latest calls start or started, in order; some may lie ahead.
        arrivals: when the latest calls that started have arrived at the latest, in order.
    """

    written_at: float = 0.0
    halvings: int = 0
    refused_at: float = 0.0
    paused_until: float = 0.0
    slots: tuple[float, ...] = ()
    arrivals: tuple[float, ...] = ()

    def halvings_at(self, now: float) -> int:
        """Return how often the rate is halved now: once less for each minute without a refusal."""
        return max(0, self.halvings - int((now - self.refused_at) / _RECOVERY_SECONDS))

    def next_slot(self, now: float, per_second: float) -> float:
        """Return when the next call may start.

        No window holds more than a whole number of calls: 5 a second at rate 5, 2 in 0.8 seconds at rate 2.5,
        1 in 2 seconds at rate 0.5. A leaky bucket with a burst of 5 would let 9 into the first second.
        """
        calls, window = self._window(now, per_second)
        slots = self.slots
        earliest = max((now, self.paused_until, *slots[-1:]))
        return earliest if len(slots) < calls else max(earliest, slots[-calls] + window)

    def next_start(self, now: float, per_second: float) -> float:
        """Return when a call that has its slot may really start: no earlier than the calls before it allow."""
        calls, window = self._window(now, per_second)
        earliest = max(now, self.paused_until)
        return earliest if len(self.arrivals) < calls else max(earliest, self.arrivals[-calls] + window)

    def _window(self, now: float, per_second: float) -> tuple[int, float]:
        """Return how many calls may start within how many seconds."""
        rate = max(per_second / 2 ** self.halvings_at(now), min(per_second, _SLOWEST))
        calls = min(max(1, int(rate)), _MOST_SLOTS)
        return calls, calls / rate

    def with_slot(self, slot: float, now: float) -> Pace:
        """Return this with one more call."""
        return self._replace(written_at=now, slots=tuple(sorted((*self.slots, slot)))[-_MOST_SLOTS:])

    def with_start(self, slot: float, now: float) -> Pace:
        """Return this with a call that starts now, maybe later than its slot."""
        return self._replace(
            written_at=now,
            slots=_exchanged(self.slots, slot, max(slot, now)),
            arrivals=tuple(sorted((*self.arrivals, now + _LONGEST_WRITE_SECONDS)))[-_MOST_SLOTS:],
        )

    def with_arrival(self, thought: float, arrival: float, now: float) -> Pace:
        """Return this with a call arrived by another moment than was thought."""
        return self._replace(written_at=now, arrivals=_exchanged(self.arrivals, thought, arrival))

    def with_refusal(self, now: float, per_second: float, pause: float) -> Pace:
        """Return this slowed down."""
        paused_until = max(self.paused_until, now + min(pause, _LONGEST_PAUSE_SECONDS))
        paused = self._replace(written_at=now, paused_until=paused_until)
        if now - self.refused_at < _SAME_REFUSAL_SECONDS:
            return paused
        most = math.ceil(math.log2(max(per_second / _SLOWEST, 1.0)))
        return paused._replace(halvings=min(self.halvings_at(now) + 1, most), refused_at=now)

    def as_line(self) -> str:
        """Return the line that `parse_pace` reads, with its end."""
        times = (self.written_at, self.halvings, self.refused_at, self.paused_until, *self.slots)
        return f"{' '.join(map(repr, times))} | {' '.join(map(repr, self.arrivals))}\n"


def _exchanged(times: tuple[float, ...], old: float, new: float) -> tuple[float, ...]:
    """Return times in order with one of them in the place of another; unchanged where that is not there."""
    found = list(times)
    if old in found:
        found.remove(old)
        found.append(new)
    return tuple(sorted(found))


def parse_pace(text: str, now: float) -> Pace:
    """Return what the first line of a file says; a new pace where it is damaged or the clock was set back since.

    Behind it may stand the end of a longer line of before.
    """
    try:
        planned, _, arrived = text.partition("\n")[0].partition("|")
        written_at, halvings, refused_at, paused_until, *slots = map(float, planned.split())
        arrivals = tuple(map(float, arrived.split()))
        pace = Pace(written_at, int(halvings), refused_at, paused_until, tuple(slots), arrivals)
    except (ValueError, OverflowError):
        return Pace()
    return _believable(pace, now)


def _believable(pace: Pace, now: float) -> Pace:
    """Return the pace, or a new one where it makes no sense, as after the clock was set back."""
    is_sound = pace.written_at < now + _CLOCK_STEP_SECONDS and 0 <= pace.halvings <= _MOST_HALVINGS
    times = (pace.paused_until, pace.refused_at, *pace.slots, *pace.arrivals)
    is_near = all(map((now + _FARTHEST_AHEAD_SECONDS).__gt__, times))
    return pace if is_sound and is_near else Pace()


class Turn:
    """The turn of one call: that it is about to go out, and that it has.

    Args:
        limiter: of the account.
        slot: when the call may go out.
        left: returns the seconds that are left for waiting; None for a call that does not wait.
    """

    def __init__(self, limiter: CallLimiter, slot: float, left: Callable[[], float] | None) -> None:
        self._limiter = limiter
        self._slot = slot
        self._left = left
        self._arrival: float | None = None

    def begin(self) -> None:
        """Wait until the call may go out. Raises TimeLimitError where that is too late."""
        self._arrival = self._limiter.start(self._slot, self._left) + _LONGEST_WRITE_SECONDS

    def note_sent(self) -> None:
        """Note that all bytes of the call are out."""
        self._arrive_within(_FLIGHT_SECONDS)

    def end(self) -> None:
        """Note that the call is answered, or lost."""
        self._arrive_within(0.0)
        self._arrival = None

    def _arrive_within(self, seconds: float) -> None:
        if self._arrival is not None:
            self._arrival = self._limiter.move_arrival(self._arrival, seconds)


class CallLimiter:
    """Makes calls wait for their turn; all processes of the account share `<cache_dir>/<account id>/calls`.

    Where the folder cannot be written, only the calls of this object are limited, and the user is told once.

    Args:
        cache_dir: folder of all accounts.
        account_id: `Account.id`.
        per_second: calls that may start in any second.
        clock: epoch seconds, as other processes read it.
        sleep: waits some seconds.
        info: takes a line for the user.
    """

    def __init__(
        self,
        cache_dir: Path,
        account_id: str,
        per_second: float = 5.0,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        info: Callable[[str], None] | None = None,
    ) -> None:
        self._folder = OwnFolder(cache_dir, (account_id,))
        self.path = self._folder.path / _FILE
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._info = info
        self._file = self._folder.kept_file(_FILE)
        self._own = Pace()
        self._own_line: bytes | None = None
        self._is_shared = True
        self._turn = threading.Lock()
        self._lock: Lock | None = None

    def wait(self, seconds: float | None = None) -> float:
        """Wait until the next call may start; return how long that took.

        Args:
            seconds: longest wait.

        Raises:
            TimeLimitError: the turn comes later than that; none is taken.
        """
        now, slot = self._reserve(seconds)
        return slot - now

    def close(self) -> None:
        """Close the files that the processes share, until the next call."""
        self._file.close()
        self._lock = None

    @contextlib.contextmanager
    def turn(self, left: Callable[[], float] | None) -> Iterator[Turn]:
        """Wait for the turn of a call; yield what has to be told when it goes out.

        Args:
            left: returns the seconds that are left for waiting; None for a call that goes out at once, and counts.

        Raises:
            TimeLimitError: the turn comes later than that, here or when the call is about to go out.
        """
        slot = self._take_now() if left is None else self._reserve(left())[1]
        turn = Turn(self, slot, left)
        try:
            yield turn
        finally:
            turn.end()

    def move_arrival(self, thought: float, seconds: float) -> float:
        """Note that a call arrives within some seconds, if that is sooner than was thought; return when."""
        if thought <= self._clock():
            return thought  # it has arrived already: nothing to tell the other processes
        with self._locked():
            now = self._clock()
            arrival = min(thought, now + seconds)
            self._store(self._load(now).with_arrival(thought, arrival, now))
        return arrival

    def _reserve(self, seconds: float | None) -> tuple[float, float]:
        """Take the next slot and wait for it; return when it was taken, and the slot."""
        with self._locked():
            now = self._clock()
            pace = self._load(now)
            slot = pace.next_slot(now, self._per_second)
            if seconds is not None and slot - now > seconds:
                raise _no_time()
            self._store(pace.with_slot(slot, now))
        if slot > now:
            self._sleep(slot - now)
        return now, slot

    def _take_now(self) -> float:
        """Take a slot now, whether it is free or not; return when that was."""
        with self._locked():
            now = self._clock()
            self._store(self._load(now).with_slot(now, now))
        return now

    def start(self, slot: float, left: Callable[[], float] | None) -> float:
        """Wait until a call that has its slot may go out, if it waits; return when it does."""
        while True:
            with self._locked():
                now = self._clock()
                pace = self._load(now)
                start = pace.next_start(now, self._per_second)
                if left is None or start <= now:
                    self._store(pace.with_start(slot, now))
                    return now
            if start - now > left():
                raise _no_time()
            self._sleep(start - now)

    def refused(self, retry_after: float | None = None) -> None:
        """Slow down after a refusal: half the rate for a minute, not below one call in two seconds.

        Several refusals halve it several times; each minute without one takes one halving back.

        Args:
            retry_after: seconds that the platform asks all calls to wait, at most 5 minutes of which count.
        """
        with self._locked():
            now = self._clock()
            self._store(self._load(now).with_refusal(now, self._per_second, retry_after or 0.0))

    @classmethod
    def within_process(cls, per_second: float = 5.0) -> CallLimiter:
        """Return a limiter of its own calls, which no other process knows of and no file holds."""
        limiter = cls(Path(), "", per_second)
        limiter._is_shared = False
        return limiter

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self._turn:
            lock = self._acquire() if self._is_shared else None
            try:
                yield
            finally:
                if lock is not None:
                    lock.release()

    def _acquire(self) -> Lock | None:
        try:
            if self._lock is None:
                self._lock = self._folder.kept_lock(
                    "calls.lock", timeout=_LOCK_SECONDS, poll=_LOCK_POLL_SECONDS
                )
            self._lock.acquire()
        except OSError as error:
            self._go_alone(error)
            return None
        return self._lock

    def _load(self, now: float) -> Pace:
        if not self._is_shared:
            return _believable(self._own, now)
        try:
            content = self._file.read(_LONGEST_FILE)
            if self._own_line is not None and content.startswith(self._own_line):
                return _believable(self._own, now)  # no other process has written since
            return parse_pace(content.decode("ascii"), now)
        except (OSError, UnicodeDecodeError):
            return Pace()

    def _store(self, pace: Pace) -> None:
        self._own = pace
        if not self._is_shared:
            return
        try:
            # In place, as all readers hold the lock; not truncated, which ext4 answers by flushing to the disk.
            self._own_line = pace.as_line().encode("ascii")
            self._file.write(self._own_line)
        except OSError as error:
            self._go_alone(error)

    def _go_alone(self, error: OSError) -> None:
        self._is_shared = False
        if self._info is not None:
            self._info(
                f"The call limit is not shared with other commands: {error.strerror or error}: {self.path}. "
                "HPCLI_CACHE_DIR names another folder."
            )


def _no_time() -> TimeLimitError:
    return TimeLimitError(
        "The call limit leaves no time for this call.",
        hint="Raise --timeout, or run fewer commands of this account at the same time.",
    )
