"""A clock that jumps, forwards and back, by seconds and by months (libfaketime, Debian package `faketime`)."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.soak.feed import Feed
from tests.soak.stage import Stage, wait_until
from tests.soak.verdict import await_end, check

JUMPS = ("+0", "+30s", "-30s", "+3h", "-3h", "+400d", "-400d", "+0")
_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def find_library() -> Path | None:
    """Return libfaketime, None where it is not installed."""
    root = Path("/")
    return next((path for pattern in _LIBRARIES for path in root.glob(pattern.lstrip("/"))), None)


def jump(folder: Path, rng: random.Random, *, messages: int) -> str:
    """Set the tail's clock to and fro while messages come."""
    library = find_library()
    assert library is not None, "the Debian package `faketime` is missing"
    offset = folder / "offset"
    folder.mkdir(parents=True)
    offset.write_text("+0\n")
    fake = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with stage.tail(environment=fake):
            for moved in (*JUMPS, *rng.sample(JUMPS, len(JUMPS))):
                offset.with_suffix(".new").write_text(f"{moved}\n")
                offset.with_suffix(".new").replace(offset)
                feed.put(messages // len(JUMPS))
                time.sleep(rng.uniform(0, 0.3))  # the clock moves at any instant of the work
                wait_until(lambda: feed.waiting == 0, f"it goes on after {moved}", 60)
            await_end(stage, feed)
        return f"{2 * len(JUMPS)} jumps of the clock: {check(stage, feed, most_warnings=5)}"
