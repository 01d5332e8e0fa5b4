"""Calls that nothing can cut short, in a thread that the end of the program does not wait for."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Result = TypeVar("Result")


def start_call(call: Callable[[], Result], name: str) -> Future[Result]:
    """Begin a call in a daemon thread of that name; what it raises is raised by the future's `result`."""
    from concurrent.futures import Future  # an executor's threads would be waited for

    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - passed to the thread that waits
            future.set_exception(error)

    Thread(target=run, name=name, daemon=True).start()
    return future
