"""The chain of the journal: what was changed or taken away without a record shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.journal.batches import keep_batch
from hpcli.alarms.journal.chain import Checked, check_chain, link_at, note_removed, read_head
from hpcli.alarms.journal.pictures import add_media_line
from hpcli.alarms.journal.retention import Retention, prune
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.writer import Journal
from tests.support.first_edition import put_old_journal
from tests.support.journal_messages import NOW, NOW_MS, alarm, keep


@pytest.fixture
def full(journal: Journal) -> Journal:
    """Return a journal with six alarms in two batches and a media line."""
    keep(journal, "b1", alarm(1), alarm(2), alarm(3), received=NOW - timedelta(days=40))
    keep(journal, "b2", alarm(4), alarm(5), alarm(6))
    journal.write(lambda db: add_media_line(db, 2, NOW_MS))
    return journal


def remove(journal: Journal, seq: int) -> None:
    """Remove an entry on record."""
    journal.write(lambda db: note_removed(db, [seq], "old", NOW_MS))
    journal.write(lambda db: db.execute("DELETE FROM entry WHERE seq=?", (seq,)))


def check(journal: Journal) -> Checked:
    return journal.read(check_chain)


def change(journal: Journal, statement: str) -> Checked:
    journal.write(lambda db: db.execute(statement))
    return check(journal)


def test_a_journal_that_nobody_touched_is_whole(full: Journal) -> None:
    checked = check(full)
    assert (checked.entries, checked.broken, checked.head) == (7, None, full.read(read_head))


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE entry SET raw=replace(raw, '1103', '1401') WHERE seq=3", 3),
        ("UPDATE entry SET received=received+1 WHERE seq=4", 4),
        ("UPDATE entry SET id='x' WHERE seq=5", 5),
        ("UPDATE entry SET body=replace(body, 'Pictures', 'Nothing') WHERE seq=7", 7),
        ("DELETE FROM entry WHERE seq=4", 5),
        ("DELETE FROM entry WHERE seq=1", 2),
        ("DELETE FROM entry WHERE seq=7", 7),
        ("UPDATE entry SET link=zeroblob(32) WHERE seq=6", 6),
    ],
)
def test_what_was_changed_shows_where(full: Journal, statement: str, place: int) -> None:
    assert change(full, statement).broken == place


def test_what_was_taken_away_on_record_leaves_the_rest_whole(full: Journal) -> None:
    full.write(lambda db: db.execute("INSERT OR REPLACE INTO output VALUES ('stdout', 99, 1)"))
    assert prune(full.write, Retention(30 * 86400.0), NOW_MS) == 3
    checked = check(full)
    assert (checked.entries, checked.removed, checked.broken) == (3, 4, None)


def test_neighbours_that_go_one_after_the_other_become_one_range(full: Journal) -> None:
    for seq in (1, 3, 2, 5):
        remove(full, seq)
    ranges = full.read(lambda db: db.execute("SELECT first, last, count FROM removed ORDER BY 1").fetchall())
    assert ranges == [(1, 3, 3), (5, 5, 1)]
    assert check(full).broken is None


def test_a_removal_that_is_made_up_does_not_hide_one(full: Journal) -> None:
    remove(full, 2)
    assert change(full, "UPDATE removed SET after=zeroblob(32)").broken == 3


def test_the_answer_of_the_queue_is_part_of_the_chain(journal: Journal) -> None:
    row = make_rows(alarm(1), Receipt(NOW))[0]

    def keep_with_answer(batch: str) -> None:
        answer = b'{"bad\\x": ' + batch.encode()
        journal.write(
            lambda db: keep_batch(db, batch, [row], now=NOW_MS, wants_pictures=False, answer=answer)
        )

    keep_with_answer("b1")
    keep_with_answer("b2")
    assert check(journal).broken is None
    remove(journal, 1)
    assert check(journal).broken is None
    assert journal.read(lambda db: db.execute("SELECT first FROM batch_body").fetchall()) == [(2,)]
    assert change(journal, "UPDATE batch_body SET body=zeroblob(4)").broken == 2


def test_a_head_that_was_noted_is_found_again_until_it_is_removed(full: Journal) -> None:
    head = full.read(read_head)
    keep(full, "b3", alarm(7))
    assert full.read(lambda db: link_at(db, head.seq)) == head.link


def test_a_journal_of_the_first_edition_is_not_covered_but_its_new_entries_are(tmp_path: Path) -> None:
    with Journal(put_old_journal(tmp_path), upgrades=True) as journal:
        keep(journal, "b1", alarm(1))
        checked = check(journal)
        assert (checked.uncovered, checked.entries, checked.broken) == (28, 1, None)
        assert journal.read(lambda db: link_at(db, 28)) is None
