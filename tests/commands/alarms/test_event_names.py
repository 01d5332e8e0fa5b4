"""How an event is named: its id, the beginning of that, its number, `last`; and where its number is shown."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from hpcli.alarms.journal.event_names import find_number
from hpcli.alarms.journal.pictures import want_pictures
from hpcli.alarms.journal.status import read_status
from hpcli.alarms.journal.writer import Journal
from hpcli.errors import NotFoundError, UsageError
from tests.support.journal_messages import NOW_MS, PICTURE, alarm, keep
from tests.support.runner import Runner

IDS = ("abcd-1", "abcd-2", "7", "1234567890ab", "last one")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as journal:
        keep(journal, "b1", *(alarm(messageId=name) for name in IDS))
        yield journal


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("abcd-1", 1),
        ("abcd-2", 2),
        ("2", 2),
        ("#4", 4),
        ("7", 3),  # an id comes before a number
        ("1234567890", 4),
        ("last", 5),
        ("last one", 5),
    ],
)
def test_an_event_has_several_names(journal: Journal, name: str, number: int) -> None:
    assert journal.read(lambda db: find_number(db, name)) == number


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("abcd", UsageError),
        ("las", NotFoundError),
        ("1234", NotFoundError),
        ("99", NotFoundError),
        ("", NotFoundError),
    ],
)
def test_what_could_be_several_events_or_none_is_refused(
    journal: Journal, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        journal.read(lambda db: find_number(db, name))


@pytest.mark.parametrize(
    "command",
    [
        ("show",),
        ("history", "--after"),
        ("ack", "--note", "seen"),
        ("hold", "--reason", "police"),
        ("release",),
        ("export", "--to", "case.zip"),
    ],
    ids=lambda command: command[0],
)
def test_commands_take_the_number_of_an_event(
    hpcli: Runner, journal: Journal, tmp_path: Path, command: tuple[str, ...]
) -> None:
    words = [str(tmp_path / word) if word.endswith(".zip") else word for word in command]
    run = partial(hpcli, "--profile", "sandbox", "alarms", *words)
    done = run("2", "--journal", str(journal.path))
    assert done.exit_code == 0, done.stderr
    assert run("99", "--journal", str(journal.path)).exit_code == 4


def test_two_names_of_one_event_are_one_event(hpcli: Runner, journal: Journal) -> None:
    done = hpcli(
        "--profile",
        "sandbox",
        "alarms",
        "ack",
        "2",
        "abcd-2",
        "--note",
        "seen",
        "--journal",
        str(journal.path),
    )
    assert done.stderr == "Noted on 1 event.\n"


def test_show_has_priority_state_account_and_what_became_of_pictures(hpcli: Runner, journal: Journal) -> None:
    link = PICTURE % "1"
    keep(journal, "b2", alarm(messageId="seen", accountNumber="4711", body={"pictureURL": link}))

    def shown() -> dict[str, str]:
        result = hpcli(
            "--profile", "sandbox", "alarms", "show", "last", "-o", "csv", "--journal", str(journal.path)
        )
        (row,) = csv.DictReader(result.lines)
        return row

    row = shown()
    assert (row["PRIORITY"], row["STATE"], row["ACCOUNT"]) == ("critical", "new", "4711")
    assert row["PICTURES"] == f"not fetched (`hpcli alarms retry-pictures` saves it): {link}"
    assert journal.read(lambda db: read_status(db, NOW_MS))["picturesNotFetched"] == 1
    journal.write(lambda db: want_pictures(db, 0, NOW_MS))
    assert shown()["PICTURES"] == f"pending: {link}"
    assert journal.read(lambda db: read_status(db, NOW_MS))["picturesPending"] == 1


def test_a_name_of_any_length_is_cut_in_the_error(journal: Journal) -> None:
    with pytest.raises(NotFoundError) as caught:
        journal.read(lambda db: find_number(db, "x" * 5000))
    assert len(caught.value.message) < 120
