"""The call limit: how fast all processes of an account may call the platform together.

No number is published for this API; its sister allows 5 calls a second (field note). So at most 5 calls start
in any second, and fewer for a while after the platform refused one.

A call gets a slot first, which may lie ahead; that keeps the order. But a process wakes late, imports, connects: what
counts for the platform is when the call arrives. So right before its bytes go out it looks again whether it may, and
from then on it counts as arriving: until they are out and a moment has passed, or its answer is there.
"""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from hpcli.client.call_pace import MOST_SLOTS, Pace, believable, parse_pace
from hpcli.errors import TimeLimitError
from hpcli.local.own_folder import OwnFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hpcli.local.locks import Lock

_FILE = "calls"
# A process that takes longer to write a request is stopped or dead.
_LONGEST_WRITE_SECONDS = 2.0
# How much later than others a request that is out may arrive, as a rule; twice as much would cost a tenth of the rate.
_FLIGHT_SECONDS = 0.06
# So soon after it was let go out a call goes out without a second look: it has not waited for a connection.
_HEAD_START_SECONDS = 0.02
_LONGEST_FILE = 4096
_LOCK_SECONDS = 2.0
_LOCK_POLL_SECONDS = 0.002


class Turn:
    """The turn of one call: that it is about to go out, and that it has.

    Args:
        limiter: of the account.
        slot: when the call may go out.
        left: returns the seconds that are left for waiting; None for a call that does not wait.
        began: when it was let go out together with its slot, None where it has to look again.
    """

    def __init__(
        self, limiter: CallLimiter, slot: float, left: Callable[[], float] | None, began: float | None = None
    ) -> None:
        self._limiter = limiter
        self._slot = slot
        self._left = left
        self._began = began
        self._arrival = None if began is None else began + _LONGEST_WRITE_SECONDS

    def begin(self) -> None:
        """Wait until the call may go out. Raises TimeLimitError where that is too late."""
        if self._began is None or self._limiter.is_past(self._began):
            self._began = self._limiter.start(self._slot, self._left, self._arrival)
            self._arrival = self._began + _LONGEST_WRITE_SECONDS

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
        self._moved: list[tuple[float, float]] = []
        self._lock: Lock | None = None

    def wait(self, seconds: float | None = None) -> float:
        """Wait until the next call may start; return how long that took.

        Args:
            seconds: longest wait.

        Raises:
            TimeLimitError: the turn comes later than that; none is taken.
        """
        now, slot, _ = self._reserve(seconds)
        return slot - now

    def close(self) -> None:
        """Tell the other processes what they do not know yet; close the files that they share, until the next call."""
        if self._moved:
            with self._locked():
                now = self._clock()
                self._store(self._load(now)._replace(written_at=now))
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
        if left is None:
            turn = Turn(self, self._take_now(), None)
        else:
            _, slot, began = self._reserve(left(), is_ready=True)
            turn = Turn(self, slot, left, began)
        try:
            yield turn
        finally:
            turn.end()

    def move_arrival(self, thought: float, seconds: float) -> float:
        """Note that a call arrives within some seconds, if that is sooner than was thought; return when."""
        if thought <= self._clock():
            return thought  # it has arrived already: nothing to tell the other processes
        if self._per_second > MOST_SLOTS:
            # Above a rate that no platform allows, the others learn it with the next call: they wait in vain seldom.
            with self._turn:
                arrival = min(thought, self._clock() + seconds)
                self._moved.append((thought, arrival))
            return arrival
        with self._locked():
            now = self._clock()
            arrival = min(thought, now + seconds)
            self._store(self._load(now).with_arrival(thought, arrival, now))
        return arrival

    def is_past(self, began: float) -> bool:
        """Whether a call that was let go out has waited since, so that it has to look again."""
        return abs(self._clock() - began) > _HEAD_START_SECONDS

    def _reserve(self, seconds: float | None, *, is_ready: bool = False) -> tuple[float, float, float | None]:
        """Take the next slot and wait for it; return when it was taken, and the slot.

        A call that `is_ready` to go out is let go at once where it may; when that was comes third, else None.
        """
        began = None
        with self._locked():
            now = self._clock()
            pace = self._load(now)
            slot = pace.next_slot(now, self._per_second)
            if seconds is not None and slot - now > seconds:
                raise _no_time()
            pace = pace.with_slot(slot, now)
            if is_ready and max(slot, pace.next_start(now, self._per_second)) <= now:
                began, pace = now, pace.with_start(slot, now, now + _LONGEST_WRITE_SECONDS)
            self._store(pace)
        if slot > now:
            self._sleep(slot - now)
        return now, slot, began

    def _take_now(self) -> float:
        """Take a slot now, whether it is free or not; return when that was."""
        with self._locked():
            now = self._clock()
            self._store(self._load(now).with_slot(now, now))
        return now

    def start(self, slot: float, left: Callable[[], float] | None, thought: float | None = None) -> float:
        """Wait until a call that has its slot may go out, if it waits; return when it does.

        Args:
            slot: of the call.
            left: returns the seconds that are left for waiting; None for a call that does not wait.
            thought: when it was to have arrived, where it was let go out before.
        """
        while True:
            with self._locked():
                now = self._clock()
                pace = self._load(now).without_arrival(thought)
                if left is None or pace.next_start(now, self._per_second) <= now:
                    self._store(pace.with_start(slot, now, now + _LONGEST_WRITE_SECONDS))
                    return now
            # Calls that are about to go out will have arrived long before they must have: then it looks again.
            start = pace.arrived_by(now + _FLIGHT_SECONDS).next_start(now, self._per_second)
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
        pace = self._read(now)
        for thought, arrival in self._moved:
            pace = pace.with_arrival(thought, arrival, now)
        return pace

    def _read(self, now: float) -> Pace:
        if not self._is_shared:
            return believable(self._own, now)
        try:
            content = self._file.read(_LONGEST_FILE)
            if self._own_line is not None and content.startswith(self._own_line):
                return believable(self._own, now)  # no other process has written since
            return parse_pace(content.decode("ascii"), now)
        except (OSError, UnicodeDecodeError):
            return Pace()

    def _store(self, pace: Pace) -> None:
        self._own = pace
        self._moved.clear()
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
