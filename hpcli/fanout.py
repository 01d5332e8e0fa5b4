"""Asking many devices at once: bounded, each by itself, results in the order they were named."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
) -> Iterator[Reply[Item, Result]]:
    """Do `work` on each item, `at_once` at a time; yield the replies in input order.

    Items are taken only as far ahead as they can be worked on, so endless input stays bounded.
    """
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        waiting: deque[tuple[Item, Future[Result]]] = deque()
        try:
            for item in items:
                waiting.append((item, pool.submit(work, item)))
                if len(waiting) >= 2 * at_once:
                    yield _reply(*waiting.popleft())
            while waiting:
                yield _reply(*waiting.popleft())
        finally:
            for _, future in waiting:
                future.cancel()


def _reply(item: Item, future: Future[Result]) -> Reply[Item, Result]:
    try:
        return Reply(item, result=future.result())
    except HpcliError as error:
        return Reply(item, error=error)
