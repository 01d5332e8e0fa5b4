"""Waiting for what other threads do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; fail after 20 s."""
    over = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < over, "in vain"
        threading.Event().wait(0.002)  # between two looks; the assert above bounds them
