"""`hpcli log resume`: the rest of a command, once, with the same inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.platform_server import Platform
from tests.support.runner import Run

SERIALS = ("Q10254783", "Q19323594", "F55121300")


@pytest.fixture
def broken(run: Run, platform: Platform, tmp_path: Path) -> Path:
    """A command of three targets none of which was done; the file of its targets."""
    file = tmp_path / "serials"
    file.write_text("".join(f"{serial}\n" for serial in SERIALS))
    run("site", "list")  # signs in
    platform.configure(faults={"limit429": 1.0})
    result = run("arc", "disable", f"@{file}", "--yes", "--timeout", "1")
    assert "Not finished: 0 of 3 done, 0 unknown, 3 left" in result.stderr
    platform.configure(faults={})
    return file


@pytest.mark.usefixtures("broken")
def test_the_rest_is_done_once(run: Run) -> None:
    asked = run("log", "resume")
    assert asked.exit_code == 2
    assert "0 done, 0 unknown, 3 left" in asked.stderr
    done = run("log", "resume", "--yes", "-o", "json")
    assert [row["target"] for row in done.json] == list(SERIALS)
    assert run("log", "resume", "--yes").exit_code == 4


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
    run("arc", "disable", "-", "--yes", "--timeout", "1", stdin="\n".join(SERIALS))
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
