"""How long hpcli takes to start, as ratios of things that a Python program cannot do without.

    python tests/benchmarks/startup.py [--runs 21] [--keep DIR]

Makes one virtual environment with this hpcli and HTTPie (needs a package index), serves the bundled stand-in
from it, and runs all commands in turns, so that a busy computer is busy for all of them. Each time is the median
of the runs. The exit code is 1 where a ratio is above its goal.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEAST_RUNS = 15
PAGE = '{"page": 1, "pageSize": 100}'
SEARCH_PATH = "/api/hpcgw/v1/site/search"

TWO_COMMANDS = """\
import typer

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def first(name: str) -> None:
    "Say a name."


@app.command()
def second(name: str) -> None:
    "Say a name again."


app()
"""
MINIMAL_SCRIPT = f"""\
import json
import os

import requests
import typer


def main(page_size: int = 100) -> None:
    answer = requests.post(
        os.environ["BASE_URL"] + "{SEARCH_PATH}",
        json={{"page": 1, "pageSize": page_size}},
        headers={{"Authorization": "Bearer " + os.environ["TOKEN"]}},
        timeout=60,
    )
    answer.raise_for_status()
    print(json.dumps(answer.json()["data"]["rows"], indent=2))


typer.run(main)
"""


@dataclass(frozen=True)
class Contest:
    """One line of the table: a command of hpcli, what it is compared with, the goal."""

    name: str
    ours: str
    against: str
    goal: float


CONTESTS = (
    Contest("hpcli --version", "version", "import typer", 1.15),
    Contest("hpcli --help", "help", "help of two commands", 1.4),
    Contest("site list -o json", "list", "http POST", 0.6),
    Contest("site list -o json", "list", "typer + requests", 1.3),
    Contest("completing a verb", "complete", "import typer", 1.3),
)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Compare the start-up of hpcli.")
    parser.add_argument("--runs", type=int, default=21, help=f"of each command, at least {LEAST_RUNS}")
    parser.add_argument("--keep", type=Path, help="folder of the environment, used again if it is there")
    chosen = parser.parse_args()
    runs = max(chosen.runs, LEAST_RUNS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = install(chosen.keep or folder / "env")
        with serve(programs, folder) as environment:
            commands = commands_to_time(programs, folder, environment)
            times = measure(commands, environment, runs)
    return show(times, runs)


def install(folder: Path) -> Path:
    """Make the environment with hpcli as users get it (a wheel, compiled) and HTTPie; return its programs."""
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if not programs.is_dir():
        venv.create(folder, with_pip=True)
    pip = [str(programs / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "httpie"], check=True)
    subprocess.run([*pip, str(ROOT)], check=True)
    subprocess.run([*pip, "--force-reinstall", "--no-deps", str(ROOT)], check=True)
    return programs


@contextmanager
def serve(programs: Path, folder: Path) -> Iterator[dict[str, str]]:
    """Serve the stand-in; yield the environment of all commands, with a token in the cache."""
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("HPCLI_")},
        **{f"HPCLI_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "CACHE", "STATE")},
        "HTTPIE_CONFIG_DIR": str(folder / "httpie"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
    }
    (folder / "httpie").mkdir()
    # Else each run without a way to the internet starts a process that looks for a newer HTTPie.
    (folder / "httpie" / "config.json").write_text('{"disable_update_warnings": true}')
    server = subprocess.Popen(
        [programs / "hpcli", "sandbox", "serve", "--port", "0", "--rate", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    assert server.stdout is not None
    try:
        for _ in range(3):
            name, _, value = server.stdout.readline().strip().removeprefix("export ").partition("=")
            environment[name] = value
        token = subprocess.run(
            [programs / "hpcli", "auth", "token"], env=environment, capture_output=True, text=True, check=True
        )
        yield {**environment, "TOKEN": token.stdout.strip(), "BASE_URL": environment["HPCLI_BASE_URL"]}
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def commands_to_time(
    programs: Path, folder: Path, environment: Mapping[str, str]
) -> dict[str, tuple[Sequence[str], Mapping[str, str]]]:
    """Return every command by name, with the variables it needs beside the others."""
    (folder / "two.py").write_text(TWO_COMMANDS)
    (folder / "minimal.py").write_text(MINIMAL_SCRIPT)
    python, hpcli = str(programs / "python"), str(programs / "hpcli")
    request = (
        *("--ignore-stdin", "--body", "--raw", PAGE, "POST", environment["BASE_URL"] + SEARCH_PATH),
        f"Authorization:Bearer {environment['TOKEN']}",
    )
    return {
        "import typer": ((python, "-c", "import typer"), {}),
        "version": ((hpcli, "--version"), {}),
        "help of two commands": ((python, str(folder / "two.py"), "--help"), {}),
        "help": ((hpcli, "--help"), {}),
        "complete": ((hpcli, "site", "l"), {"_HPCLI_COMPLETE": "fish"}),
        "http POST": ((str(programs / "http"), *request), {}),
        "typer + requests": ((python, str(folder / "minimal.py")), {}),
        "list": ((hpcli, "site", "list", "-o", "json"), {}),
    }


def measure(
    commands: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], environment: Mapping[str, str], runs: int
) -> dict[str, float]:
    """Return the median seconds of each command; the first round warms the disk and does not count."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, (words, more) in commands.items():
            started = time.perf_counter()
            done = subprocess.run(words, env={**environment, **more}, capture_output=True, check=False)
            times[name].append(time.perf_counter() - started)
            if done.returncode != 0 or not (done.stdout or name == "import typer"):
                raise SystemExit(f"{name} failed: {done.stderr.decode()}")
            check_answer(name, done.stdout)
    return {name: statistics.median(seconds[1:]) for name, seconds in times.items()}


def check_answer(name: str, stdout: bytes) -> None:
    """Fail where a command did not do its work."""
    expected = {"complete": b"list", "http POST": b"siteName", "typer + requests": b"siteName"}
    if name == "list":
        json.loads(stdout)[0]["siteName"]
    elif expected.get(name, b"") not in stdout:
        raise SystemExit(f"{name} printed something else: {stdout[:200]!r}")


def show(times: Mapping[str, float], runs: int) -> int:
    """Print the table; return 1 where a goal is missed."""
    write = sys.stdout.write
    write(f"Medians of {runs} runs, Python {sys.version.split()[0]}, {os.cpu_count()} processors\n\n")
    write(f"{'command':20} {'ms':>6}  {'against':22} {'ms':>6}  {'ratio':>5}  {'goal':>6}\n")
    missed = False
    for contest in CONTESTS:
        ours, other = times[contest.ours] * 1000, times[contest.against] * 1000
        ratio = ours / other
        missed |= ratio > contest.goal
        write(
            f"{contest.name:20} {ours:6.0f}  {contest.against:22} {other:6.0f}  {ratio:5.2f}  <= {contest.goal:.2f}"
            f"{'' if ratio <= contest.goal else '  MISSED'}\n"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
