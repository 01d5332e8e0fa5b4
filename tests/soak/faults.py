"""What networks, proxies and the platform do to calls, one by one and all at once."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.soak.feed import Feed
from tests.soak.stage import Stage, wait_until
from tests.soak.verdict import await_end, check

QUEUE_FAULTS = ("empty", "nulldata", "disorder", "silence20")
CALL_FAULTS = (
    "refuse", "reset", "cut", "stall60", "html502", "limit429", "retry429", "badjson", "drift", "gone404",
    "LAP000000", "LAP500001", "LAP500004", "LAP500007", "EVZ10007",
)  # fmt: skip
OFFSET_FAULTS = ("dupbatch",)
SIGN_IN_FAULTS = ("badclock", "movedomain")
SOMEONE_ELSE = "LAP068001"
_PER_TAIL = 40
"""The same warning is given once; so many different ones may come up."""


def every_fault_at_once(folder: Path, rng: random.Random, *, messages: int, share: float = 0.02) -> str:
    """Let every fault happen to every call by chance; all must be read once the platform recovers, and sooner."""
    faults = dict.fromkeys((*QUEUE_FAULTS, *CALL_FAULTS), share)
    faults |= dict.fromkeys(OFFSET_FAULTS, 5 * share) | dict.fromkeys(SIGN_IN_FAULTS, 0.4)
    with Stage(folder, {"faults": faults, "seed": rng.randrange(10**6)}) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with stage.tail():
            with feed.flowing(messages, burst=60) as all_queued:
                all_queued.wait(600)
                wait_until(lambda: feed.waiting < feed.sent.total() / 2, "it goes on under faults", 600)
            stage.configure(faults={})
            await_end(stage, feed)
        return f"all at once, {share:.0%} each: {check(stage, feed, most_warnings=_PER_TAIL)}"


def one_fault(folder: Path, rng: random.Random, *, kind: str, share: float, messages: int) -> str:
    """Let one fault happen often; nothing but its own warnings may follow."""
    with Stage(folder, {"faults": {kind: share}, "seed": rng.randrange(10**6)}) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with stage.tail(), feed.flowing(messages, burst=100) as all_queued:
            all_queued.wait(600)
            time.sleep(1)  # the fault goes on for a while after the last message
            stage.configure(faults={})
            await_end(stage, feed)
        return f"{kind} {share:.0%}: {check(stage, feed, most_warnings=10)}"


def someone_else_reads(folder: Path, rng: random.Random, *, messages: int) -> str:
    """Refuse a poll as if someone else read; the tail waits its 20 to 30 s, says so, and goes on."""
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng)
        feed.put(messages)
        stage.configure(next_faults=[f"{SOMEONE_ELSE}@mq/messages"])
        with stage.tail():
            await_end(stage, feed)
        figures = check(stage, feed, most_warnings=2)
        assert SOMEONE_ELSE in stage.errors.read_text()
        return f"{SOMEONE_ELSE}: {figures}"


def platform_away(folder: Path, rng: random.Random, *, times: int, messages: int) -> str:
    """Take the platform away, so that connections are refused, and bring it back."""
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with stage.tail():
            for _ in range(times):
                feed.put(messages // times)
                time.sleep(rng.uniform(0, 0.5))  # gone at any instant
                stage.stop_platform()
                time.sleep(rng.uniform(0.5, 2))  # away for some time
                stage.start_platform()
            await_end(stage, feed)
        return f"refused connections, {times} times: {check(stage, feed, most_warnings=5 + times)}"
