"""What the journal keeps: by age and size, and all that is still to be printed or fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from hpcli.alarms.clock import NO_WITNESS, Clock, ClockCheck
from hpcli.alarms.journal.picture_retention import prune_pictures
from hpcli.alarms.journal.pictures import Saved, note_failed, note_saved
from hpcli.alarms.journal.retention import Retention, picture_bytes, prune, used_bytes
from hpcli.alarms.journal.writer import Journal
from tests.support.journal_messages import (
    NOW,
    NOW_MS,
    alarm,
    confirm,
    due_jobs,
    entries,
    events,
    keep,
    linkage,
)


def stored(journal: Journal, position: int) -> None:
    journal.write(lambda db: db.execute("INSERT OR REPLACE INTO output VALUES ('stdout', ?, 1)", (position,)))


def test_old_alarms_go_and_new_ones_stay(journal: Journal) -> None:
    keep(journal, "b1", alarm(1), received=NOW - timedelta(days=40))
    keep(journal, "b2", alarm(2))
    stored(journal, 99)
    assert prune(journal.write, Retention(30 * 86400.0), NOW_MS) == 1
    assert [event["cid"]["zone"] for event in events(journal)] == [2]


def test_what_was_not_printed_stays_however_old(journal: Journal) -> None:
    keep(journal, "b1", alarm(1), alarm(2), received=NOW - timedelta(days=40))
    stored(journal, 1)
    prune(journal.write, Retention(30 * 86400.0), NOW_MS)
    assert [event["cid"]["zone"] for event in events(journal)] == [2]


def test_what_has_pictures_to_come_stays_however_old(journal: Journal) -> None:
    received = NOW - timedelta(days=40)
    keep(
        journal,
        "b1",
        alarm(body={"relationId": "r1"}),
        linkage("r1", "p1"),
        received=received,
        wants_pictures=True,
    )
    stored(journal, 99)
    journal.write(lambda db: db.execute("UPDATE picture SET due=?", (NOW_MS,)))
    assert prune(journal.write, Retention(30 * 86400.0), NOW_MS) == 0
    job = due_jobs(journal, NOW_MS)[0]
    journal.write(lambda db: note_failed(db, job.seq, "gone", NOW_MS, None))
    stored(journal, 99)
    assert prune(journal.write, Retention(30 * 86400.0), NOW_MS) == 2
    assert entries(journal) == []


def test_pictures_that_nobody_fetches_any_more_keep_nothing(journal: Journal) -> None:
    keep(journal, "b1", linkage("r1", "p1"), received=NOW - timedelta(days=40), wants_pictures=True)
    stored(journal, 99)
    assert prune(journal.write, Retention(30 * 86400.0), NOW_MS) == 1


def test_pruning_goes_on_behind_alarms_that_must_stay(journal: Journal) -> None:
    received = NOW - timedelta(days=40)
    keep(journal, "b0", linkage("r1", "p1"), received=received, wants_pictures=True)
    for number in range(1, 13):
        keep(journal, f"b{number}", *[alarm(zone) for zone in range(1, 100)], received=received)
        confirm(journal, f"b{number}")
    stored(journal, 10_000)
    journal.write(lambda db: db.execute("UPDATE picture SET due=?", (NOW_MS,)))
    assert prune(journal.write, Retention(30 * 86400.0), NOW_MS) == 12 * 99
    assert len(entries(journal)) == 1


def test_a_journal_that_grew_too_large_loses_its_oldest(journal: Journal) -> None:
    for number in range(20):
        keep(journal, f"b{number}", *[alarm(zone) for zone in range(1, 100)])
        confirm(journal, f"b{number}")
    stored(journal, 10_000)
    size = journal.read(used_bytes)
    prune(journal.write, Retention(1e9, size // 2), NOW_MS)
    assert 0 < journal.read(used_bytes) <= size // 2
    assert entries(journal)[-1].seq == 20 * 99


def test_pictures_in_the_journals_own_folder_go_with_their_event(journal: Journal, tmp_path: Path) -> None:
    own, users = tmp_path / "pictures" / "2026-10-01" / "a.jpg", tmp_path / "mine" / "b.jpg"
    for path in (own, users):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    keep(journal, "b1", linkage("r1", "p1"), received=NOW - timedelta(days=40), wants_pictures=True)
    job = due_jobs(journal, NOW_MS)[0]
    journal.write(lambda db: note_saved(db, job.seq, Saved((str(own), str(users))), NOW_MS))
    stored(journal, 99)
    prune(journal.write, Retention(30 * 86400.0, None, tmp_path / "pictures"), NOW_MS)
    assert not own.parent.exists()
    assert users.exists()


def test_numbers_are_never_used_again(journal: Journal) -> None:
    last = keep(journal, "b1", alarm(), received=NOW - timedelta(days=40)).last
    stored(journal, last)
    prune(journal.write, Retention(0.0), NOW_MS)
    assert keep(journal, "b2", alarm()).last > last


def test_what_came_while_the_clock_was_behind_is_as_new_as_what_came_before(journal: Journal) -> None:
    keep(journal, "b1", alarm(1), received=NOW - timedelta(days=1))
    keep(journal, "b2", alarm(2), received=NOW - timedelta(days=41))
    stored(journal, 99)
    assert prune(journal.write, Retention(30 * 86400.0), NOW_MS) == 0


@pytest.mark.parametrize("days", [40, -40])
def test_ages_are_not_believed_while_the_clock_and_the_platforms_differ(days: int) -> None:
    clock = FakeClock()
    check = ClockCheck(Clock(lambda: clock.now, lambda: clock.steady), lambda: clock.platform)
    assert check.doubt() is None
    clock.platform = None
    assert check.doubt() == NO_WITNESS
    clock.now, clock.platform = NOW + timedelta(days=days), NOW
    assert "40 d" in str(check.doubt())
    clock.now = NOW + timedelta(seconds=290)
    assert check.doubt() == "This computer's clock has jumped."
    assert check.doubt() is None


def test_a_clock_that_jumps_with_the_platforms_is_not_believed_at_once() -> None:
    clock = FakeClock()
    check = ClockCheck(Clock(lambda: clock.now, lambda: clock.steady), lambda: clock.platform)
    assert check.doubt() is None
    clock.now = clock.platform = NOW + timedelta(hours=2)
    clock.steady += 3600.0
    assert check.doubt() == "This computer's clock has jumped."
    clock.now = clock.platform = NOW + timedelta(hours=3)
    clock.steady += 3600.0
    assert check.doubt() is None


@dataclass
class FakeClock:
    now: datetime = NOW
    steady: float = 5.0
    platform: datetime | None = NOW


def keep_pictures(journal: Journal, folder: Path, *days: int) -> list[Path]:
    """Keep an alarm with a saved picture of 1,000 bytes and its original for each age, and return the files."""
    paths: list[Path] = []
    for number, age in enumerate(days):
        keep(
            journal,
            f"b{number}",
            linkage(f"r{number}", f"p{number}"),
            received=NOW - timedelta(days=age),
            wants_pictures=True,
        )
        file, original = (folder / f"{number}" / name for name in ("a.jpg", "a.enc"))
        for path in (file, original):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * 1000)
        saved = Saved((str(file),), ("sum",), original=str(original), size=2000)
        seq = due_jobs(journal, NOW_MS)[0].seq
        journal.write(partial(note_saved, seq=seq, saved=saved, now=NOW_MS))
        paths += [file, original]
    stored(journal, 999)
    return paths


def month(folder: Path, size: int | None = None) -> Retention:
    return Retention(400 * 86400.0, size, folder, 30 * 86400.0)


def test_pictures_go_before_their_events_and_it_is_logged(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    old, original, new, _ = keep_pictures(journal, folder, 40, 20)
    assert prune_pictures(journal.write, month(folder), NOW_MS) == (2, 2000)
    assert prune(journal.write, month(folder), NOW_MS) == 0
    assert (old.exists(), original.exists(), new.exists()) == (False, False, True)
    gone, kept = (event["pictures"][0] for event in events(journal) if event["type"] != "media")
    assert (gone["state"], gone["file"], gone["original"]) == ("removed", None, None)
    assert gone["sha256"] == "sum"
    assert gone["error"] == "removed: older than 30 d"
    assert kept["state"] == "saved"
    log = journal.read(lambda db: db.execute("SELECT * FROM pictures_removed").fetchall())
    assert log == [(NOW_MS, 1, 2, 2000, "older than 30 d")]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO hold VALUES (1, 'police', NULL, 0)",
        "UPDATE picture SET due=9999999999999",
        "UPDATE output SET position=0",
    ],
    ids=["held", "pending", "not printed"],
)
@pytest.mark.parametrize("size", [None, 1])
def test_pictures_stay_that_are_still_needed(
    journal: Journal, tmp_path: Path, statement: str, size: int | None
) -> None:
    folder = tmp_path / "pictures"
    paths = keep_pictures(journal, folder, 40)
    journal.write(lambda db: db.execute(statement))
    assert prune_pictures(journal.write, month(folder, size), NOW_MS) == (0, 0)
    assert all(path.exists() for path in paths)


def test_pictures_count_towards_the_size_and_the_oldest_go_first(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    paths = keep_pictures(journal, folder, 3, 2, 1)
    size = journal.read(used_bytes) + 4500
    assert prune_pictures(journal.write, month(folder, size), NOW_MS).files == 2
    assert [path.exists() for path in paths] == [False, False, True, True, True, True]
    assert journal.read(picture_bytes) == 4000
    assert prune(journal.write, month(folder, size), NOW_MS) == 0


def test_pictures_of_the_first_edition_are_measured(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    keep_pictures(journal, folder, 1)
    journal.write(lambda db: db.execute("UPDATE picture SET size=NULL"))
    prune_pictures(journal.write, month(folder), NOW_MS)
    assert journal.read(picture_bytes) == 2000


def test_pictures_of_the_user_are_neither_removed_nor_forgotten(journal: Journal, tmp_path: Path) -> None:
    paths = keep_pictures(journal, tmp_path / "mine", 40)
    assert prune_pictures(journal.write, month(tmp_path / "pictures"), NOW_MS) == (0, 0)
    assert all(path.exists() for path in paths)
    assert events(journal)[0]["pictures"][0]["state"] == "saved"


def test_pictures_that_came_while_the_clock_was_behind_stay(journal: Journal, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    keep(journal, "before", alarm(1), received=NOW - timedelta(days=1))
    keep_pictures(journal, folder, 41)
    assert prune_pictures(journal.write, month(folder), NOW_MS) == (0, 0)
