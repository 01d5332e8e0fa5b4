"""What tests of a running `alarms tail` wait for."""

from __future__ import annotations

import time
from collections.abc import Callable

from hpcli.sandbox import control
from tests.platform_server import Platform

PATIENCE = 60.0
"""Seconds after which a test fails that waits for something."""


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"it never came about: {what}"
        time.sleep(0.02)


def waiting(platform: Platform) -> int:
    """Messages the platform has not had confirmed."""
    return control.statistics(platform.state)["queue"]["waiting"]


def polls(platform: Platform) -> int:
    return control.statistics(platform.state)["requests"].get("POST /api/hpcgw/v1/mq/messages", 0)
