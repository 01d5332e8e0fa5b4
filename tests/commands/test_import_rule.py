"""The one rule of all imports (`--from`) for rows that are wrong, and for those that the account does not allow."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from hpcli.sandbox import NEW_DEVICE, control, verification_code
from tests.support.platform_server import Platform
from tests.support.runner import Run

BAKERY, HOTEL, PANEL, MARIA = (
    "Bäckerei Grünwald",
    "Harbour View Hotel",
    "Q10254783",
    "maria.gruenwald@baeckerei.example",
)
EMPLOYEE = "lukasz@nordlicht.example"
CAMERA, RECORDER = NEW_DEVICE, "E77410009"
ADD = "POST /api/hpcgw/v2/device/add"


def code(serial: str) -> str:
    return verification_code(serial)


def added(platform: Platform) -> int:
    return int(control.statistics(platform.state)["requests"].get(ADD, 0))


class Wrong(NamedTuple):
    """An import, its file with a right line 2 and a wrong line 3, and all that is wrong with that."""

    command: tuple[str, ...]
    file: str
    said: tuple[str, ...]


WRONG = [
    Wrong(
        ("site", "add"),
        "Name;Zeitzone;sync-time;Ort\nHof;Europe/Berlin;WAHR;Ulm\n;Europe/Zürich;vielleicht;#NV\n",
        (
            "name is empty",
            "Did you mean 'Europe/Zurich'",
            "not yes or no",
            "#NV is an error of the spreadsheet",
        ),
    ),
    Wrong(
        ("site", "update"),
        f"site;name;city\n{HOTEL};;Leeds\n{BAKERY};{'x' * 129};4,9E+11\n",
        ("The name has 129 characters", "column 3 (city): a number that the spreadsheet has shortened"),
    ),
    Wrong(
        ("device", "update"),
        f"serial;name;info\n{PANEL};Shop;\nF_1;#NAME?;{'i' * 257}\n",
        ("'F_1' is not a device serial", "#NAME? is an error", "The info has 257 characters"),
    ),
    Wrong(
        ("device", "add"),
        f"Seriennummer;Prüfcode;Standort\n{CAMERA};{code(CAMERA)};{BAKERY}\nA_1;#NV;\n",
        ("'A_1' is not a device serial", "#NV is an error", "site is empty"),
    ),
    Wrong(
        ("person", "add"),
        "Personalnummer;Nachname;Vorname;Typ;Telefon;Karte\n1;A;B;;0171;\n2;C;D;boss;4,91711E+11;12x\n",
        ("'boss' is not one of", "column 5 (Telefon): a number", "The card number '12x'"),
    ),
    Wrong(
        ("customer", "permit"),
        f"site,account,device,permissions,take\n{BAKERY},{MARIA},{PANEL},,arm\n{BAKERY},,{PANEL},arm,bypass\n",
        ("account is empty", "Fill in permissions, or add and take"),
    ),
    Wrong(
        ("site", "assign"),
        f"site,installer,add\n{HOTEL},,lukasz@nordlicht.example\n{BAKERY},nobody@x.example,nobody@x.example\n",
        ("nobody@x.example", "Fill in installer, or add and remove"),
    ),
    Wrong(
        ("arc", "set-account"),
        "serial,account\nQ19323594,4711\nA_1,#N/A\n",
        ("'A_1' is not a device serial", "#N/A is an error"),
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: " ".join(case.command))
def test_a_wrong_line_is_in_the_plan_with_all_its_errors_and_stops_the_import(
    run: Run, platform: Platform, tmp_path: Path, case: Wrong
) -> None:
    assert platform.base_url
    file, report = tmp_path / "rows.csv", tmp_path / "report.csv"
    file.write_text(case.file)
    plan = run(*case.command, "--from", str(file), "--dry-run")
    right, wrong, count, error = [line for line in plan.stderr.splitlines() if not line.startswith("hint")]
    assert (right[0], right[1:9]) in [("+", " line 2:"), ("~", " line 2:")], plan.stderr
    assert wrong.startswith("! line 3: ")
    assert all(said in wrong for said in case.said), wrong
    assert (plan.exit_code, error) == (2, "error: 1 line of the file is wrong.")
    assert "1 not possible (!)" in count
    done = run(*case.command, "--from", str(file), "--yes", "--report", str(report))
    assert (done.exit_code, done.stderr.startswith("error: Line 3: ")) == (2, True), done.stderr
    assert run("log", "list", "-o", "json").json == []
    outcomes = [(line.split(",")[0], line.split(",")[2]) for line in report.read_text().splitlines()[1:]]
    assert outcomes == [("2", "left"), ("3", "failed")]


def test_a_line_with_an_unknown_site_fails_alone(run: Run, platform: Platform) -> None:
    rows = [f"{CAMERA},{code(CAMERA)},{BAKERY}", f"{RECORDER},A,Nowhere", "A1,A,Nirgends", "A2,A,Nowhere"]
    text = "\n".join(["serial,code,site", *rows, ""])
    plan = run("device", "add", "--from", "-", "--dry-run", stdin=text)
    assert [line.partition(".")[0] for line in plan.stderr.splitlines()[:4]] == [
        f"+ line 2: {CAMERA}: to the site '{BAKERY}'",
        f"! line 3: {RECORDER}: There is no site 'Nowhere'",
        "! line 4: A1: There is no site 'Nirgends'",
        "! line 5: A2: There is no site 'Nowhere'",
    ]
    assert (plan.exit_code, "error: 3 of 4 rows cannot be done." in plan.stderr) == (9, True)
    done = run("device", "add", "--from", "-", stdin=text)
    assert (done.exit_code, added(platform)) == (9, 1)
    assert "! line 5: A2: There is no site 'Nowhere'. --add-sites --time-zone TZ adds" in done.stderr
    assert "Done: 1 added (+), 3 failed (!)." in done.stderr


def test_two_imports_say_the_same_in_the_same_words_and_count(run: Run, platform: Platform) -> None:
    assert platform.base_url
    sites = "name,time-zone,city\nHof,133,Ulm\n"
    persons = "employee-no,family-name,given-name\n9,A,B\n"
    devices = f"serial,code,site\n{CAMERA},{code(CAMERA).lower()},{BAKERY}\n"
    for family, text in (("site", sites), ("person", persons), ("device", devices)):
        first, again = (run(family, "add", "--from", "-", stdin=text) for _ in range(2))
        assert first.exit_code == 0, first.stderr
        assert first.stderr.startswith("+ line 2: ")
        assert " was added" in first.stderr
        assert "Done: 1 added (+)." in first.stderr
        assert again.stderr.startswith("= line 2: ")
        assert " is already there" in again.stderr
        assert "Done: 1 unchanged (=)." in again.stderr
        assert again.stdout == first.stdout
        assert len(run("log", "list", "--command", f"{family} add", "-o", "json").json) == 1


def test_the_hint_that_the_file_of_the_sites_changes_them_is_true(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text(f"sep=;\nAlle Standorte;;\nname;time-zone;city\n{HOTEL};Europe/London;Leeds\n")
    there = run("site", "add", "--from", str(file))
    assert f"= line 3: {HOTEL} is already there (differs: city" in there.stderr
    assert "`hpcli site update --from FILE` with the same file changes it" in there.stderr
    assert "Line 2 has the headings; the line above it was skipped." in there.stderr
    done = run("site", "update", "--from", str(file))
    assert (done.exit_code, "Done: 1 changed (~)." in done.stderr) == (0, True), done.stderr
    assert "differs" not in run("site", "add", "--from", str(file)).stderr


def test_a_typed_device_that_is_there_is_not_sent_again_and_a_wrong_code_is_refused(
    run: Run, platform: Platform
) -> None:
    command = ("device", "add", CAMERA, "--site", BAKERY, "--codes", "-")
    refused = run(*command, stdin=f"{CAMERA}:WRONGX\n")
    assert (refused.exit_code, refused.stderr.count("EVZ20010")) == (2, 1), refused.stderr
    assert "six capital letters" in refused.stderr
    for _ in range(2):
        assert run(*command, stdin=f"{CAMERA}:{code(CAMERA).lower()}\n").exit_code == 0
    assert added(platform) == 2
    text = f"serial,code,site\n{RECORDER},WRONGX,{BAKERY}\nK77120046,WRONGX,{BAKERY}\n"
    several = run("device", "add", "--from", "-", stdin=text)
    assert several.exit_code == 2
    assert several.stderr.count("six capital letters") == 3


def test_a_site_that_two_lines_name_differently_is_a_wrong_line(run: Run, platform: Platform) -> None:
    assert platform.base_url
    (site,) = run("site", "list", "--where", f"name = {HOTEL}", "-o", "ids").lines
    for command, text in (
        (("site", "update"), f"site,city\n{HOTEL},Leeds\n{site},York\n"),
        (("site", "assign"), f"site,remove\n{HOTEL},{EMPLOYEE}\n{site},{EMPLOYEE}\n"),
    ):
        done = run(*command, "--from", "-", "--yes", stdin=text)
        assert (done.exit_code, f"Line 3: {site} is already in line 2, as {HOTEL}." in done.stderr) == (
            2,
            True,
        )
        assert "! line 3: " in run(*command, "--from", "-", "--dry-run", stdin=text).stderr
    assert run("log", "list", "-o", "json").json == []


@pytest.mark.parametrize(
    ("first", "second", "is_wrong"),
    [
        ("arm,,", "disarm,,", True), ("arm,,", "arm,,", False), ("arm:1,,", "disarm:2,,", False),
        ("arm,,", ",disarm,", True), (",arm,", ",,arm", True), (",arm,", ",disarm,", False),
    ],
)  # fmt: skip
def test_lines_that_contradict_each_other_about_a_permission_are_wrong(
    run: Run, first: str, second: str, *, is_wrong: bool
) -> None:
    lines = [f"{BAKERY},{MARIA},{serial},{one}" for serial, one in ((PANEL, first), (PANEL.lower(), second))]
    text = "\n".join(["site,account,device,permissions,add,take", *lines])
    done = run("customer", "permit", "--from", "-", "--dry-run", stdin=text)
    said = f"! line 3: {BAKERY}: Line 2 says otherwise what {MARIA} may do with {PANEL}." in done.stderr
    assert (said, done.exit_code == 2) == (is_wrong, is_wrong), done.stderr


def test_a_serial_in_small_letters_is_that_of_the_label(run: Run, platform: Platform) -> None:
    text = f"serial,code,site\n{CAMERA.lower()},{code(CAMERA)},{BAKERY}\n"
    assert f"+ line 2: {CAMERA}: " in run("device", "add", "--from", "-", "--dry-run", stdin=text).stderr
    assert run("device", "add", "--from", "-", stdin=text).exit_code == 0
    codes = f"{RECORDER.lower()}:{code(RECORDER)}\n"
    typed = run("device", "add", RECORDER.lower(), "--site", BAKERY, "--codes", "-", stdin=codes)
    assert (typed.exit_code, added(platform)) == (0, 2), typed.stderr
    renamed = run("device", "update", "--from", "-", stdin=f"serial,name\n{CAMERA.lower()},Hof\n")
    assert f"~ line 2: {CAMERA}: " in renamed.stderr
