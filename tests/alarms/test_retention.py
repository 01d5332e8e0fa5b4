"""What the journal keeps: by age and size, and all that is still to be printed or fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hpcli.alarms.clock import NO_WITNESS, Clock, ClockCheck
from hpcli.alarms.journal.pictures import due_pictures, note_failed, note_saved
from hpcli.alarms.journal.retention import Retention, prune
from hpcli.alarms.journal.writer import Journal
from tests.support.journal_messages import NOW, NOW_MS, alarm, confirm, entries, events, keep, linkage


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
    job = journal.read(lambda db: due_pictures(db, NOW_MS, (), 1))[0]
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
    from hpcli.alarms.journal.retention import used_bytes

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
    job = journal.read(lambda db: due_pictures(db, NOW_MS, (), 1))[0]
    journal.write(lambda db: note_saved(db, job.seq, [str(own), str(users)], "", NOW_MS))
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
