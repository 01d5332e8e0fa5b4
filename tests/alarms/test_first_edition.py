"""A journal of the first edition is read as it is, brought up to date, and decoded again in the background."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.clock import moment_of
from hpcli.alarms.event.accounts import Accounts
from hpcli.alarms.event.cid import CidCode, CidCodes
from hpcli.alarms.event.event import EVENT_FIELDS
from hpcli.alarms.event.sites import Site
from hpcli.alarms.journal import renewal as renewal_module
from hpcli.alarms.journal import schema
from hpcli.alarms.journal.entries import Entry, event_of
from hpcli.alarms.journal.pictures import add_media_line
from hpcli.alarms.journal.queries import read_page
from hpcli.alarms.journal.renewal import IS_OLD, Knowledge, renew_chunk
from hpcli.alarms.journal.retention import Retention, prune
from hpcli.alarms.journal.status import read_heard, read_status
from hpcli.alarms.journal.writer import Journal, read_once
from hpcli.alarms.proof.audit import Window, read_audit
from hpcli.alarms.proof.holds import Erasure, erase, find_erasable, hold
from hpcli.alarms.tail.renewal import renewing
from hpcli.errors import LocalError
from hpcli.reference.categories import category_of
from tests.soak.stage import wait_until
from tests.support.first_edition import ACCOUNT, ENTRIES, EVENTS, change, put_old_journal, renew, rows
from tests.support.journal_messages import alarm, keep

NOW_MS = 1_795_873_400_000
"""Just after the last entry was written."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return put_old_journal(tmp_path / ACCOUNT)


@pytest.fixture
def old(path: Path) -> Iterator[Journal]:
    """Return the journal, brought up to date, with its entries not decoded again yet."""
    with Journal(path, upgrades=True) as journal:
        yield journal


def page(db: sqlite3.Connection) -> list[Entry]:
    return read_page(db, 0)[0]


def events_of(entries: list[Entry]) -> list[dict[str, Any]]:
    return [event_of(entry, redelivered=False) for entry in entries]


def test_it_is_read_as_it_is_with_all_fields_of_today_and_is_not_changed(path: Path) -> None:
    before = path.read_bytes()
    with closing(schema.open_for_reading(path)) as db:
        events = events_of(read_once(db, page))
        status = read_once(db, lambda one: read_status(one, NOW_MS))
        audit = read_once(db, lambda one: read_audit(one, Window(0, NOW_MS), NOW_MS, None))
        heard = read_once(db, read_heard)
    assert {tuple(event) for event in events} == {tuple(EVENT_FIELDS)}
    assert [event["category"] for event in events[:3]] == ["burglary", "burglary", "open-close"]
    assert [event["priority"] for event in events[:3]] == ["critical", "low", "low"]
    assert [event["state"] for event in events[:3]] == ["new", "ended", "new"]
    assert (status["events"], len(heard)) == (EVENTS, 7)
    assert (audit["chain"]["uncovered"], audit["problems"]) == (ENTRIES, [])
    assert path.read_bytes() == before


def test_an_old_journal_that_is_brought_up_to_date_meanwhile_can_still_be_read(path: Path) -> None:
    with closing(schema.open_for_reading(path)) as db:
        before = events_of(read_once(db, page))
        with Journal(path, upgrades=True) as journal:
            renew(journal)
        after = events_of(read_once(db, page))
    assert [event["category"] for event in after] == [event["category"] for event in before]


def test_each_step_of_the_schema_can_be_read_without_it(path: Path) -> None:
    columns = "SELECT * FROM entry, batch, picture, heard, hold, removed, copy, batch_body, outage"
    for version in range(1, schema.SCHEMA_VERSION):
        if version > 1:
            with closing(sqlite3.connect(path, isolation_level=None)) as db:
                for statement in schema._MIGRATIONS[version - 1].split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={version}")
        with closing(schema.open_for_reading(path)) as db:
            found = {column[0] for column in db.execute(columns).description}
            assert {"priority", "link", "is_cut", "is_quiet", "sums", "at"} <= found, version
            assert len(read_once(db, read_heard)) == 7


