"""What work on a big account costs, compared with bare programs of `requests` that do the same.

    python -m tests.benchmarks.fleet [--sites 1000] [--devices 4000] [--many 100000] [--runs 3] [--write] [--short]

All run on one computer, in turns; each figure is the median of the runs. `bare_fleet.py` asks for the same pages and
prints the same answers as hpcli; both print JSON lines to a file, and the lines are counted. The stand-in runs in a
process of its own on the same processors. It is not what is measured as long as it is idle for most of the time, so
each comparison has its processor time as a share of the time that hpcli took (`stand-in 40%`: it could serve more than
twice as many calls). CPU is that of the process alone. The call limit is measured with few calls, so that it ends in
half a minute. `--short` is for a look.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hpcli import __version__
from hpcli.sandbox import control
from tests.benchmarks import sandbox as sandbox_benchmark
from tests.soak.stage import Stage

LATENCY = 50
SLOW = 300
"""Milliseconds of an answer over the internet; the call limit has to be used up nevertheless."""
AT_ONCE = 16
RATE = 5
URI = "/ISAPI/System/deviceInfo"
IMPORTED = 40
ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "docs" / "benchmarks.md", ROOT / "README.md")
BEGIN = "<!-- the table below is written by tests/benchmarks/fleet.py --write -->"
END = "<!-- end of the table -->"
HPCLI = (sys.executable, "-m", "hpcli")
BARE = (sys.executable, str(Path(__file__).with_name("bare_fleet.py")))


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run of a program took.

    Attributes:
        wall: seconds.
        cpu: seconds of processor time.
        memory: the most that it had, in MiB.
        lines: how many it printed.
        served: seconds of processor time of the stand-in meanwhile.
        calls: that the stand-in counted meanwhile.
        refused: of those, how many by the call limit.
    """

    wall: float
    cpu: float
    memory: float
    lines: int
    served: float
    calls: int
    refused: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    what: str
    figure: str
    goal: str
    met: bool
    more: str = ""


