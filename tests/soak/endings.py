"""Signals, closed and blocked outputs, a suspended process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

from hpcli.sandbox import control
from tests.soak.feed import Feed
from tests.soak.stage import Stage, wait_until
from tests.soak.verdict import await_end, check

_EXIT_CODES = {signal.SIGTERM: 0, signal.SIGHUP: 0, signal.SIGINT: 130}
_PATIENCE = 30.0


def end_by_signals(folder: Path, rng: random.Random, *, times: int, messages: int) -> str:
    """End tails by each signal in the middle of work; the next one goes on where they ended."""
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with feed.flowing(messages) as all_queued:
            for number in range(times):
                wanted = list(_EXIT_CODES)[number % len(_EXIT_CODES)]
                printed = _size(stage.out)
                process = stage.start_tail()
                feed.put(1)
                wait_until(lambda printed=printed: _size(stage.out) > printed, "something is printed")  # type: ignore[misc]  # mypy sees no default of a lambda
                time.sleep(rng.uniform(0, 0.2))  # the signal comes at any instant
                process.send_signal(wanted)
                code = process.wait(timeout=_PATIENCE)
                assert code == _EXIT_CODES[wanted], (
                    f"{wanted.name} ended with {code}: {stage.errors.read_text()}"
                )
            with stage.tail():  # the feed waits for a reader where much is queued
                all_queued.wait(600)
                feed.put(1)
                await_end(stage, feed)
        figures = check(stage, feed, most_warnings=times)
        assert figures.printed_again == 0, f"a clean end prints nothing again: {figures}"
        return f"{times} signals: {figures}"


def close_stdout(folder: Path, rng: random.Random, *, times: int) -> str:
    """Close stdout while events come, and while none do; the tail ends with 141 and says nothing."""
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng)
        for number in range(times):
            process = stage.start_tail(stdout=subprocess.PIPE)
            assert process.stdout is not None
            feed.put(1)
            first = process.stdout.readline()
            with stage.out.open("ab") as out:
                out.write(first)
            process.stdout.close()
            if number % 2:
                feed.put(300)
            assert process.wait(timeout=_PATIENCE) == 141, stage.errors.read_text()
        assert stage.errors.read_text() == ""
        return f"{times} closed outputs: 141, silently"


def suspend(folder: Path, rng: random.Random, *, times: int, messages: int) -> str:
    """Stop the process with SIGSTOP in the middle of work and let it go on."""
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with stage.tail() as process, feed.flowing(messages) as all_queued:
            for _ in range(times):
                time.sleep(rng.uniform(0, 0.4))  # stopped at any instant
                process.send_signal(signal.SIGSTOP)
                time.sleep(rng.uniform(0, 1.0))  # held for some time
                process.send_signal(signal.SIGCONT)
            all_queued.wait(600)
            await_end(stage, feed)
        return f"{times} suspensions: {check(stage, feed, most_warnings=5)}"


def block_outputs(folder: Path, rng: random.Random, *, messages: int) -> str:
    """Read neither stdout nor stderr, with faults that ask to be reported; all is confirmed all the same."""
    with Stage(folder, {"faults": {"html502": 0.1, "reset": 0.1}}) as stage:
        feed = Feed(stage.state, rng)
        feed.put(messages)
        process = stage.start_tail(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stderr is not None
        with closing(process.stdout), closing(process.stderr):
            wait_until(lambda: feed.waiting == 0, "a blocked stdout delays no poll")
            assert process.poll() is None
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=_PATIENCE) == 0
            seconds = time.monotonic() - started
            with stage.out.open("ab") as out:
                out.write(process.stdout.read() + b"\n")  # the blocked write was torn
        stage.configure(faults={})
        with stage.tail():
            feed.put(1)
            await_end(stage, feed)
        return f"blocked outputs, ended in {seconds:.1f} s: {check(stage, feed, most_warnings=5)}"


def fill_stderr(folder: Path, rng: random.Random, *, messages: int) -> str:
    """Give it a stderr that takes nothing (a full disk) or whose reader is gone; alarms go on."""
    with Stage(folder, {"faults": {"html502": 0.2, "LAP500001": 0.1, "reset": 0.1}}) as stage:
        feed = Feed(stage.state, rng)
        with Path("/dev/full").open("wb") as full, stage.tail(stderr=full):
            feed.put(messages)
            await_end(stage, feed)
        process = stage.start_tail(stderr=subprocess.PIPE)
        assert process.stderr is not None
        process.stderr.close()
        feed.put(messages)
        await_end(stage, feed)
        process.terminate()
        assert process.wait(timeout=_PATIENCE) == 0
        return f"a stderr that takes nothing: {check(stage, feed, most_warnings=0)}"


def block_stderr(folder: Path, rng: random.Random, *, messages: int) -> str:
    """Give it a stderr that is full already and never read: a terminal on hold."""
    with Stage(folder, {"faults": {"html502": 0.3, "reset": 0.2}}) as stage:
        feed = Feed(stage.state, rng)
        feed.put(messages)
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writer, bytes(4096))
        os.set_blocking(writer, True)
        with stage.tail(stderr=writer):
            await_end(stage, feed)
            wait_until(lambda: "html502" in control.statistics(stage.state)["faults"], "a fault")
        os.close(writer)
        os.close(reader)
        return f"a stderr on hold: {check(stage, feed, most_warnings=0)}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
