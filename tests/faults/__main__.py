"""Every command with every wrong body and every fault; counts, broken rules, and a command line to repeat each."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from tests.faults.bodies import BODIES
from tests.faults.operations import operation_names
from tests.faults.rules import RULES
from tests.faults.stage import FORMS, TIMEOUT
from tests.faults.walk import FAULTS, WRONGS, Case, Verdict, all_cases, walk

_SHOWN = 50
_PROGRESS_SECONDS = 60.0


def main() -> int:
    """Walk, print the counts, return 1 where a rule was broken."""
    asked = parser().parse_args()
    cases = asked_cases(asked)
    started = time.monotonic()
    verdicts = list(_with_progress(walk(cases, asked.processes, asked.timeout), len(cases), asked.broken))
    if asked.show:
        for verdict in verdicts:
            _say(
                f"{verdict.case.repeat}\n  exit {verdict.exit_code}, {verdict.seconds:.1f} s\n{verdict.stderr}"
            )
    _print_counts(verdicts, time.monotonic() - started)
    return 1 if any(verdict.broken for verdict in verdicts) else 0


def _say(text: str, stream: TextIO = sys.stdout) -> None:
    stream.write(text + "\n")
    stream.flush()


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    words = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    words.add_argument("--only", action="append", choices=operation_names(), metavar="OPERATION")
    words.add_argument("--fault", action="append", choices=[*WRONGS, "bodies", "faults"], metavar="NAME")
    words.add_argument("--form", action="append", choices=[*FORMS], help="instead of those the seed picks")
    words.add_argument("--seed", type=int, default=0, help="mixes the order and the forms")
    words.add_argument("--share", type=float, default=1.0, help="part of the cases to run, such as 0.05")
    words.add_argument("--quick", action="store_true", help="leave out what lasts as long as --timeout")
    words.add_argument("--processes", type=int, default=1)
    words.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds that a run gives each call")
    words.add_argument("--broken", type=Path, metavar="FILE", help="write all broken cases there")
    words.add_argument("--show", action="store_true", help="print exit code and stderr of each run")
    return words


def asked_cases(asked: argparse.Namespace) -> list[Case]:
    """Return the share of the cases that was asked for, in the forms that were named or that the seed picks."""
    cases = [case for case in all_cases(asked.seed) if _is_asked(case, asked)]
    if asked.form:
        pairs = dict.fromkeys((case.operation, case.wrong) for case in cases)
        cases = [Case(*pair, form) for pair in pairs for form in asked.form]
    return cases[: math.ceil(len(cases) * asked.share)]


def _is_asked(case: Case, asked: argparse.Namespace) -> bool:
    kind = "bodies" if case.wrong in BODIES else "faults"
    return (
        (not asked.only or case.operation in asked.only)
        and (not asked.fault or case.wrong in asked.fault or kind in asked.fault)
        and not (asked.quick and WRONGS[case.wrong].is_slow)
    )


def _with_progress(verdicts: Iterable[Verdict], total: int, file: Path | None) -> Iterator[Verdict]:
    shown_at = time.monotonic()
    broken = 0
    if file is not None:
        file.write_text("")
    for number, verdict in enumerate(verdicts, 1):
        broken += bool(verdict.broken)
        if verdict.broken and file is not None:
            _add_broken(file, verdict)
        if time.monotonic() - shown_at > _PROGRESS_SECONDS:
            shown_at = time.monotonic()
            _say(f"{number} of {total} runs, {broken} with broken rules", sys.stderr)
        yield verdict


def _add_broken(file: Path, verdict: Verdict) -> None:
    said = verdict.stderr.strip().splitlines()[-1:]
    with file.open("a", encoding="utf-8") as lines:
        for rule, why in verdict.broken.items():
            lines.write(f"{rule}\t{verdict.case.repeat}\t{why!r}\t{verdict.exit_code}\t{said}\n")


def _print_counts(verdicts: list[Verdict], seconds: float) -> None:
    rules = Counter(rule for verdict in verdicts for rule in verdict.broken)
    runs = Counter("bodies" if verdict.case.wrong in BODIES else "faults" for verdict in verdicts)
    counts = {
        "commands": len({verdict.case.operation for verdict in verdicts}),
        "wrong bodies": len(BODIES),
        "faults": len(FAULTS),
        "runs with a wrong body": runs["bodies"],
        "runs with a fault": runs["faults"],
        "runs": len(verdicts),
        "runs with a broken rule": sum(bool(verdict.broken) for verdict in verdicts),
        **{f"  {rule.__name__}": rules[rule.__name__] for rule in RULES},
    }
    for verdict in [verdict for verdict in verdicts if verdict.broken][:_SHOWN]:
        _say(verdict.case.repeat)
        for rule, why in verdict.broken.items():
            _say(f"    {rule}: {why}")
    for name, count in counts.items():
        _say(f"{name:32}{count:>8}")
    _say(f"{seconds:.0f} s, {len(verdicts) / seconds:.1f} runs a second")


if __name__ == "__main__":
    sys.exit(main())
