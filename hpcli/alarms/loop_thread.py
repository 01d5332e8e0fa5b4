"""A loop of asyncio in a thread of its own, for the libraries that ask for one."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, Final, TypeVar

_END_SECONDS: Final = 2.0

_Answer = TypeVar("_Answer")


@dataclass
class LoopThread:
    """Runs coroutines in its thread.

    Args:
        name: of the thread.
    """

    name: str
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self._loop is not None

    def start(self) -> None:
        """Begin."""
        # What asyncio says of connections that end is for those who write it; it would stand among our messages.
        logger = logging.getLogger("asyncio")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop,), name=self.name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, object]) -> None:
        """Begin something, and wait for nothing; before the start and after the end nothing is begun."""
        if self._loop is None:
            work.close()
        else:
            asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, _Answer], seconds: float) -> _Answer:
        """Do something and wait for it.

        Raises:
            TimeoutError: it takes longer than that, or the loop ends; it is cancelled.
            RuntimeError: the loop does not run.
            Exception: what it raises.
        """
        if self._loop is None:
            work.close()
            raise RuntimeError("the loop does not run")
        waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return waiting.result(seconds)
        except TimeoutError:
            waiting.cancel()
            raise
        except CancelledError as error:
            raise TimeoutError from error

    def close(self) -> None:
        """Cancel what is under way, and end."""
        loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=_END_SECONDS))
        loop.close()