def test_only_who_may_brings_it_up_to_date(path: Path) -> None:
    with pytest.raises(LocalError, match="older hpcli"):
        Journal(path)
    assert schema.is_older(path)
    Journal(path, upgrades=True).close()
    assert not schema.is_older(path)
    Journal(path).close()


def test_entries_keep_number_id_and_time_of_receipt_and_get_what_is_new(old: Journal) -> None:
    query = "SELECT seq, id, about, received, raw, relation FROM entry ORDER BY seq"
    before = rows(old, query)
    renew(old)
    assert rows(old, query) == before
    assert rows(old, f"SELECT seq FROM entry e WHERE {IS_OLD}") == []
    assert rows(old, "SELECT category, priority, state FROM entry WHERE seq IN (1, 2, 16)") == [
        ("burglary", "critical", "new"),
        ("burglary", "low", "ended"),
        ("fault", "low", "ended"),
    ]
    assert not old.write(lambda db: renew_chunk(db, Knowledge()))


def test_reading_shows_the_same_before_and_after(old: Journal) -> None:
    before = [event for event in events_of(old.read(page)) if event["type"] != "media"]
    renew(old)
    after = [event for event in events_of(old.read(page)) if event["type"] != "media"]
    for event in (*before, *after):
        del event["pictures"]
    assert after == before


@pytest.mark.parametrize("is_renewed", [True, False])
def test_what_comes_again_after_the_update_is_a_repeat(path: Path, *, is_renewed: bool) -> None:
    change(path, "UPDATE batch SET confirmed=0")
    with Journal(path, upgrades=True) as journal:
        if is_renewed:
            renew(journal)
        messages = [
            json.loads(raw) for (raw,) in rows(journal, "SELECT raw FROM entry WHERE raw IS NOT NULL")
        ]
        soon = moment_of(NOW_MS)
        assert keep(journal, "another batch", *messages, received=soon).new == 0
        assert keep(journal, "a third", *messages[:1], received=soon).new == 0


def test_a_media_line_follows_its_event(old: Journal) -> None:
    renew(old)
    media = [event for event in events_of(old.read(page)) if event["type"] == "media"]
    assert media[-1]["text"] == "Pictures: 2 saved · Burglary alarm · Area 1 · Zone 1 Front door · Device 1"
    assert (media[-1]["category"], media[-1]["priority"]) == ("burglary", "critical")


def test_a_new_media_line_of_an_old_event_has_the_new_category(old: Journal) -> None:
    old.write(lambda db: add_media_line(db, 12, NOW_MS))
    assert old.read(page)[-1].category == "burglary"
    renew(old)
    assert rows(old, "SELECT category, link IS NULL FROM entry WHERE about=12") == [("burglary", 0)]


@pytest.mark.parametrize("raw", [None, '{"deviceSerial":', "[" * 2000])
def test_an_entry_without_a_readable_message_keeps_its_category_by_its_new_name(
    path: Path, raw: str | None
) -> None:
    change(path, "UPDATE entry SET raw=? WHERE seq IN (1, 11)", raw)
    with Journal(path, upgrades=True) as journal:
        shown = events_of(read_page_without_raw(journal))
        renew(journal)
        stored = rows(journal, "SELECT category, priority, state FROM entry WHERE seq IN (1, 11)")
    assert [event["category"] for event in shown] == ["burglary", "fault"]
    assert stored == [("burglary", "critical", "new"), ("fault", "normal", "new")]


def read_page_without_raw(journal: Journal) -> list[Entry]:
    return [entry._replace(raw=None) for entry in journal.read(page) if entry.seq in (1, 11)]


