"""What a call made is printed and kept, even if this computer cannot store anything about it."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hpcli.auth.account import Account
from tests.support.platform_server import Platform
from tests.support.runner import Run

Spoil = Callable[[Path, pytest.MonkeyPatch], None]


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def fill_the_disk(_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", failing(errno.ENOSPC))


def break_the_disk(_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))


def refuse_locks(_state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(errno.ENOLCK))


def damage(state: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (*state.glob("persons/*.json"), *state.glob("alarms/*/subscription.json")):
        path.write_bytes(
            b'["not what',
        )


def block(state: Path, _monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (state / "persons", state / "alarms"):
        folder.rename(folder.with_suffix(".away"))
        folder.write_bytes(b"")


@pytest.fixture
def state(home: Path, platform: Platform) -> Path:
    """The state folder, with records of before."""
    folder = home / ".local/state/hpcli"
    account = Account(platform.base_url, platform.app_key).id
    for name in ("persons", f"alarms/{account}"):
        (folder / name).mkdir(parents=True)
    for path in (folder / f"persons/{account}.json", folder / f"alarms/{account}/subscription.json"):
        path.write_text('{"all": false, "serials": [], "excepted": []}' if "alarms" in path.parts else "{}")
        path.chmod(0o600)
    return folder


@pytest.mark.parametrize("spoil", [fill_the_disk, break_the_disk, refuse_locks, damage, block])
@pytest.mark.parametrize("form", ["plain", "json"])
def test_the_id_of_a_new_person_is_printed(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch, spoil: Spoil, form: str
) -> None:
    spoil(state, monkeypatch)
    result = run(
        *("person", "add", "--employee-no", "7", "--family-name", "A", "--given-name", "B", "-o", form, "-q")
    )
    assert result.exit_code == 0, result.stderr
    person = result.json["data"]["personId"] if form == "json" else result.stdout.strip()
    assert len(person) == 32
    assert f"The id {person} of 7 was not stored on this computer" in result.stderr


@pytest.mark.parametrize("spoil", [fill_the_disk, break_the_disk, refuse_locks])
def test_the_ids_of_a_file_of_persons_are_printed(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch, spoil: Spoil
) -> None:
    spoil(state, monkeypatch)
    lines = "employee-no,family-name,given-name\n7,A,B\n8,C,D\n"
    result = run("person", "add", "--from", "-", "-o", "ids", stdin=lines)
    assert result.exit_code == 0, result.stderr
    assert len(result.lines) == 2
    assert all(f"The id {person} of" in result.stderr for person in result.lines)


@pytest.mark.parametrize("spoil", [fill_the_disk, break_the_disk, damage, block])
@pytest.mark.parametrize("verb", ["subscribe", "unsubscribe"])
def test_a_subscription_that_is_set_counts_as_done(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch, spoil: Spoil, verb: str
) -> None:
    spoil(state, monkeypatch)
    result = run("alarms", verb, "--all", "--yes", "-o", "json")
    assert result.exit_code == 0, result.stderr
    assert result.json[0]["ok"] is True
    assert "was not stored on this computer" in result.stderr


def test_changes_to_a_person_are_done_without_the_book(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = run(
        "person", "add", "--employee-no", "7", "--family-name", "A", "--given-name", "B"
    ).stdout.strip()
    fill_the_disk(state, monkeypatch)
    updated = run("person", "update", person, "--employee-no", "9")
    assert (updated.exit_code, "was not stored" in updated.stderr) == (0, True), updated.stderr
    deleted = run("person", "delete", person, "--yes")
    assert (deleted.exit_code, "was not stored" in deleted.stderr) == (0, True), deleted.stderr


def test_a_damaged_book_does_not_hide_a_refusal(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ("person", "add", "--employee-no", "7", "--family-name", "A", "--given-name", "B")
    assert run(*given).exit_code == 0
    damage(state, monkeypatch)
    again = run(*given, "-o", "json")
    assert again.exit_code == 1
    assert "may already be taken" in again.error["hint"]
