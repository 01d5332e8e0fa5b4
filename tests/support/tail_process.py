"""What tests of a running `alarms tail` wait for."""

from __future__ import annotations

from hpcli.sandbox import control
from tests.support.platform_server import Platform

PATIENCE = 60.0
"""Seconds after which a test fails that waits for something."""


def waiting(platform: Platform) -> int:
    """Messages the platform has not had confirmed."""
    return control.statistics(platform.state)["queue"]["waiting"]


def polls(platform: Platform) -> int:
    return control.statistics(platform.state)["requests"].get("POST /api/hpcgw/v1/mq/messages", 0)
