"""`--from FILE`: a plan row by row, the changes, and a second run that does only what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

HOTEL, BAKERY, PANEL, CAMERA = "Harbour View Hotel", "Bäckerei Grünwald", "Q10254783", "F55121300"
MARIA, LUKASZ = "maria.gruenwald@baeckerei.example", "lukasz@nordlicht.example"


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
    Case(
        ("customer", "permit"),
        "site,account,device,permissions,add,take\n"
        f"{BAKERY},{MARIA},{PANEL},,zone-alarm,arm\n"
        f"{BAKERY},{MARIA},Q10254801,live,,\n"
        f"{BAKERY},nobody@x.example,{PANEL},arm,,\n",
        "~!",
        9,
        "=!",
    ),
    Case(
        ("site", "assign"),
        f"site,installer,add,remove\n{HOTEL},,lukasz@nordlicht.example,\n"
        f'{BAKERY},"lukasz@nordlicht.example, juergen.mueller@nordlicht.example=2039-12-31",,\nNowhere,,{LUKASZ},\n',
        "~~!",
        9,
        "==!",
    ),
    Case(("arc", "set-account"), f"serial,account\nQ19323594,4711\n{CAMERA},47AB\n", "~~"),
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
    assert len(run("log", "list", "-o", "json").json) == sent


def test_permissions_are_given_and_taken_one_by_one(run: Run, platform: Platform) -> None:
    assert platform.base_url
    command = ("customer", "permit", BAKERY, MARIA, "--yes")
    before = run("customer", "show", BAKERY, MARIA, "-o", "json").json
    done = run(*command, "--take", f"{PANEL}:arm", "--add", "Q10254801:live:1")
    assert done.exit_code == 0, done.stderr
    assert f"{PANEL}: - arm" in done.stderr
    assert run(*command, "--add", f"{PANEL}:arm", "--only").exit_code == 2
    assert "already has exactly" in run(*command, "--take", f"{PANEL}:arm").stderr
    assert run("log", "undo", "1", "--yes").exit_code == 0
    assert run("customer", "show", BAKERY, MARIA, "-o", "json").json == before


def test_managers_are_added_and_removed_one_by_one(run: Run, platform: Platform) -> None:
    assert platform.base_url

    def managers() -> set[str]:
        return {row["installerEmail"] for row in run("site", "managers", HOTEL, "-o", "json").json}

    before = managers()
    added = run("site", "assign", HOTEL, "--add", LUKASZ, "--yes")
    assert added.exit_code == 0, added.stderr
    assert managers() == before | {LUKASZ}
    assert "already" in run("site", "assign", HOTEL, "--add", LUKASZ).stderr
    assert run("site", "assign", HOTEL, "--remove", LUKASZ, "--yes").exit_code == 0
    assert managers() == before
    assert run("site", "assign", HOTEL, "--add", LUKASZ, "--installer", LUKASZ, "--yes").exit_code == 2


def test_access_is_revoked_wherever_it_was_given(run: Run, platform: Platform) -> None:
    assert platform.base_url
    run("person", "add", "--employee-no", "4711", "--family-name", "Weber", "--given-name", "Jan")
    none = run("access", "revoke", "--everywhere", "--person", "4711", "--yes", "-o", "json")
    assert (none.exit_code, none.json) == (0, [])
    assert run("access", "grant", "C94115305", "--person", "4711", "--yes").exit_code == 0
    done = run("access", "revoke", "--everywhere", "--person", "4711", "--yes", "-o", "json")
    assert [row["target"] for row in done.json] == ["C94115305"]
    assert run("access", "revoke", "C94115305", "--everywhere", "--person", "4711", "--yes").exit_code == 2


def test_a_report_needs_a_file_of_rows_and_a_folder(run: Run, tmp_path: Path) -> None:
    assert run("site", "add", "--name", "X", "--time-zone", "133", "--report", "r.csv").exit_code == 2
    file = tmp_path / "rows.csv"
    file.write_text("serial,name\nQ10254783,A\n")
    refused = run("device", "update", "--from", str(file), "--report", str(tmp_path / "none/r.csv"))
    assert refused.exit_code == 11
    assert run("log", "list", "-o", "json").json == []


def test_on_a_terminal_the_plan_is_printed_and_the_requests_only_counted(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("name,street,time-zone\nHof Nord,Am Hof 5,133\nHof Ost,,133\n")
    terminal = hpcli.on_terminal(
        "site", "add", "--from", str(file), "--dry-run", environment=platform.environment
    )
    assert terminal.finish() == 0
    shown = terminal.shown.replace("\r\n", "\n")
    plan = "+ line 2: Hof Nord: time zone 133; street Am Hof 5\n+ line 3: Hof Ost: time zone 133\nPlan: 2 new (+).\n"
    assert plan in shown
    assert "2 requests planned, nothing sent" in shown
    assert "POST" not in shown
