"""`hpcli log resume`: the rest of a command, once, with the same inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.sandbox import verification_code
from tests.support.platform_server import Platform
from tests.support.runner import Run

HOTEL, NEW, WRONG = "Harbour View Hotel", "K77120045", "K77120046"
SERIALS = ("Q10254783", "Q19323594", "F55121300")


@pytest.fixture
def broken(run: Run, platform: Platform, tmp_path: Path) -> Path:
    """A command of three targets none of which was done; the file of its targets."""
    file = tmp_path / "serials"
    file.write_text("".join(f"{serial}\n" for serial in SERIALS))
    run("site", "list")  # signs in
    platform.configure(faults={"limit429": 1.0})
    result = run("arc", "disable", f"@{file}", "--yes", "--timeout", "0.2")
    assert "Not finished: 0 of 3 done, 0 unknown, 3 left" in result.stderr
    platform.configure(faults={})
    return file


@pytest.mark.usefixtures("broken")
def test_the_rest_is_done_once(run: Run, home: Path) -> None:
    asked = run("log", "resume")
    assert asked.exit_code == 2
    assert "0 done, 0 unknown, 3 left" in asked.stderr
    done = run("log", "resume", "--yes", "-o", "json")
    assert [row["target"] for row in done.json] == list(SERIALS)
    assert list((home / ".local/state/hpcli/rest").iterdir()) == []
    assert run("log", "resume", "--yes").exit_code == 4


@pytest.mark.usefixtures("broken")
def test_the_file_keeps_what_is_unknown(run: Run, home: Path) -> None:
    (rest,) = (home / ".local/state/hpcli/rest").iterdir()
    rest.write_text(f"{SERIALS[1]}\n# unknown: {SERIALS[2]}\n")
    assert run("arc", "disable", SERIALS[1], "--yes").exit_code == 0
    assert rest.exists(), "another command"
    assert run("log", "resume", "--yes").exit_code == 0
    assert rest.read_text() == f"# unknown: {SERIALS[2]}\n"


def test_the_file_of_the_rest_goes_when_the_same_command_does_it(run: Run, home: Path, broken: Path) -> None:
    assert run("arc", "disable", f"@{broken}", "--yes").exit_code == 0
    assert list((home / ".local/state/hpcli/rest").iterdir()) == []


def test_only_what_is_left_is_done_and_unknown_ones_only_when_asked(
    run: Run, home: Path, broken: Path
) -> None:
    assert broken.exists()
    (rest,) = (home / ".local/state/hpcli/rest").iterdir()
    rest.write_text(f"{SERIALS[1]}\n# unknown: {SERIALS[2]}\n")
    done = run("log", "resume", "--yes", "-o", "ids", "--dry-run")
    assert SERIALS[1] in done.stdout
    assert SERIALS[2] not in done.stdout
    done = run("log", "resume", "--yes", "--again", "--dry-run")
    assert SERIALS[2] in done.stdout
    assert SERIALS[0] not in done.stdout


def test_targets_from_stdin_are_not_asked_for_again(run: Run, platform: Platform) -> None:
    run("site", "list")  # signs in
    platform.configure(faults={"limit429": 1.0})
    run("arc", "disable", "-", "--yes", "--timeout", "0.2", stdin="\n".join(SERIALS))
    platform.configure(faults={})
    done = run("log", "resume", "--yes", "-o", "json", stdin="")
    assert [row["target"] for row in done.json] == list(SERIALS)


def test_a_file_that_has_changed_is_refused(run: Run, broken: Path) -> None:
    broken.write_text("Q10254783\n")
    result = run("log", "resume", "--yes")
    assert result.exit_code == 2
    assert "has changed since" in result.stderr


@pytest.mark.usefixtures("broken")
def test_it_belongs_to_its_account(run: Run, hpcli: Run) -> None:
    assert hpcli("--profile", "sandbox", "log", "resume", "--yes").exit_code == 4
    number = run("log", "list", "-o", "json").json[0]["id"]
    assert run("log", "resume", str(number), "--yes").exit_code == 0
    assert "resumed already" in run("log", "resume", str(number), "--yes").stderr


@pytest.fixture
def imported(run: Run, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two devices, given by its bare name; the code of one of them is wrong."""
    assert platform.base_url
    folder = tmp_path / "sheets"
    folder.mkdir()
    file = folder / "devices.csv"
    file.write_text(f"serial,code,site\n{NEW},{verification_code(NEW)},{HOTEL}\n{WRONG},WRONGX,{HOTEL}\n")
    monkeypatch.chdir(folder)
    result = run("device", "add", "--from", file.name)
    assert result.exit_code == 9
    assert "Not finished: 1 of 2 done, 0 unknown, 1 left" in result.stderr
    assert "hint: Correct the file and type the command again: it does only what is missing." in result.stderr
    assert result.stderr.count("EVZ20010") == 1
    monkeypatch.chdir(tmp_path)
    return file


def test_a_wrong_code_is_left_and_files_are_found_from_another_folder(run: Run, imported: Path) -> None:
    here = Path.cwd()
    assert here != imported.parent
    again = run("log", "resume", "--yes", "-o", "json")
    assert [(row["target"], row["error"]["code"]) for row in again.json] == [(WRONG, "EVZ20010")]
    assert Path.cwd() == here
    left = run("log", "resume", "--yes", "-o", "json")  # what is left is left in that folder too
    assert (left.exit_code, left.json[0]["target"]) == (2, WRONG)
    imported.unlink()
    result = run("log", "resume", "--yes")
    assert result.exit_code == 2
    assert f"{imported}, which the command read, cannot be read" in result.stderr


def test_the_same_import_settles_what_it_left_before(
    run: Run, imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported.write_text(imported.read_text().replace("WRONGX", verification_code(WRONG)))
    changed = run("log", "resume", "--yes")
    assert "it does only what is missing" in changed.stderr
    monkeypatch.chdir(imported.parent)
    assert run("device", "add", "--from", imported.name).exit_code == 0
    assert run("log", "resume", "--yes").exit_code == 4


def test_a_run_on_the_file_of_the_rest_settles_it_and_another_command_line_does_not(
    run: Run, home: Path, broken: Path
) -> None:
    assert broken.exists()
    (rest,) = (home / ".local/state/hpcli/rest").iterdir()
    run("arc", "disable", *SERIALS[:2], "--yes")
    assert "3 left" in run("log", "resume").stderr
    run("arc", "disable", *SERIALS[:2], f"@{rest}", "--yes")
    assert run("log", "resume", "--yes").exit_code == 4
