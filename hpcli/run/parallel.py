"""Asking many devices at once: bounded, each by itself, results in the order they were named."""

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
    """What became of one item: a result, or an error."""

    item: Item
    result: Result | None = None
    error: HpcliError | None = None


def fan_out(
    items: Iterable[Item], work: Callable[[Item], Result], *, at_once: int
) -> Generator[Reply[Item, Result], None, None]:
    """Do `work` on each item, `at_once` at a time; yield the replies in input order.

    Items are taken only as far ahead as they can be worked on, so endless input stays bounded. Where it is closed
    early (Ctrl-C, a reader of stdout that went away), what waits is not begun and what is under way is left alone.
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


def _start(
    work: Callable[[Item], Result], item: Item, free: threading.Semaphore, is_over: threading.Event
) -> Future[Result]:
    """Work on an item in a thread that does not keep the program from ending; what is under way may hang long."""
    future: Future[Result] = Future()

    def run() -> None:
        with free:
            if is_over.is_set():
                return
            try:
                future.set_result(work(item))
            except BaseException as error:  # noqa: BLE001 - raised again where the result is taken
                future.set_exception(error)

    threading.Thread(target=run, name="fan-out", daemon=True).start()
    return future


def _reply(item: Item, future: Future[Result]) -> Reply[Item, Result]:
    try:
        return Reply(item, result=future.result())
    except HpcliError as error:
        return Reply(item, error=error)
