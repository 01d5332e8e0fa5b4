"""What commands share that run until they are stopped."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from hpcli.stop import Stop

# A wait holds the lock of its event for a moment; anything else that holds it then is this very thread.
INTERRUPTED = """
import os, signal
from hpcli.run.signals import until_stopped

with until_stopped() as stop:
    with stop._event._cond:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.is_set
    assert stop.wait(30)
    print(stop.signal == signal.SIGTERM)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_in_the_middle_of_a_wait_ends_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


WITHOUT_THREADS = """
import os, signal
from hpcli.run import signals as services

def refuse(*_arguments):
    raise RuntimeError("can't start new thread")

services.start_new_thread = refuse
with services.until_stopped() as stop:
    os.kill(os.getpid(), signal.SIGTERM)
    print(stop.wait(), stop.signal == signal.SIGTERM)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_ends_it_where_no_thread_can_be_started() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THREADS], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_who_waits_for_more_than_the_end_is_woken_by_it() -> None:
    stop, woken = Stop(), threading.Event()
    stop.set_too(woken)
    assert not woken.is_set()
    stop.set()
    late = threading.Event()
    stop.set_too(late)
    assert woken.is_set()
    assert late.is_set()


IN_A_CLEAN_UP = """
import os, signal, sys, time
from hpcli.run import signals
from hpcli.run.signals import SignalInterrupt, signals_as_interrupts

def start_after_one_more(function, arguments):
    os.kill(os.getpid(), number)
    return start(function, arguments)

if sys.argv[2:]:  # another one comes while the loss is reported
    start, signals.start_new_thread = signals.start_new_thread, start_after_one_more

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), number)
        for _ in range(10):  # the handler runs between two instructions
            pass

number = signal.Signals[sys.argv[1]]
try:
    with signals_as_interrupts():
        Dropped()
        time.sleep(30)
except KeyboardInterrupt as interrupt:
    print(getattr(interrupt, "number", signal.SIGINT) == number)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    "arguments", [["SIGINT"], ["SIGTERM"], ["SIGHUP"], ["SIGINT", "2"], ["SIGTERM", "2"]]
)
def test_a_signal_in_a_clean_up_of_python_is_not_lost(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_CLEAN_UP, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
