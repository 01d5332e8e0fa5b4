"""Work on many items in parallel: bounded, independently, with results in input order."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from hpcli.errors import HpcliError

if TYPE_CHECKING:
    from hpcli.run.job import Job

Item = TypeVar("Item")
Result = TypeVar("Result")

_KEPT_SECONDS: Final = 2.0
"""Seconds for what remains: to look for the items that are left, and to wait for those under way."""
_SLICE_SECONDS: Final = 0.25
"""After so many seconds of waiting a stop is noticed."""


class Reply(NamedTuple, Generic[Item, Result]):
    """The outcome of one item: a result or an error."""

    item: Item
    result: Result | None = None
    error: HpcliError | None = None


def fan_out(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    *,
    at_once: int,
    job: Job | None = None,
    named: Callable[[Item], str] = str,
) -> Generator[Reply[Item, Result], None, None]:
    """Do `work` on each item, `at_once` at a time, and yield the replies in input order.

    Items are consumed only as they are started, so endless input is bounded. If the generator is closed early
    (stdout closed), waiting items are not started and running ones are abandoned. If the job is stopped, no item is
    started any more, those under way are waited for until the job's end, and those that are done are yielded.

    Args:
        items: what to work on.
        work: is done in threads.
        at_once: how many.
        job: notes what is done and left; None where nobody counts.
        named: item to its name in the job.
    """
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    source = iter(items)
    follow = _Followed(job, named)
    workers = _Workers(follow.noting(work), at_once, lambda: follow.is_stopped)
    try:
        for item in source:
            follow.expect(item)
            if follow.is_stopped:
                follow.expect_rest(source)
                break
            waiting.append((item, workers.start(item)))
            if len(waiting) >= 2 * at_once:
                yield from follow.replies(*waiting.popleft())
        while waiting:
            yield from follow.replies(*waiting.popleft())
    finally:
        workers.end()


class _Followed(Generic[Item]):
    """Notes in a job what becomes of the items, and stops waiting for them when the job ends."""

    def __init__(self, job: Job | None, named: Callable[[Item], str]) -> None:
        self._job = job
        self._named = named

    @property
    def is_stopped(self) -> bool:
        return self._job is not None and self._job.stop.is_set

    def expect(self, item: Item) -> None:
        if self._job is not None:
            self._job.expect(self._named(item))

    def expect_rest(self, source: Iterator[Item]) -> None:
        """Note the items that were not begun, as far as they are known in time."""
        if self._job is None or not self.is_stopped:
            return
        end = max(self._job.ends_at - _KEPT_SECONDS, time.monotonic() + _KEPT_SECONDS)
        with contextlib.suppress(HpcliError):  # the items were not needed for anything else
            for item in source:
                self._job.expect(self._named(item))
                if time.monotonic() >= end:
                    break

    def noting(self, work: Callable[[Item], Result]) -> Callable[[Item], Result]:
        """Return the work on an item with its beginning and end noted."""
        job = self._job
        if job is None:
            return work

        def noted(item: Item) -> Result:
            name = self._named(item)
            job.begin(name)
            try:
                result = work(item)
            except HpcliError as error:
                job.end(name, error)
                raise
            job.end(name, error_in(result))
            return result

        return noted

    def replies(self, item: Item, future: Future[Result]) -> Iterator[Reply[Item, Result]]:
        """Yield the reply of an item; nothing if it was not begun, or is not done when the job ends."""
        job = self._job
        if job is not None:
            while not future.done() and time.monotonic() < job.ends_at:
                with contextlib.suppress(TimeoutError, CancelledError):
                    future.exception(_SLICE_SECONDS)
            if not future.done():
                job.give_up(self._named(item))
                return
            if future.cancelled():
                return
        yield _reply(item, future)


def error_in(result: object) -> HpcliError | None:
    """Return the error that a result stands for, where work returns it instead of raising it."""
    error = getattr(result, "error", None)
    return error if isinstance(error, HpcliError) else None


def in_background(work: Callable[[], Result]) -> Future[Result]:
    """Start `work` in a daemon thread, which does not keep the program from ending."""
    worker = _Workers[None, Result](lambda _: work(), 1, lambda: False)
    future = worker.start(None)
    worker.end(cancels=False)
    return future


class _Workers(Generic[Item, Result]):
    """Daemon threads that work on items: a hanging call must not keep the program from ending, as executors would.

    Each new item brings a thread until there are enough: a thread costs as much as a call.

    Args:
        work: is done on an item.
        most: threads.
        is_stopped: whether no further item may be begun.
    """

    def __init__(self, work: Callable[[Item], Result], most: int, is_stopped: Callable[[], bool]) -> None:
        self._work = work
        self._most = most
        self._is_stopped = is_stopped
        self._is_over = False
        self._threads = 0
        self._queue: SimpleQueue[tuple[Item, Future[Result]] | None] = SimpleQueue()

    def start(self, item: Item) -> Future[Result]:
        """Let an item be worked on as soon as a thread is free; it is cancelled if that is after the end."""
        future: Future[Result] = Future()
        self._queue.put((item, future))
        if self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._run, name="fan-out", daemon=True).start()
        return future

    def end(self, *, cancels: bool = True) -> None:
        """Let the threads end when they are free.

        Args:
            cancels: items that wait are not begun any more.
        """
        self._is_over = cancels
        for _ in range(self._threads):
            self._queue.put(None)

    def _run(self) -> None:
        while (given := self._queue.get()) is not None:
            item, future = given
            if self._is_over or self._is_stopped():
                future.cancel()
                continue
            try:
                future.set_result(self._work(item))
            except BaseException as error:  # noqa: BLE001 - raised again where the result is used
                future.set_exception(error)
            del given, item, future  # the next item may be long in coming


def _reply(item: Item, future: Future[Result]) -> Reply[Item, Result]:
    try:
        return Reply(item, result=future.result())
    except HpcliError as error:
        return Reply(item, error=error)
