"""What a tail prints comes from memory where it was just written, else from the journal: the output is the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.journal.batches import Kept, keep_batch, keep_own
from hpcli.alarms.journal.entries import Entry
from hpcli.alarms.journal.pictures import add_media_line
from hpcli.alarms.journal.queries import EVERYTHING, Filter, read_page
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.gaps import make_gap
from hpcli.alarms.tail.output import Output
from tests.soak.stage import wait_until
from tests.support.alarm_messages import CID, LINKAGE, message, notice

NOW = datetime(2026, 11, 22, 14, 30, 15, tzinfo=UTC)
FIRST, SECOND = notice("deviceonline"), notice("deviceoffline")


class Paper:
    """Takes what is printed."""

    is_deferred = False

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.again: list[bool] = []

    @property
    def written(self) -> int:
        return len(self.entries)

    def render(self, page: Sequence[tuple[Entry, bool]]) -> list[bytes]:
        self.entries += [entry for entry, _ in page]
        self.again += [again for _, again in page]
        return [b"" for _ in page]

    def put(self, data: bytes) -> None:
        assert data == b"", "no line is torn"

    def finish(self) -> None:
        pass


def keep(journal: Journal, batch: str, *bodies: object) -> Kept:
    rows = [make_rows(message(body), Receipt(NOW))[0] for body in bodies]
    return journal.write(lambda db: keep_batch(db, batch, rows, now=1, wants_pictures=False))


def printed(journal: Journal, last: int, wanted: Filter = EVERYTHING) -> list[Entry]:
    """Print up to a number as a tail does that is not asked to end before."""
    paper = Paper()
    output = Output(journal, paper, wanted=wanted)
    output.start()
    wait_until(lambda: output.position >= last, "all is printed")
    output.finish()
    assert output.ended.wait(30)
    return paper.entries


def test_new_messages_are_handed_over_as_the_journal_has_them(journal: Journal) -> None:
    kept = keep(journal, "b1", FIRST, CID, CID, "no JSON")

    assert list(kept.entries) == journal.read(lambda db: read_page(db, 0))[0]
    assert len(kept.entries) == 4


def test_a_repeat_is_not_handed_over(journal: Journal) -> None:
    keep(journal, "b1", FIRST)

    assert [entry.type for entry in keep(journal, "b1", FIRST, SECOND).entries] == ["deviceoffline"]


@pytest.mark.parametrize("body", [LINKAGE, CID | {"CIDEvent": CID["CIDEvent"] | {"relationId": "r1"}}])
def test_what_has_pictures_or_may_get_them_is_read_from_the_journal(journal: Journal, body: object) -> None:
    assert keep(journal, "b1", FIRST, body).entries == ()


def test_what_was_written_before_the_latest_is_printed_before_it(journal: Journal) -> None:
    keep(journal, "b1", FIRST)
    journal.tell(keep(journal, "b2", SECOND).entries)

    assert [entry.type for entry in printed(journal, 2)] == ["deviceonline", "deviceoffline"]


def test_what_was_just_written_is_not_read_back(journal: Journal) -> None:
    kept = keep(journal, "b1", FIRST, SECOND)
    journal.tell([entry._replace(category="as told") for entry in kept.entries])

    assert [entry.category for entry in printed(journal, 2)] == ["as told", "as told"]


def test_batches_that_follow_each_other_are_all_printed_as_handed_over(journal: Journal) -> None:
    for name, body in (("b1", FIRST), ("b2", SECOND), ("b3", CID)):
        journal.tell([entry._replace(category="as told") for entry in keep(journal, name, body).entries])

    assert [entry.category for entry in printed(journal, 3)] == ["as told"] * 3


def test_a_reader_of_the_journal_beyond_the_first_of_several_batches_gets_the_rest(journal: Journal) -> None:
    journal.write(lambda db: db.execute("INSERT INTO output VALUES ('stdout', 1, 1)"))
    for name, body in (("b1", FIRST), ("b2", SECOND)):
        journal.tell([entry._replace(category="as told") for entry in keep(journal, name, body).entries])

    assert [(entry.seq, entry.category) for entry in printed(journal, 2)] == [(2, "as told")]


def test_what_was_written_between_two_batches_is_printed_between_them(journal: Journal) -> None:
    journal.tell(keep(journal, "b1", FIRST).entries)
    journal.write(lambda db: keep_own(db, make_gap(NOW - timedelta(hours=4), NOW)))
    journal.tell(keep(journal, "b2", SECOND).entries)

    assert [entry.type for entry in printed(journal, 3)] == ["deviceonline", "gap", "deviceoffline"]


def test_what_is_wanted_of_several_batches_is_printed_once(journal: Journal) -> None:
    journal.write(lambda db: db.execute("INSERT INTO output VALUES ('stdout', 1, 1)"))
    for name, body in (("b1", FIRST), ("b2", SECOND), ("b3", CID)):
        journal.tell(keep(journal, name, body).entries)

    wanted = Filter(types=frozenset({"deviceonline", "deviceoffline"}))
    assert [entry.type for entry in printed(journal, 3, wanted)] == ["deviceoffline"]


def test_what_a_killed_run_may_have_printed_is_marked_also_by_a_later_run(journal: Journal) -> None:
    keep(journal, "b1", FIRST, SECOND, CID)
    journal.write(lambda db: db.execute("INSERT INTO output VALUES ('stdout', 0, 0)"))
    papers = [Paper(), Paper()]
    for paper, limit in zip(papers, (1, None), strict=True):
        output = Output(journal, paper, limit=limit)
        output.start()
        output.finish()
        assert output.ended.wait(30)

    assert [paper.again for paper in papers] == [[True], [True, True]]


def test_without_media_lines_it_ends_before_one(journal: Journal) -> None:
    keep(journal, "b1", FIRST)
    journal.write(lambda db: add_media_line(db, 1, 1))
    paper = Paper()
    output = Output(journal, paper, with_media=False)
    output.start()
    output.finish()

    assert output.ended.wait(30)
    assert [entry.type for entry in paper.entries] == ["deviceonline"]


@pytest.mark.parametrize("size", [100, 100_000])
def test_little_is_kept_for_a_printer_that_does_not_come(journal: Journal, size: int) -> None:
    (entry,) = keep(journal, "b1", FIRST).entries
    for first in range(1, 1001, 10):
        journal.tell([entry._replace(seq=seq, raw="x" * size) for seq in range(first, first + 10)])

    assert journal.latest[-1].seq == 1000
    assert len(journal.latest) >= 10
    assert sum(len(kept.raw or "") for kept in journal.latest) <= 1024 * 1024


def test_what_was_handed_over_is_printed_once_and_what_follows_it_too(journal: Journal) -> None:
    journal.tell(keep(journal, "b1", FIRST).entries)
    keep(journal, "b2", SECOND)

    assert [entry.type for entry in printed(journal, 2)] == ["deviceonline", "deviceoffline"]


def test_what_was_handed_over_is_filtered(journal: Journal) -> None:
    journal.tell(keep(journal, "b1", FIRST, SECOND).entries)

    wanted = Filter(types=frozenset({"deviceoffline"}))
    assert [entry.type for entry in printed(journal, 2, wanted)] == ["deviceoffline"]


def test_a_tail_that_fetches_no_pictures_waits_for_none(journal: Journal) -> None:
    rows = [make_rows(message(LINKAGE), Receipt(NOW))[0]]
    journal.write(lambda db: keep_batch(db, "b1", rows, now=1, wants_pictures=True))

    assert [entry.type for entry in printed(journal, 1)] == ["Linkage"]
