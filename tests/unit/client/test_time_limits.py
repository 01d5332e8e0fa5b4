"""One thread ends what is over its time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from hpcli.client.time_limits import TimeLimits

LONG = 30.0
"""Seconds after which a test has failed; none waits for them where the code is right."""


class Request:
    """Something that may last some seconds."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = time.monotonic() + seconds
        self.is_cut = threading.Event()

    def cut(self) -> None:
        self.is_cut.set()


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.05])
def test_a_request_ends_when_its_time_is_up_though_a_longer_one_began_before(seconds: float) -> None:
    limits = TimeLimits()
    first, second = Request(3600.0), Request(seconds)
    limits.begin(first)
    limits.begin(second)
    assert second.is_cut.wait(LONG)
    assert not first.is_cut.is_set()


def test_what_has_ended_is_not_cut() -> None:
    limits = TimeLimits()
    ended, witness = Request(0.05), Request(0.1)
    limits.begin(ended)
    limits.end(ended)
    limits.begin(witness)
    assert witness.is_cut.wait(LONG)
    assert not ended.is_cut.is_set()


def test_a_request_without_an_end_is_waited_for() -> None:
    limits = TimeLimits()
    limits.begin(Request(float("inf")))
    soon = Request(0.0)
    limits.begin(soon)
    assert soon.is_cut.wait(LONG)


FORKING = """
import os, threading
from hpcli.client.time_limits import time_limits

class Request:
    def __init__(self, ends_at):
        self.ends_at, self.is_cut = ends_at, threading.Event()
    def cut(self):
        self.is_cut.set()

time_limits().begin(Request(float("inf")))
child = os.fork()
if child == 0:
    soon = Request(0.0)
    time_limits().begin(soon)
    os._exit(0 if soon.is_cut.wait(10.0) else 1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_a_thread_of_its_own() -> None:
    # In a process of its own: newer Pythons warn of a fork beside threads, such as those of this test run.
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORKING], check=True)
