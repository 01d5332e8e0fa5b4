"""Every command with every wrong body and every fault; counts, broken rules, and a command line to repeat each."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from tests.faults.bodies import BODIES
from tests.faults.operations import operation_names
from tests.faults.rules import RULES
from tests.faults.stage import FORMS
from tests.faults.walk import FAULTS, WRONGS, Case, Verdict, all_cases, walk

_SHOWN = 50
_PROGRESS_SECONDS = 60.0


def main() -> int:
    """Walk, print the counts, return 1 where a rule was broken."""
    asked = _parser().parse_args()
    cases = [case for case in all_cases(asked.seed) if _is_asked(case, asked)]
    cases = cases[: max(1, round(len(cases) * asked.share))] if cases else []
    started = time.monotonic()
    verdicts = list(_with_progress(walk(cases, asked.processes), len(cases), asked.broken))
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", action="append", choices=operation_names(), metavar="OPERATION")
    parser.add_argument("--fault", action="append", choices=[*WRONGS, "bodies", "faults"], metavar="NAME")
    parser.add_argument("--form", action="append", choices=[*FORMS])
    parser.add_argument("--seed", type=int, default=0, help="mixes the order and the forms")
    parser.add_argument("--share", type=float, default=1.0, help="part of the cases to run, such as 0.05")
    parser.add_argument("--quick", action="store_true", help="leave out what lasts as long as --timeout")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--broken", type=Path, metavar="FILE", help="write all broken cases there")
    parser.add_argument("--show", action="store_true", help="print exit code and stderr of each run")
    return parser


def _is_asked(case: Case, asked: argparse.Namespace) -> bool:
    kind = "bodies" if case.wrong in BODIES else "faults"
    return (
        (not asked.only or case.operation in asked.only)
        and (not asked.fault or case.wrong in asked.fault or kind in asked.fault)
        and (not asked.form or case.form in asked.form)
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
    _say(f"{seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