class Places:
    """Knows one site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def site_of(self, _serial: str) -> Site:
        return self.site


def test_the_site_of_then_and_its_zone_count_more_than_those_of_now(old: Journal) -> None:
    renew(old, Knowledge(sites=Places(Site("other", "Other", "America/New_York"))))
    event = events_of(old.read(page))[0]
    assert (event["site"]["name"], event["time"]) == ("Bäckerei Grünwald", "2026-11-28T14:42:13+01:00")


def test_a_site_that_was_unknown_then_is_looked_up(path: Path) -> None:
    change(path, "UPDATE entry SET site=NULL, body=replace(body, ?, 'null') WHERE seq=1",
           '{"id":"cb8217252bef72cc4b18fc1cc9e9efa2","name":"Bäckerei Grünwald"}')  # fmt: skip
    with Journal(path, upgrades=True) as journal:
        renew(
            journal,
            Knowledge(sites=Places(Site("s1", "Now", "Asia/Kolkata")), accounts=Accounts({"Q10254783": "7"})),
        )
        event = events_of(journal.read(page))[0]
    assert (event["site"], event["account"]) == ({"id": "s1", "name": "Now"}, "7")
    assert event["time"] == "2026-11-28T14:42:13+05:30"


def test_the_work_goes_on_where_it_stopped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal_module, "_CHUNK", 5)
    with Journal(path, upgrades=True) as journal:
        assert journal.write(lambda db: renew_chunk(db, Knowledge()))
        keep(journal, "b1", alarm())
    with Journal(path) as journal:
        assert rows(journal, f"SELECT max(seq) FROM entry e WHERE {IS_OLD}") == [(23,)]
        renew(journal)
        assert rows(journal, f"SELECT count(*) FROM entry e WHERE {IS_OLD}") == [(0,)]


@pytest.mark.parametrize("is_there", [True, False])
def test_pictures_below_the_accounts_folder_become_relative(
    old: Journal, path: Path, *, is_there: bool
) -> None:
    file = path.parent / "pictures/2026-11-28/Q10254783_144219_6b0ae84bdec1d9f7_1.jpg"
    if is_there:
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
    renew(old)
    stored = rows(old, "SELECT files FROM picture ORDER BY seq")
    assert json.loads(stored[0][0]) == [file.relative_to(path.parent).as_posix()]
    assert rows(old, "SELECT value FROM fact WHERE name='picture-folder'") == [("pictures",)]


def test_pictures_elsewhere_keep_their_path(path: Path) -> None:
    change(path, """UPDATE picture SET files='["/mnt/alarms/a.jpg"]' WHERE seq=1""")
    with Journal(path, upgrades=True) as journal:
        renew(journal)
        assert rows(journal, "SELECT files FROM picture WHERE seq=1") == [('["/mnt/alarms/a.jpg"]',)]


def test_a_journal_that_moved_finds_its_pictures_again(tmp_path: Path) -> None:
    path = put_old_journal(tmp_path / "moved")
    change(path, "UPDATE picture SET files=replace(files, '/tmp/', '/gone/')")
    with Journal(path, upgrades=True) as journal:
        renew(journal)
        (files,) = rows(journal, "SELECT files FROM picture WHERE seq=1")[0]
    assert not json.loads(files)[0].startswith("/")


def test_a_full_disk_stops_the_background_alone(old: Journal) -> None:
    said: list[str] = []
    pages = old._ask(lambda: old._writer.execute("PRAGMA page_count").fetchone()[0])
    old._ask(lambda: old._writer.execute(f"PRAGMA max_page_count={pages}").fetchone())
    with renewing(old, Knowledge, said.append, full_seconds=0.01):
        wait_until(lambda: len(said) == 2, "said")
        assert len(old.read(page)) == ENTRIES
        old._ask(lambda: old._writer.execute("PRAGMA max_page_count=100000").fetchone())
        wait_until(lambda: not rows(old, "SELECT 1 FROM fact WHERE name='decoded-from'"), "decoded")
    assert "disk is full" in said[1]
    assert said[0] == "24 events stored by an older hpcli will be decoded again in the background."


def test_a_fault_of_the_background_ends_the_background_alone(old: Journal) -> None:
    said: list[str] = []

    def known() -> Knowledge:
        raise KeyError

    with renewing(old, known, said.append):
        wait_until(lambda: len(said) == 2, "said")
    assert "KeyError" in said[1]
    assert keep(old, "b1", alarm()).new == 1


def test_a_journal_of_today_starts_no_work(journal: Journal) -> None:
    said: list[str] = []
    with renewing(journal, Knowledge, said.append):
        assert "renewal" not in [thread.name for thread in threading.enumerate()]
    assert said == []


def test_the_users_own_codes_count_for_what_was_decoded_before(journal: Journal) -> None:
    keep(journal, "b1", alarm(), alarm(2, body={"CIDEvent": {"code": 1401}}))
    own = CidCode(1103, 1131, "Cellar door", category_of("technical"), "sure")
    known = Knowledge(CidCodes({1103: own}))
    entries = journal.read(lambda db: read_page(db, 0, known=known)[0])
    first, second = events_of(entries)
    assert (entries[0].category, first["priority"], first["cid"]["standard"]) == ("technical", "high", 1131)
    assert first["text"].startswith("Cellar door")
    assert (first["time"], first["id"]) == (events_of(journal.read(page))[0]["time"], entries[0].id)
    assert second == events_of(journal.read(page))[1]


# Retention, hold and erase on a journal that was brought up to date


@pytest.mark.parametrize("is_renewed", [True, False])
def test_a_held_event_outlives_the_rest(old: Journal, path: Path, *, is_renewed: bool) -> None:
    if is_renewed:
        renew(old)
    old.write(lambda db: hold(db, [21], "police", None, NOW_MS))
    old.write(lambda db: db.execute("UPDATE output SET position=28"))
    later = NOW_MS + 500 * 86_400_000
    removed = prune(old.write, Retention(400 * 86400.0, None, path.parent / "pictures"), later)
    assert removed == EVENTS - 2
    assert rows(old, "SELECT seq FROM entry") == [(21,), (22,), (27,), (28,)]
    audit = old.read(lambda db: read_audit(db, Window(0, later), later, None))
    assert (audit["chain"]["uncovered"], audit["chain"]["whole"]) == (4, True)
    assert [(one["first"], one["last"], one["count"]) for one in audit["removed"]] == [(1, 26, 24)]


def test_pruning_on_from_what_is_older_than_the_chain_leaves_the_chain_whole(old: Journal) -> None:
    old.write(lambda db: hold(db, [21], "police", None, NOW_MS))
    keep(old, "b1", alarm(1), alarm(2), received=moment_of(NOW_MS))
    old.write(lambda db: db.execute("UPDATE output SET position=99"))
    for days in (400, 500):
        later = NOW_MS + days * 86_400_000
        prune(old.write, Retention(400 * 86400.0 - 1), later)
        keep(old, f"b{days}", alarm(days), received=moment_of(later))
        audit = old.read(partial(read_audit, window=Window(0, later), now=later, anchor=None))
        assert audit["chain"]["whole"], audit["chain"]
    assert sum(one["count"] for one in audit["removed"]) == ENTRIES - 4 + 2


@pytest.mark.parametrize("is_renewed", [True, False])
def test_what_is_erased_stays_erased(old: Journal, path: Path, *, is_renewed: bool) -> None:
    if is_renewed:
        renew(old)
    file = path.parent / "pictures/2026-11-28/Q10254783_144219_6b0ae84bdec1d9f7_1.jpg"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    erasure = Erasure(device="Q10254783")
    seqs = old.read(lambda db: find_erasable(db, erasure))
    old.write(lambda db: erase(db, seqs, erasure, path.parent / "pictures", NOW_MS))
    renew(old)
    assert not file.exists()
    shown = [
        event
        for entry, event in zip(old.read(page), events_of(old.read(page)), strict=True)
        if entry.seq in seqs
    ]
    assert {(event["text"], event["raw"], event["device"]) for event in shown} == {("Erased", None, None)}
    assert "intrusion" not in {event["category"] for event in shown}
