"""Prove that `alarms tail` loses nothing: kill it, starve it, lie to it, and count.

    python -m tests.soak.alarms --minutes 10 --seed 1

Rounds of all scenarios follow each other until the time is over; the first is always finished. Each scenario prints one
line of figures. What a scenario left stays in the folder that is named where it failed. Linux only.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.soak import (
    clock,
    dead_readers,
    endings,
    faults,
    forwarding,
    full_output,
    kills,
    picture_faults,
    scarcity,
)

Scenario = Callable[[Path, random.Random], str]

WHILE_KILLING = {
    "reset": 0.05,
    "cut": 0.05,
    "html502": 0.05,
    "LAP500004": 0.02,
    "dupbatch": 0.1,
    "disorder": 0.1,
}


def scenarios(size: float) -> dict[str, Scenario]:
    """Return the scenarios of a round by name.

    Args:
        size: 1 is minutes of work; more makes each scenario longer.
    """

    def count(number: int) -> int:
        return max(1, round(number * size))

    found: dict[str, Scenario] = {
        "kills": partial(kills.kill_at_random, kills=count(200), messages=count(20_000)),
        "kills-faults": partial(
            kills.kill_at_random, kills=count(100), messages=count(10_000), faults=WHILE_KILLING
        ),
        "kills-in-a-line": partial(kills.kill_in_a_line, kills=count(10)),
        "all-faults": partial(faults.every_fault_at_once, messages=count(4_000)),
        "platform-away": partial(faults.platform_away, times=count(3), messages=count(2_000)),
        "signals": partial(endings.end_by_signals, times=count(12), messages=count(3_000)),
        "closed-stdout": partial(endings.close_stdout, times=count(6)),
        "suspended": partial(endings.suspend, times=count(8), messages=count(3_000)),
        "blocked-outputs": partial(endings.block_outputs, messages=count(3_000)),
        "full-stderr": partial(endings.fill_stderr, messages=count(500)),
        "blocked-stderr": partial(endings.block_stderr, messages=count(2_000)),
        "forwarding": partial(forwarding.kill_at_random, seconds=60 * size),
        "files-limited": partial(scarcity.limit_files, times=2, messages=4_000),
        "disk-full": partial(scarcity.fill_disk, times=2, messages=4_000),
        "output-full": partial(full_output.fill_output, step=max(1, round(1 / size)), times=count(30)),
        "dead-readers": partial(dead_readers.kill_readers, kills=count(500), messages=count(10_000)),
        "clock": partial(clock.jump, messages=count(2_000)),
        "pictures": partial(picture_faults.fetch_pictures, messages=count(400), kills=count(10)),
        "someone-else": partial(faults.someone_else_reads, messages=150),
    }
    for kind in (*faults.QUEUE_FAULTS, *faults.CALL_FAULTS, *faults.OFFSET_FAULTS):
        found[kind] = partial(faults.one_fault, kind=kind, share=0.3, messages=count(1_500))
    for kind in faults.SIGN_IN_FAULTS:
        found[kind] = partial(faults.one_fault, kind=kind, share=1.0, messages=count(500))
    return found


def soak(chosen: dict[str, Scenario], seed: int, seconds: float, folder: Path) -> int:
    """Run rounds until the time is over; return how many scenarios failed."""
    end, failed, number = time.monotonic() + seconds, 0, 0
    while number == 0 or time.monotonic() < end:
        for name, scenario in chosen.items():
            if number and time.monotonic() >= end:
                break
            place = folder / f"{number}-{name}"
            started = time.monotonic()
            try:
                outcome = scenario(place, random.Random(f"{seed}/{number}/{name}"))
            except Exception:  # noqa: BLE001 - the others are still worth their run
                failed += 1
                outcome = f"FAILED, see {place}\n{traceback.format_exc()}"
            else:
                shutil.rmtree(place)
            sys.stdout.write(f"{name} ({time.monotonic() - started:.0f} s): {outcome}\n")
            sys.stdout.flush()
        number += 1
    return failed


def main() -> int:
    """Read the command line, soak, and return the exit code."""
    names = list(scenarios(1))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=0.0, help="go on for so long; 0 is one round")
    parser.add_argument("--seed", type=int, default=1, help="start of all chance")
    parser.add_argument("--size", type=float, default=1.0, help="how long each scenario is; 0.1 is a tenth")
    parser.add_argument("scenario", nargs="*", choices=[[], *names], help="which; without any all")
    asked = parser.parse_args()
    chosen = scenarios(asked.size)
    if asked.scenario:
        chosen = {name: chosen[name] for name in asked.scenario}
    folder = Path(tempfile.mkdtemp(prefix="hpcli-soak-"))
    failed = soak(chosen, asked.seed, asked.minutes * 60, folder)
    if not failed:
        shutil.rmtree(folder)
    sys.stdout.write(f"{failed} failed\n" if failed else "All held.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
