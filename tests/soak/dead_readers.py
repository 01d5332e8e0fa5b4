"""Consumers of a pipe that die at random moments: what they had not read comes again, marked."""

from __future__ import annotations

import fcntl
import os
import random
import select
import socket
import time
from contextlib import suppress
from pathlib import Path

from tests.soak.feed import Feed
from tests.soak.kills import bytes_in
from tests.soak.stage import Stage
from tests.soak.verdict import await_end, check

_PATIENCE = 60.0
_CLOSED = 141
_READS = (0, 100, 4096, 65536)
"""Most bytes that a consumer takes at once; 0 takes nothing."""


def kill_readers(folder: Path, rng: random.Random, *, kills: int, messages: int) -> str:
    """Kill the consumer of a pipe or socket at random moments, now and then the tail first, while messages come.

    This process is the consumer: it knows each byte that it read, and when it closes its end the kernel does what it
    does for a killed one.

    Args:
        folder: an empty one.
        rng: chance.
        kills: how often.
        messages: how many at least.
    """
    unread = tails = 0
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with feed.flowing(messages, burst=30) as all_queued:
            for _ in range(kills):
                feed.put(1)
                left, is_killed = _read_until_death(stage, rng)
                unread += left
                tails += is_killed
            all_queued.wait(600)
        with stage.tail():
            feed.put(1)
            await_end(stage, feed)
        figures = check(stage, feed, most_warnings=10)
    return f"{kills} dead consumers, {tails} with a killed tail, {unread} bytes unread: {figures}"


def _read_until_death(stage: Stage, rng: random.Random) -> tuple[int, bool]:
    """Read what a tail prints until a random moment; return the unread bytes, and whether the tail was killed."""
    reader, writer = _make_pipe(rng)
    process = stage.start_tail(stdout=writer)
    os.close(writer)
    is_tail_killed = rng.random() < 0.2
    try:
        _consume(stage.out, reader, rng)
        if is_tail_killed:
            process.kill()
            process.wait()
        left = bytes_in(reader)
    finally:
        os.close(reader)
    code = process.wait(_PATIENCE)
    assert is_tail_killed or code == _CLOSED, f"{code}: {stage.errors.read_text()[-2000:]}"
    return left, is_tail_killed


def _make_pipe(rng: random.Random) -> tuple[int, int]:
    """Return both ends of a small or large pipe, or now and then of a socket."""
    if rng.random() < 0.2:
        left, right = socket.socketpair()
        return left.detach(), right.detach()
    reader, writer = os.pipe()
    with suppress(OSError):  # a user may have too many large pipes
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, rng.choice((4096, 65536)))
    return reader, writer


def _consume(target: Path, reader: int, rng: random.Random) -> None:
    """Read from a pipe for a random time, with pauses; keep what was read, its last line ended."""
    select.select([reader], [], [], _PATIENCE)
    most = rng.choice(_READS)
    end = time.monotonic() + rng.expovariate(4.0)
    with target.open("ab", buffering=0) as out:
        while time.monotonic() < end:
            if most and select.select([reader], [], [], 0.01)[0]:
                out.write(os.read(reader, most))
            time.sleep(rng.choice((0, 0, 0.001, 0.02)))  # a consumer that works
        out.write(b"\n")  # its own loss: half a line
