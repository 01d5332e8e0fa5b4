"""kill -9 at random instants, each restart immediate, while messages keep coming."""

from __future__ import annotations

import fcntl
import os
import random
import subprocess
import sys
import termios
import threading
from contextlib import suppress
from pathlib import Path

from tests.soak.feed import Feed
from tests.soak.stage import Stage, wait_until
from tests.soak.verdict import await_end, check

_PIPE_BYTES = 8192


def kill_at_random(
    folder: Path, rng: random.Random, *, kills: int, messages: int, faults: dict[str, float] | None = None
) -> str:
    """Kill tails at random instants; let the last one finish, and check.

    By turns of the dice the platform sends a `messageId`, as later editions do, and answers late, which makes kills
    between commit and confirmation likelier.

    Args:
        folder: an empty one.
        rng: chance.
        kills: how often.
        messages: how many at least.
        faults: shares of faults meanwhile.
    """
    settings = {
        "message_ids": rng.random() < 0.5,
        "latency_ms": rng.choice((0, 20)),
        "seed": rng.randrange(10**6),
    }
    with Stage(folder, settings | {"faults": faults or {}}) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with feed.flowing(messages) as all_queued:
            for _ in range(kills):
                process = stage.start_tail()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=stage.start_seconds * rng.uniform(0.2, 1) + rng.expovariate(3.0))
                assert process.poll() is None, stage.errors.read_text()[-2000:]
                process.kill()
                process.wait()
            stage.configure(faults={})
            with stage.tail():  # the feed waits for a reader where much is queued
                all_queued.wait(600)
                feed.put(1)  # ended before its handlers are set, a tail dies of the signal
                await_end(stage, feed)
        figures = check(stage, feed, most_warnings=10 + kills * (12 if faults else 1))
    return f"{kills} kills; {settings}: {figures}"


def kill_in_a_line(folder: Path, rng: random.Random, *, kills: int) -> str:
    """Kill tails that share one full pipe, each in the middle of its first line."""
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng, large=1e9)
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        for _ in range(kills):
            feed.put(1)
            process = stage.start_tail(stdout=writer)
            wait_until(lambda: bytes_in(reader) >= _PIPE_BYTES // 2, "the pipe is full")
            process.kill()
            process.wait()
            _copy(reader, stage.out, bytes_in(reader))
        with stage.tail(stdout=writer):
            os.close(writer)
            copier = threading.Thread(target=_copy, args=(reader, stage.out))
            copier.start()
            await_end(stage, feed)
        copier.join()
        os.close(reader)
        return f"{kills} kills in a line: {check(stage, feed, most_warnings=0)}"


def bytes_in(pipe: int) -> int:
    """Return the number of bytes that wait in a pipe."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def _copy(pipe: int, target: Path, most: int | None = None) -> None:
    """Append what comes out of a pipe to a file, to its end or up to a number of bytes."""
    with target.open("ab", buffering=0) as file:
        left = most
        while left != 0 and (data := os.read(pipe, left or 65536)):
            file.write(data)
            left = None if left is None else left - len(data)
