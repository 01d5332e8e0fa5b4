"""The cases of a walk, one after the other or in several processes."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tests.faults.bodies import BODIES
from tests.faults.operations import facts_of, operation_names
from tests.faults.rules import Judged, broken_rules
from tests.faults.stage import FORMS, TIMEOUT, Outcome, Stage
from tests.faults.statuses import STATUSES
from tests.faults.wires import WIRES
from tests.faults.wrong import Wrong

FAULTS: dict[str, Wrong] = {**WIRES, **STATUSES}
WRONGS: dict[str, Wrong] = {**BODIES, **FAULTS}


@dataclass(frozen=True)
class Case:
    """One command with one thing wrong."""

    operation: str
    wrong: str
    form: str

    @property
    def repeat(self) -> str:
        """The command line that runs it alone."""
        return f"python -m tests.faults --only {self.operation} --fault {self.wrong} --form {self.form}"


@dataclass(frozen=True)
class Verdict:
    """What became of a case: the broken rules by name, with why."""

    case: Case
    broken: dict[str, str]
    exit_code: int
    seconds: float
    stderr: str


def all_cases(seed: int = 0) -> list[Case]:
    """Return every command with every wrong body, and with every fault, in an order that the seed mixes.

    Bodies are reported in JSON and as text; each fault in one form, which the seed picks.
    """
    dice = random.Random(seed)
    cases = []
    for name in operation_names():
        for wrong, entry in WRONGS.items():
            if entry.for_devices and not facts_of(name).is_device:
                continue
            text = dice.choice([form for form in FORMS if form != "json"])
            forms = ["json", text] if wrong in BODIES else [dice.choice(["json", text])]
            cases += [Case(name, wrong, form) for form in forms]
    dice.shuffle(cases)
    return cases


class Walker:
    """Runs cases on a stage of its own."""

    def __init__(self, folder: Path, timeout: float = TIMEOUT, *, is_timed: bool = False) -> None:
        self.stage = Stage(folder, timeout)
        self._timeout = timeout
        self._is_timed = is_timed
        self._plain: dict[tuple[str, str], Outcome] = {}

    def run(self, case: Case) -> Verdict:
        """Run one case and judge it."""
        facts, wrong = facts_of(case.operation), WRONGS[case.wrong]
        plain = self._plain.get((case.operation, case.form))
        if plain is None:
            plain = self._plain[case.operation, case.form] = self.stage.run(case.operation, case.form)
            is_sent = case.operation == "tokenGet" or plain.sent(case.operation)  # a token is kept
            assert is_sent, f"{case.operation} is not sent, so nothing of it would be spoilt"
        outcome = self.stage.run(case.operation, case.form, wrong)
        judged = Judged(facts, case.form, wrong, outcome, plain, self._is_timed, self._timeout)
        return Verdict(case, broken_rules(judged), outcome.exit_code, outcome.seconds, outcome.stderr)


def walk(cases: Sequence[Case], processes: int = 1, timeout: float = TIMEOUT) -> Iterator[Verdict]:
    """Run cases, each with so many seconds for a call; yield their verdicts as they come."""
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="hpcli-faults-", ignore_cleanup_errors=True) as folder,
        context.Pool(processes, initializer=isolate, initargs=(folder,), maxtasksperchild=2000) as pool,
    ):
        yield from pool.imap_unordered(partial(run_case, timeout), cases, chunksize=8)


def run_case(timeout: float, case: Case) -> Verdict:
    """Run a case on the stage of this process."""
    return _walker(timeout).run(case)


@cache
def _walker(timeout: float) -> Walker:
    return Walker(Path(tempfile.mkdtemp(prefix="walk-", dir=os.environ["HOME"])), timeout, is_timed=True)


def isolate(folder: str) -> None:
    """Give this process a home of its own in a folder, without what the person who runs it has set."""
    home = Path(tempfile.mkdtemp(dir=folder))
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept, HOME=str(home), TZ="UTC", COLUMNS="80", NO_COLOR="1",
        PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
    )  # fmt: skip
    time.tzset()
    if sys.stdin is not None:
        sys.stdin.close()
