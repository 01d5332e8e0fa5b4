"""The tour on the sandbox."""

import shlex
from pathlib import Path

import pytest

from hpcli.alarms.tail.reader_lock import hold_reader_lock
from hpcli.commands.demo import TOUR
from tests.support.first_edition import ACCOUNT
from tests.support.runner import Runner


def test_what_the_tour_says_fits_80_columns() -> None:
    said = [
        line
        for number, (sentence, words) in enumerate(TOUR, 1)
        for line in (f"{number}. {sentence}", shlex.join(["$", "hpcli", *words, "--profile", "sandbox"]))
    ]
    assert [line for line in said if len(line) > 80] == []


def test_the_tour_says_that_a_running_tail_is_in_its_way(
    hpcli: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPCLI_STATE_DIR", str(tmp_path))
    folder = tmp_path / "alarms" / ACCOUNT
    folder.mkdir(parents=True, mode=0o700)
    with hold_reader_lock(folder, None):
        result = hpcli("demo")
    assert (result.exit_code, result.stdout) == (11, "")
    assert "is reading the sandbox's alarms" in result.stderr
    assert "HPCLI_STATE_DIR=$(mktemp -d) hpcli demo" in result.stderr
