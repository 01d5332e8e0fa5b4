"""Waiting for what threads and processes do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tests.support.tail_process import PATIENCE


def wait_for(condition: Callable[[], object], every: float = 0.002) -> None:
    """Wait until a condition holds; fail if it does not within a minute. `every`: seconds between two looks."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"in vain: {condition()!r}"
        threading.Event().wait(every)  # the assert above bounds it
