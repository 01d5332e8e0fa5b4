"""`--from FILE`: a plan row by row, the changes, and a second run that does only what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.platform_server import Platform
from tests.support.runner import Run

HOTEL, PANEL, CAMERA = "Harbour View Hotel", "Q10254783", "F55121300"


class Case(NamedTuple):
    """A command, its file, the signs of its plan, the first run's exit code, and the signs of a plan after it."""

    command: tuple[str, ...]
    file: str
    signs: str
    exit_code: int = 0
    again: str = ""


CASES = [
    Case(
        ("site", "add", "--time-zone", "Europe/Berlin"),
        f"name;city;time-zone\n{HOTEL};Leeds;\nHof Süd;Ulm;133\nHof Nord;;\n",
        "=++",
    ),
    Case(
        ("site", "update"),
        f"site,name,city\n{HOTEL},,Leeds\nNowhere,,X\nBäckerei Grünwald,Bäckerei G,\n",
        "~!~",
        9,
        "=!=",
    ),
    Case(("device", "update"), f"serial,name\n{PANEL},Shop panel\nX9,A\n{CAMERA},\n", "~!=", 9, "=!="),
    Case(
        ("person", "add"),
        "employee-no,family-name,given-name\n4711,Weber,Jan\n4712,Berg,Eva\n",
        "++",
    ),
]


def signs(stderr: str) -> str:
    return "".join(line[0] for line in stderr.splitlines() if line[1:7] == " line ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case.command[:2]))
def test_the_plan_the_changes_and_what_a_second_run_finds(
    run: Run, platform: Platform, tmp_path: Path, case: Case
) -> None:
    assert platform.base_url
    file, report = tmp_path / "rows.csv", tmp_path / "report.csv"
    file.write_text(case.file)
    command = (*case.command, "--from", str(file))
    planned = run(*command, "--dry-run", "-o", "json")
    plain = run(*command, "--dry-run")
    assert signs(plain.stderr) == case.signs, plain.stderr
    assert len(planned.json) == len(case.signs.replace("=", "").replace("!", ""))
    assert run("log", "list", "-o", "json").json == []
    done = run(*command, "--yes", "--report", str(report), "-o", "json")
    assert done.exit_code == case.exit_code, done.stderr
    assert [row["ok"] for row in done.json] == [sign != "!" for sign in case.signs]
    outcomes = [line.split(",")[2] for line in report.read_text().splitlines()[1:]]
    assert [outcome == "failed" for outcome in outcomes] == [sign == "!" for sign in case.signs]
    again = run(*command, "--dry-run")
    assert signs(again.stderr) == (case.again or "=" * len(case.signs)), again.stderr
    sent = len(run("log", "list", "-o", "json").json)
    run(*command, "--yes")
    assert len(run("log", "list", "-o", "json").json) - sent == (2 if case.command[0] == "person" else 0)


def test_a_report_needs_a_file_of_rows_and_a_folder(run: Run, tmp_path: Path) -> None:
    assert run("site", "add", "--name", "X", "--time-zone", "133", "--report", "r.csv").exit_code == 2
    file = tmp_path / "rows.csv"
    file.write_text("serial,name\nQ10254783,A\n")
    refused = run("device", "update", "--from", str(file), "--report", str(tmp_path / "none/r.csv"))
    assert refused.exit_code == 11
    assert run("log", "list", "-o", "json").json == []
