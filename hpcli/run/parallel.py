"""Work on many items in parallel: bounded, independently, with results in input order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from hpcli.errors import HpcliError

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reply(Generic[Item, Result]):
    """The outcome of one item: a result or an error."""

    item: Item
    result: Result | None = None
    error: HpcliError | None = None


def fan_out(
    items: Iterable[Item], work: Callable[[Item], Result], *, at_once: int
) -> Generator[Reply[Item, Result], None, None]:
    """Do `work` on each item, `at_once` at a time, and yield the replies in input order.

    Items are consumed only as they are started, so endless input is bounded. If the generator is closed early
    (Ctrl-C, stdout closed), waiting items are not started and running ones are abandoned.
    """
    free = threading.Semaphore(at_once)
    is_over = threading.Event()
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    try:
        for item in items:
            waiting.append((item, _start(work, item, free, is_over)))
            if len(waiting) >= 2 * at_once:
                yield _reply(*waiting.popleft())
        while waiting:
            yield _reply(*waiting.popleft())
    finally:
        is_over.set()


def in_background(work: Callable[[], Result]) -> Future[Result]:
    """Start `work` in a daemon thread, which does not keep the program from ending."""
    return _start(lambda _: work(), None, threading.Semaphore(1), threading.Event())


def _start(
    work: Callable[[Item], Result], item: Item, free: threading.Semaphore, is_over: threading.Event
) -> Future[Result]:
    """Work on an item in a daemon thread, because a hanging call must not keep the program from ending."""
    future: Future[Result] = Future()

    def run() -> None:
        with free:
            if is_over.is_set():
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