class Fleet:
    """Runs programs against the stand-in and measures them."""

    def __init__(self, stage: Stage, runs: int) -> None:
        self.stage = stage
        self.runs = runs
        home = stage.folder / "home"
        folder = home / ".config" / "hpcli"
        folder.mkdir(parents=True, mode=0o700)
        self.config = folder / "config.toml"
        self.set_rate(1000)

    def set_rate(self, rate: float) -> None:
        """Set the call limit of hpcli."""
        text = f'[settings]\ncall-rate = "{rate}"\nconcurrency = "{AT_ONCE}"\n'
        self.config.write_text(text, encoding="utf-8")
        self.config.chmod(0o600)

    def counted(self) -> tuple[int, int]:
        """Return how many calls there were, and how many were refused by the call limit."""
        found = control.statistics(self.stage.state)
        refused = sum(count for kind, count in found["faults"].items() if "LAP500007" in kind)
        return sum(found["requests"].values()), refused

    def run(self, program: Sequence[str], *arguments: str) -> Taken:
        """Run a program to its end.

        Raises:
            AssertionError: it did not do its work.
        """
        out, errors = self.stage.folder / "printed", self.stage.folder / "said"
        calls, refused = self.counted()
        served, started = self.stage.processor_seconds(), time.perf_counter()
        with out.open("wb") as stdout, errors.open("wb") as stderr:
            process = subprocess.Popen(
                [*program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=self.environment,
            )
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        assert process.returncode in (0, 9), errors.read_text(encoding="utf-8")[-2000:]
        now = self.counted()
        with out.open("rb") as printed:
            lines = sum(1 for _ in printed)
        return Taken(
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss / 1024,
            lines=lines,
            served=self.stage.processor_seconds() - served,
            calls=now[0] - calls,
            refused=now[1] - refused,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a user, not of a test."""
        kept = self.stage.environment
        return {name: value for name, value in kept.items() if name not in ("PYTHONWARNINGS", "HPCLI_DEBUG")}

    def sign_in(self) -> None:
        """Get a token, which a reset has ended: it lasts for days and is not what is measured."""
        self.run(HPCLI, "site", "list", "--limit", "1")

    def compared(self, arguments: Sequence[str], bare: str) -> tuple[list[Taken], list[Taken]]:
        """Run hpcli and the bare program in turns; both have to print as many lines."""
        ours, theirs = [], []
        for _ in range(self.runs):
            ours.append(self.run(HPCLI, *arguments))
            theirs.append(self.run(BARE, bare))
            assert ours[-1].lines == theirs[-1].lines, (ours[-1].lines, theirs[-1].lines)
        return ours, theirs


def middle(taken: Sequence[Taken], of: Callable[[Taken], float]) -> float:
    """Return the median of a figure."""
    return statistics.median(map(of, taken))


def ratios(
    what: str, found: tuple[list[Taken], list[Taken]], wall: float, cpu: float | None = None
) -> list[Line]:
    """Return the lines of a comparison."""
    ours, theirs = found
    took = [middle(one, lambda taken: taken.wall) for one in found]
    used = [middle(one, lambda taken: taken.cpu) for one in found]
    busy = middle(ours, lambda taken: taken.served / taken.wall)
    calls = f"{ours[0].calls:,} and {theirs[0].calls:,} calls"
    more = f"{took[0]:.2f} s against {took[1]:.2f} s, {calls}, stand-in {busy:.0%}"
    lines = [
        Line(f"{what}, time", f"{took[0] / took[1]:.2f}", f"{wall:.2f}", took[0] <= wall * took[1], more)
    ]
    if cpu is not None:
        more = f"{used[0]:.2f} s against {used[1]:.2f} s"
        lines.append(
            Line(f"{what}, CPU", f"{used[0] / used[1]:.2f}", f"{cpu:.2f}", used[0] <= cpu * used[1], more)
        )
    return lines


def health(fleet: Fleet, sites: int, devices: int) -> list[Line]:
    """Reports of many sites at some latency, and what devices say of themselves."""
    control.reset(fleet.stage.state, sites=sites, devices=devices)
    with latency(fleet.stage):
        reports = fleet.compared(("health", "report", "--all", "-o", "ndjson"), "health")
    control.reset(fleet.stage.state, sites=max(1, sites // 10), devices=sites)
    with latency(fleet.stage):
        words = ("device", "isapi", "GET", URI, "--all", "-o", "ndjson")
        answers = fleet.compared(words, "isapi")
    what = f"health report --all, {sites:,} sites"
    return ratios(what, reports, 1.15, 1.6) + ratios(f"device isapi --all, {sites:,} devices", answers, 1.15)


@contextmanager
def latency(stage: Stage) -> Iterator[None]:
    """Let every answer come late while the block runs."""
    stage.configure(latency_ms=LATENCY)
    try:
        yield
    finally:
        stage.configure(latency_ms=0)


def under_rate(fleet: Fleet, sites: int) -> list[Line]:
    """Reports of some sites where the platform takes five calls a second, and some time for each."""
    control.reset(fleet.stage.state, sites=sites, devices=2 * sites)
    fleet.sign_in()
    fleet.stage.configure(rate=RATE, latency_ms=SLOW)
    fleet.set_rate(RATE)
    taken = fleet.run(HPCLI, "health", "report", "--all", "-o", "ndjson")
    fleet.stage.configure(rate=0, latency_ms=0)
    fleet.set_rate(1000)
    asked = taken.calls - taken.refused
    share, ratio = taken.refused / taken.calls, taken.wall / (asked / RATE)
    what, more = (
        f"{RATE} calls a second, {asked} calls of {SLOW} ms",
        f"{taken.wall:.1f} s, {taken.refused} refused",
    )
    return [
        Line(f"{what}, refused", f"{share:.1%}", "2 %", share <= 0.02, more),
        Line(f"{what}, time", f"{ratio:.2f}", "1.10", ratio <= 1.1, more),
    ]


def streamed(fleet: Fleet, many: int) -> list[Line]:
    """All devices of a big account, and the memory that takes."""
    words = ("device", "list", "-o", "ndjson")
    control.reset(fleet.stage.state, sites=20, devices=many // 100)
    few = fleet.run(HPCLI, *words)
    control.reset(fleet.stage.state, sites=max(20, many // 100), devices=many)
    found = fleet.compared(words, "devices")
    grown = middle(found[0], lambda taken: taken.memory) / few.memory
    more = f"{middle(found[0], lambda taken: taken.memory):.0f} MiB against {few.memory:.0f} MiB of {many // 100:,}"
    return [
        *ratios(f"device list, {many:,} devices", found, 1.3),
        Line("its memory", f"{grown:.2f}", "1.10", grown <= 1.1, more),
    ]


def stand_in(fleet: Fleet, many: int) -> list[Line]:
    """The stand-in itself, which still has the big account."""
    call = sandbox_benchmark.signed_in(fleet.stage.base_url.removeprefix("http://"))
    found = []
    for label, ask in sandbox_benchmark.cases(call, many, max(20, many // 100)):
        if label.startswith(("device list, page", "health report")):
            _, goal, figure = sandbox_benchmark.measured(label, ask)
            met = float(figure.split()[0]) <= float(goal.split()[0])
            found.append(Line(f"stand-in, {label}", figure, goal, met))
    return found


def looked_up(fleet: Fleet) -> list[Line]:
    """How many pages of sites an import takes whose sites are all unknown."""
    control.reset(fleet.stage.state, sites=300, devices=300)
    file = fleet.stage.folder / "import.csv"
    lines = [f"S4{number:07d},ABCDEF,Nowhere {number}" for number in range(IMPORTED)]
    file.write_text("serial,code,site\n" + "\n".join(lines) + "\n", encoding="utf-8")
    fleet.sign_in()
    search = "POST /api/hpcgw/v1/site/search"
    before = control.statistics(fleet.stage.state)["requests"].get(search, 0)
    subprocess.run(
        [*HPCLI, "device", "add", "--from", str(file), "--yes"],
        env=fleet.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    pages = control.statistics(fleet.stage.state)["requests"].get(search, 0) - before
    call = sandbox_benchmark.signed_in(fleet.stage.base_url.removeprefix("http://"))
    whole = sandbox_benchmark.data_of(call("v1/site/search", page=1, pageSize=100))["totalPage"]
    what = f"import of {IMPORTED} rows, all sites unknown"
    return [Line(what, f"{pages} pages", f"{whole} pages", 0 < pages <= whole, "one listing")]


def table(lines: Sequence[Line]) -> str:
    """Return the table as Markdown, with the computer and the versions."""
    rows = [("", "figure", "goal", ""), *((one.what, one.figure, one.goal, one.more) for one in lines)]
    rows.insert(1, ("---", "---:", "---:", "---"))
    versions = ", ".join(f"{name} {version(name)}" for name in ("requests", "urllib3"))
    machine = (
        f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}, {versions}"
    )
    head = f"hpcli {__version__}, {time.strftime('%Y-%m-%d')}, {machine}, load {os.getloadavg()[0]:.1f}"
    return "\n".join([head, "", *("| " + " | ".join(row) + " |" for row in rows)])


def write_table(page: Path, text: str) -> None:
    """Put the table in the place of the one before, on a page that shows it."""
    head, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page.name} has lost the place of the table.")
    page.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", encoding="utf-8")


def main(arguments: Any) -> int:
    """Measure, print the table; 1 where a goal is missed."""
    sites, devices, many = arguments.sites, arguments.devices, arguments.many
    if arguments.short:
        sites, devices, many, arguments.runs = 100, 400, 5000, 1
    with tempfile.TemporaryDirectory() as name, Stage(Path(name)) as stage:
        stage.configure(rate=0)
        fleet = Fleet(stage, arguments.runs)
        lines = health(fleet, sites, devices) + under_rate(fleet, arguments.limited)
        lines += streamed(fleet, many) + stand_in(fleet, many) + looked_up(fleet)
    sys.stdout.write(table(lines) + "\n")
    if arguments.write:
        for page in PAGES:
            write_table(page, table(lines))
    missed = [one.what for one in lines if not one.met]
    sys.stdout.write("".join(f"missed: {what}\n" for what in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure work on a big account.")
    parser.add_argument("--sites", type=int, default=1000, help="sites of the health report")
    parser.add_argument("--devices", type=int, default=4000, help="their devices")
    parser.add_argument("--many", type=int, default=100_000, help="devices of the big account")
    parser.add_argument(
        "--limited", type=int, default=150, help="sites asked at five calls a second, about 30 s"
    )
    parser.add_argument("--runs", type=int, default=3, help="of each program")
    parser.add_argument(
        "--write", action="store_true", help="put the table into README.md and docs/benchmarks.md"
    )
    parser.add_argument("--short", action="store_true", help="a small account, once")
    sys.exit(main(parser.parse_args()))
