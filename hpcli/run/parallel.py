"""Work on many items in parallel: bounded, independently, with results in input order."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, wait
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
    free = threading.Semaphore(at_once)
    is_over = threading.Event()
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    source = iter(items)
    follow = _Followed(job, named)
    try:
        for item in source:
            follow.expect(item)
            if follow.is_stopped:
                follow.expect_rest(source)
                break
            waiting.append((item, _start(follow.noting(work), item, free, is_over, follow)))
            if len(waiting) >= 2 * at_once:
                yield from follow.replies(*waiting.popleft())
        while waiting:
            yield from follow.replies(*waiting.popleft())
    finally:
        is_over.set()


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
                wait([future], timeout=_SLICE_SECONDS)
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
    nobody = _Followed[None](None, str)
    return _start(lambda _: work(), None, threading.Semaphore(1), threading.Event(), nobody)


def _start(
    work: Callable[[Item], Result],
    item: Item,
    free: threading.Semaphore,
    is_over: threading.Event,
    follow: _Followed[Item],
) -> Future[Result]:
    """Work on an item in a daemon thread, because a hanging call must not keep the program from ending."""
    future: Future[Result] = Future()

    def run() -> None:
        with free:
            if is_over.is_set() or follow.is_stopped:
                future.cancel()
                return
            try:
                future.set_result(work(item))
            except BaseException as error:  # noqa: BLE001 - raised again where the result is used
                future.set_exception(error)

    threading.Thread(target=run, name="fan-out", daemon=True).start()
    return future


def _reply(item: Item, future: Future[Result]) -> Reply[Item, Result]:
    try:
        return Reply(item, result=future.result())
    except HpcliError as error:
        return Reply(item, error=error)
