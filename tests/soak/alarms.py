"""Prove that `alarms tail` loses nothing: kill it, starve it, lie to it, and count.

    python -m tests.soak.alarms --size 0.2 --jobs 4 --forks    # all of it, in some minutes on two idle cores
    python -m tests.soak.alarms dead-readers-1 --minutes 10    # one scenario for long

Rounds of all scenarios follow each other until the time is over; the first is always finished. Each scenario prints one
line of figures, and the last line adds them up. What a scenario left stays in the folder that is named where it failed.
Linux only.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
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
from tests.soak.stage import Stage

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
        **{
            f"dead-readers-{part}": partial(
                dead_readers.kill_readers, kills=count(125), messages=count(2_500)
            )
            for part in range(1, 5)
        },
        "clock": partial(clock.jump, messages=count(2_000)),
        "pictures": partial(picture_faults.fetch_pictures, messages=count(400), kills=count(10)),
        "someone-else": partial(faults.someone_else_reads, messages=150),
    }
    for kind in (*faults.QUEUE_FAULTS, *faults.CALL_FAULTS, *faults.OFFSET_FAULTS):
        found[kind] = partial(faults.one_fault, kind=kind, share=0.3, messages=count(1_500))
    for kind in faults.SIGN_IN_FAULTS:
        found[kind] = partial(faults.one_fault, kind=kind, share=1.0, messages=count(500))
    return found


def run_one(name: str, scenario: Scenario, seed: str, place: Path) -> tuple[bool, str]:
    """Run a scenario; return whether it held, and its line."""
    started = time.monotonic()
    try:
        outcome = scenario(place, random.Random(seed))
    except Exception:  # noqa: BLE001 - the others are still worth their run
        return False, f"{name}: FAILED, see {place}\n{traceback.format_exc()}"
    shutil.rmtree(place)
    return True, f"{name} ({time.monotonic() - started:.0f} s): {outcome}"


def run_apart(name: str, asked: argparse.Namespace, number: int) -> tuple[bool, str]:
    """Run a scenario in a process of its own, beside others; return whether it held, and its line."""
    options = ["--size", str(asked.size), "--seed", str(asked.seed), "--round", str(number)]
    program = [sys.executable, "-m", "tests.soak.alarms", *options, *["--forks"] * asked.forks, name]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    kept = lines[:-1] if lines[-1:] and lines[-1].startswith("All held") else lines
    return done.returncode == 0, "\n".join([*kept, done.stderr.strip()]).strip()


def soak(chosen: dict[str, Scenario], asked: argparse.Namespace, folder: Path) -> tuple[int, list[str]]:
    """Run rounds until the time is over; return how many scenarios failed, and the lines of the others."""
    end, failed, number = time.monotonic() + asked.minutes * 60, 0, asked.round
    held: list[str] = []
    while number == asked.round or time.monotonic() < end:

        def run(name: str, number: int = number) -> tuple[bool, str]:
            if number > asked.round and time.monotonic() >= end:
                return True, ""
            if asked.jobs > 1:
                return run_apart(name, asked, number)
            return run_one(name, chosen[name], f"{asked.seed}/{number}/{name}", folder / f"{number}-{name}")

        with ThreadPoolExecutor(asked.jobs) as pool:
            for future in as_completed([pool.submit(run, name) for name in chosen]):
                has_held, line = future.result()
                failed += not has_held
                held += [line] if has_held and line else []
                sys.stdout.write(f"{line}\n" if line else "")
                sys.stdout.flush()
        number += 1
    return failed, held


def sum_up(lines: list[str]) -> str:
    """Return the sums of the figures that scenarios have in common."""
    names = (
        "kills",
        "dead consumers",
        "messages",
        "lines printed",
        "of them again",
        "marked redelivered",
        "torn",
    )
    sums = [
        (sum(int(number) for line in lines for number in re.findall(rf"(\d+) {name}\b", line)), name)
        for name in names
    ]
    return f"{len(lines)} scenarios held: " + ", ".join(f"{number} {name}" for number, name in sums)


def main() -> int:
    """Read the command line, soak, and return the exit code."""
    names = list(scenarios(1))
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=0.0, help="go on for so long; 0 is one round")
    parser.add_argument("--seed", type=int, default=1, help="start of all chance")
    parser.add_argument("--size", type=float, default=1.0, help="how long each scenario is; 0.1 is a tenth")
    parser.add_argument("--jobs", type=int, default=1, help="scenarios at the same time")
    parser.add_argument(
        "--forks",
        action="store_true",
        help="fork each tail instead of starting Python, in a tenth of the time",
    )
    parser.add_argument("--round", type=int, default=0, help="number of the first round, for its chance")
    parser.add_argument("scenario", nargs="*", choices=[[], *names], help="which; without any all")
    asked = parser.parse_args()
    Stage.starts_python = not asked.forks
    chosen = scenarios(asked.size)
    if asked.scenario:
        chosen = {name: chosen[name] for name in asked.scenario}
    folder = Path(tempfile.mkdtemp(prefix="hpcli-soak-"))
    started = time.monotonic()
    failed, held = soak(chosen, asked, folder)
    if not failed:
        shutil.rmtree(folder)
    if len(chosen) > 1:
        sys.stdout.write(f"{sum_up(held)}, in {time.monotonic() - started:.0f} s.\n")
    sys.stdout.write(f"{failed} failed\n" if failed else "All held.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
