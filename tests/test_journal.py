"""The journal: what is new, what is a repeat, what is kept, and what its failures do."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms import journal_file
from hpcli.alarms.gap import Clock, Watch
from hpcli.alarms.history import Filter, read_entry, read_page
from hpcli.alarms.journal import Journal
from hpcli.alarms.journal_batches import Kept, keep_batch, note_confirmed
from hpcli.alarms.journal_file import JournalFullError
from hpcli.alarms.journal_pictures import due_pictures, note_failed, note_saved
from hpcli.alarms.journal_place import check_file_system
from hpcli.alarms.journal_rows import Entry, event_of, line_of, make_row
from hpcli.alarms.journal_status import read_status
from hpcli.alarms.poll_faults import Complaints, Pace
from hpcli.alarms.retention import Retention, prune
from hpcli.errors import CallLimitError, LocalError, NetworkError, PlatformError

NOW = datetime(2026, 11, 22, 14, 31, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
PICTURE = "https://pictures.example/v3/alarms/pic/get?fileId=%s&isEncrypted=0"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def alarm(zone: int = 1, **more: Any) -> dict[str, Any]:
    event = {"code": 1103, "zone": zone - 1, "zoneV30": zone, "partitionNo": "1", "evttype": "11"}
    body = {"eventType": "cidEvent", "triggerTime": "2026-11-22T15:30:12", "CIDEvent": event} | more.pop(
        "body", {}
    )
    return {"formatType": "JSON", "deviceSerial": "Q10254783", "alarmData": json.dumps(body), **more}


def linkage(relation: str, *names: str) -> dict[str, Any]:
    body = {
        "eventType": "Linkage",
        "relationId": relation,
        "pictureList": [{"id": name, "url": PICTURE % name} for name in names],
    }
    return {"formatType": "JSON", "deviceSerial": "Q10254783", "alarmData": json.dumps(body)}


def keep(
    journal: Journal,
    batch: str | None,
    *messages: dict[str, Any],
    received: datetime = NOW,
    wants_pictures: bool = False,
) -> Kept:
    rows = [make_row(message, received=received, places=None, batch=batch) for message in messages]
    now = round(received.timestamp() * 1000)
    return journal.write(lambda db: keep_batch(db, batch, rows, now=now, wants_pictures=wants_pictures))


def confirm(journal: Journal, batch: str) -> None:
    journal.write(lambda db: note_confirmed(db, batch))


def entries(journal: Journal, **filters: Any) -> list[Entry]:
    return journal.read(lambda db: read_page(db, 0, wanted=Filter(**filters)))[0]


def events(journal: Journal) -> list[dict[str, Any]]:
    return [event_of(entry, redelivered=False) for entry in entries(journal)]


# Repeats


def test_equal_messages_of_one_batch_are_two_alarms(journal: Journal) -> None:
    kept = keep(journal, "b1", alarm(), alarm(), alarm(2))
    assert kept.new == 3
    first, second, third = (entry.id for entry in entries(journal))
    assert second == f"{first}-2"
    assert "-" not in third


def test_further_equal_messages_count_on(journal: Journal) -> None:
    for batch in ("b1", "b2", "b3"):
        keep(journal, batch, alarm(), alarm())
        confirm(journal, batch)
    base = entries(journal)[0].id
    assert [entry.id for entry in entries(journal)] == [base, *(f"{base}-{number}" for number in range(2, 7))]


def test_a_batch_that_comes_again_is_kept_once(journal: Journal) -> None:
    messages = [alarm(1), alarm(1), alarm(2)]
    keep(journal, "b1", *messages)
    assert keep(journal, "b1", *messages).new == 0
    assert [entry.repeats for entry in entries(journal)] == [1, 1, 1]


def test_a_batch_that_comes_again_in_another_order_after_its_confirmation_is_kept_once(
    journal: Journal,
) -> None:
    messages = [alarm(1), alarm(2), alarm(2), alarm(3)]
    keep(journal, "b1", *messages)
    confirm(journal, "b1")
    assert keep(journal, "b1", *reversed(messages)).new == 0


def test_a_batch_that_comes_again_with_one_more_equal_message_brings_one_alarm(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    assert keep(journal, "b1", alarm(), alarm()).new == 1


def test_unconfirmed_messages_that_come_in_another_batch_are_repeats_once_per_row(journal: Journal) -> None:
    keep(journal, "b1", alarm(1), alarm(2))
    assert keep(journal, "b2", alarm(1)).new == 0
    assert keep(journal, "b3", alarm(2), alarm(2)).new == 1


def test_a_message_equal_to_a_confirmed_one_is_new(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    confirm(journal, "b1")
    assert keep(journal, "b2", alarm()).new == 1


def test_once_its_new_batch_is_confirmed_an_equal_message_is_new(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    keep(journal, "b2", alarm())
    confirm(journal, "b2")
    assert keep(journal, "b3", alarm()).new == 1


def test_an_unconfirmed_batch_is_forgotten_once_the_platform_cannot_send_it_again(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    assert keep(journal, "b2", alarm(), received=NOW + timedelta(hours=4)).new == 1


def test_a_known_message_id_is_a_repeat_also_after_its_confirmation(journal: Journal) -> None:
    keep(journal, "b1", alarm(messageId="m1"))
    confirm(journal, "b1")
    assert keep(journal, "b2", alarm(messageId="m1")).new == 0
    assert [entry.id for entry in entries(journal)] == ["m1"]


def test_messages_with_ids_of_their_own_are_new_however_equal(journal: Journal) -> None:
    keep(journal, "b1", alarm(messageId="m1"))
    assert keep(journal, "b2", alarm(messageId="m2")).new == 1


def test_a_message_id_used_twice_for_different_alarms_loses_none(journal: Journal) -> None:
    assert keep(journal, "b1", alarm(1, messageId="0"), alarm(2, messageId="0")).new == 2
    confirm(journal, "b1")
    assert keep(journal, "b2", alarm(3, messageId="0")).new == 1
    assert [entry.id for entry in entries(journal)] == ["0", "0-2", "0-3"]


def test_an_id_within_one_batch_is_a_repeat_where_the_message_is_the_same(journal: Journal) -> None:
    kept = keep(journal, "b1", alarm(messageId="m1"), alarm(messageId="m1"))
    assert (kept.new, kept.repeats) == (1, 1)


def test_messages_without_a_batch_id_are_kept(journal: Journal) -> None:
    assert keep(journal, None, alarm()).new == 1


# Lines


def test_a_line_has_the_event_and_the_raw_message_in_the_order_of_the_contract(journal: Journal) -> None:
    from hpcli.alarms.event import EVENT_FIELDS

    message = alarm()
    keep(journal, "b1", message)
    event = json.loads(line_of(entries(journal)[0], redelivered=True))
    assert list(event) == list(EVENT_FIELDS)
    assert event["raw"] == message
    assert (event["batch"], event["redelivered"]) == ("b1", True)
    assert "raw" not in json.loads(line_of(entries(journal)[0], redelivered=False, with_raw=False))


@pytest.mark.parametrize("text", ["Küche", "\x1b[31m\x00\x9b", "a\u2028b", '"\\', "🚪", "{[", "\x7f"])
def test_any_text_comes_back_as_it_was_and_harmless(journal: Journal, text: str) -> None:
    message = alarm(messageId=text, body={"zoneName": text})
    message["formatType"] = text
    keep(journal, text, message)
    line = line_of(entries(journal)[0], redelivered=False)
    assert json.loads(line)["raw"] == message
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line[:-1])
    assert "\u2028" not in line


def test_a_lone_surrogate_is_kept_and_printed_as_a_replacement(journal: Journal) -> None:
    keep(journal, "b1", alarm(formatType="\ud800x"))
    entry = entries(journal)[0]
    assert entry.raw is not None
    assert json.loads(entry.raw)["formatType"] == "\ud800x"
    assert json.loads(line_of(entry, redelivered=False))["raw"]["formatType"] == "\ufffdx"


def test_numbers_json_does_not_know_become_null(journal: Journal) -> None:
    keep(journal, "b1", {"deviceSerial": "Q1", "alarmData": {"eventType": "VMD", "x": float("nan")}})
    assert events(journal)[0]["raw"]["alarmData"]["x"] is None


def test_numbers_of_any_length_are_kept_whole(journal: Journal) -> None:
    keep(journal, "b1", {"deviceSerial": "Q1", "alarmData": {"eventType": "VMD", "x": 2**70, "y": -(2**63)}})
    assert events(journal)[0]["raw"]["alarmData"] == {"eventType": "VMD", "x": 2**70, "y": -(2**63)}


def test_a_message_of_any_shape_is_kept(journal: Journal) -> None:
    deep: Any = "x"
    for _ in range(3000):
        deep = [deep]
    shapes: list[dict[str, Any]] = [
        {},
        {"alarmData": 5},
        {"alarmData": deep},
        {"messageId": ["a"], "deviceSerial": {}},
    ]
    assert keep(journal, "b1", *shapes).new == 4
    raw = [event["raw"] for event in events(journal)]
    assert raw[:2] == shapes[:2]
    assert raw[2]["alarmData"] == "[" * 3000 + '"x"' + "]" * 3000


# Pictures


def test_pictures_that_come_after_their_alarm_are_joined_and_told(journal: Journal) -> None:
    keep(journal, "b1", alarm(body={"relationId": "r1"}))
    keep(journal, "b2", linkage("r1", "p1", "p2"))
    burglary, link, media = events(journal)
    assert [picture["url"] for picture in burglary["pictures"]] == [PICTURE % "p1", PICTURE % "p2"]
    assert burglary["pictures"] == link["pictures"] == media["pictures"]
    assert (media["type"], media["id"]) == ("media", burglary["id"])


def test_pictures_that_come_before_their_alarm_show_on_it_without_a_line_of_their_own(
    journal: Journal,
) -> None:
    keep(journal, "b1", linkage("r1", "p1"))
    keep(journal, "b2", alarm(body={"relationId": "r1"}))
    link, burglary = events(journal)
    assert link["pictures"] == burglary["pictures"] != []


def test_alarm_and_pictures_of_one_batch_are_joined_without_a_media_line(journal: Journal) -> None:
    keep(
        journal,
        "b1",
        alarm(body={"relationId": "r1"}),
        linkage("r1", "p1"),
        alarm(2, body={"relationId": "r2"}),
    )
    first, _, other = events(journal)
    assert len(first["pictures"]) == 1
    assert other["pictures"] == []


def test_the_media_lines_follow_the_last_picture(journal: Journal) -> None:
    keep(journal, "b1", alarm(body={"relationId": "r1"}), linkage("r1", "p1", "p2"), wants_pictures=True)
    first, second = journal.read(lambda db: due_pictures(db, NOW_MS, (), 9))
    journal.write(lambda db: note_saved(db, first.seq, ["/p/1.jpg", "/p/1-2.jpg"], "", NOW_MS))
    assert len(events(journal)) == 2
    journal.write(lambda db: note_failed(db, second.seq, "gone", NOW_MS, None))
    media = events(journal)[2:]
    assert [event["type"] for event in media] == ["media", "media"]
    assert {event["id"] for event in media} == {event["id"] for event in events(journal)[:2]}
    shown = [(one["state"], one["file"], one["error"]) for one in media[0]["pictures"]]
    assert shown == [("saved", "/p/1.jpg", None), ("saved", "/p/1-2.jpg", None), ("failed", None, "gone")]


def test_a_picture_is_due_again_when_its_pause_is_over(journal: Journal) -> None:
    keep(journal, "b1", linkage("r1", "p1"), wants_pictures=True)
    job = journal.read(lambda db: due_pictures(db, NOW_MS, (), 9))[0]
    journal.write(lambda db: note_failed(db, job.seq, "later", NOW_MS, NOW_MS + 2000))
    assert journal.read(lambda db: due_pictures(db, NOW_MS + 1999, (), 9)) == []
    assert journal.read(lambda db: due_pictures(db, NOW_MS + 2000, (), 9))[0].tries == 1
    assert journal.read(lambda db: due_pictures(db, NOW_MS + 2000, [job.seq], 9)) == []


# Filters


def test_filters_choose_by_type_device_category_text_and_time(journal: Journal) -> None:
    motion = {"eventType": "VMD", "dateTime": "2026-11-20T10:00:00Z", "channelName": "Küche"}
    other = {"formatType": "JSON", "deviceSerial": "E1", "alarmData": json.dumps(motion)}
    keep(journal, "b1", alarm(), other)
    burglary, video = entries(journal)
    assert entries(journal, types=frozenset({"VMD"})) == [video]
    assert entries(journal, devices=frozenset({"Q10254783"})) == [burglary]
    assert entries(journal, categories=frozenset({"video"})) == [video]
    assert entries(journal, text="KÜCHE") == [video]
    day = round(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
    assert entries(journal, since=day) == [burglary]
    assert entries(journal, until=day) == [video]
    assert entries(journal, sites=frozenset({"s1"})) == []


def test_one_event_is_found_by_its_id(journal: Journal) -> None:
    keep(journal, "b1", alarm(), alarm(2))
    wanted = entries(journal)[1]
    assert journal.read(lambda db: read_entry(db, wanted.id)) == wanted
    assert journal.read(lambda db: read_entry(db, "nothing")) is None


def test_unknown_codes_and_types_are_counted_by_name(journal: Journal) -> None:
    strange = alarm(body={"CIDEvent": {"code": 1999}})
    keep(
        journal,
        "b1",
        strange,
        strange,
        alarm(),
        {"deviceSerial": "Q1", "alarmData": '{"eventType": "flood"}'},
    )
    status = journal.read(lambda db: read_status(db, NOW_MS))
    assert status["unknown"] == [{"name": "CID 1999", "count": 2}, {"name": "type flood", "count": 1}]


# The file


def test_the_journal_can_be_read_by_its_owner_alone(journal: Journal, tmp_path: Path) -> None:
    keep(journal, "b1", alarm())
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.glob("journal.db*")}
    assert modes == {0o600}


def test_a_new_journal_keeps_what_it_commits_through_a_power_cut(journal: Journal) -> None:
    assert journal.read(lambda db: db.execute("PRAGMA journal_mode").fetchone()) == ("wal",)
    assert journal._writer.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_old_journal_is_brought_up_to_date_and_keeps_its_alarms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as old:
        keep(old, "b1", alarm())
    step = "ALTER TABLE entry ADD COLUMN note TEXT;\nUPDATE entry SET note='old'"
    monkeypatch.setattr(journal_file, "_MIGRATIONS", (*journal_file._MIGRATIONS, step))
    monkeypatch.setattr(journal_file, "SCHEMA_VERSION", journal_file.SCHEMA_VERSION + 1)
    with pytest.raises(LocalError, match="older hpcli"):
        journal_file.open_for_reading(path)
    with Journal(path) as new:
        assert new.read(lambda db: db.execute("SELECT note FROM entry").fetchall()) == [("old",)]


def test_a_migration_that_fails_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as old:
        keep(old, "b1", alarm())
    steps = (
        *journal_file._MIGRATIONS,
        "ALTER TABLE entry ADD COLUMN note TEXT;\nALTER TABLE nothing ADD COLUMN x",
    )
    with monkeypatch.context() as patched:
        patched.setattr(journal_file, "_MIGRATIONS", steps)
        patched.setattr(journal_file, "SCHEMA_VERSION", len(steps))
        with pytest.raises(LocalError):
            Journal(path)
    with Journal(path) as again:
        assert len(entries(again)) == 1


def test_a_journal_of_a_newer_hpcli_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(LocalError, match="newer hpcli"):
        Journal(path)


def test_a_database_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "addresses.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE person (name TEXT)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(LocalError, match="no alarm journal"):
        Journal(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(LocalError, match="damaged or no journal"):
        Journal(path)
    assert path.read_text().startswith("Dear")


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/share rw shared:5 - nfs4 server:/share rw
31 22 0:41 / /srv/share\\040two/local rw - ext4 /dev/sdb1 rw
32 22 0:42 / /srv/share\\040two rw - cifs //server/two rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv/share/a/journal.db", "nfs4"), ("/srv/share two/journal.db", "cifs")],
)
def test_network_file_systems_are_refused(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    with pytest.raises(LocalError, match=f"network file system.*{kind}"):
        check_file_system(Path(path), mounts)


@pytest.mark.parametrize(
    "path", ["/home/a/journal.db", "/srv/shared/journal.db", "/srv/share two/local/journal.db"]
)
def test_local_file_systems_are_taken(tmp_path: Path, path: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    check_file_system(Path(path), mounts)


def test_a_full_disk_changes_nothing_and_passes(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    pages = journal._ask(lambda: journal._writer.execute("PRAGMA page_count").fetchone()[0])
    journal._ask(lambda: journal._writer.execute(f"PRAGMA max_page_count={pages}").fetchone())
    journal.write_later("fact", lambda db: db.execute("INSERT INTO fact VALUES ('a', 'b')"))
    with pytest.raises(JournalFullError, match="disk is full"):
        keep(journal, "b2", *[alarm(zone) for zone in range(2, 100)])
    assert len(entries(journal)) == 1
    journal._ask(lambda: journal._writer.execute("PRAGMA max_page_count=100000").fetchone())
    assert keep(journal, "b2", *[alarm(zone) for zone in range(2, 100)]).new == 98
    assert journal.read(lambda db: db.execute("SELECT value FROM fact WHERE name='a'").fetchone()) == ("b",)


def test_what_may_wait_is_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.write_later("a", lambda db: db.execute("INSERT INTO fact VALUES ('a', '1')"))
        journal.write_later("a", lambda db: db.execute("INSERT INTO fact VALUES ('a', '2')"))
    with Journal(path) as again:
        assert again.read(lambda db: db.execute("SELECT value FROM fact WHERE name='a'").fetchone()) == ("2",)


def test_a_page_is_read_while_somebody_writes(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    seen: list[int] = []

    def write(_db: sqlite3.Connection) -> None:
        reader = threading.Thread(target=lambda: seen.append(len(entries(journal))))
        reader.start()
        reader.join(timeout=30)

    journal.write(write)
    assert seen == [1]


def test_the_log_does_not_grow_with_what_is_read(journal: Journal, tmp_path: Path) -> None:
    for number in range(150):
        keep(journal, f"b{number}", *[alarm(zone) for zone in range(1, 100)])
        confirm(journal, f"b{number}")
        entries(journal)
    assert (tmp_path / "journal.db-wal").stat().st_size < 20 << 20


# What is kept


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
    from hpcli.alarms.retention import used_bytes

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


# Gaps


class Hands:
    """A clock and a stopwatch that a test moves."""

    def __init__(self) -> None:
        self.time, self.seconds = NOW, 0.0

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.time, lambda: self.seconds)


def test_a_gap_longer_than_the_platform_keeps_messages_is_an_event() -> None:
    hands = Hands()
    watch = Watch(hands.clock, None)
    assert watch.note_poll() is None
    hands.pass_by(7200)
    assert watch.note_poll() is None
    hands.pass_by(7201)
    gap = watch.note_poll()
    assert gap is not None
    assert gap.type == "gap"
    assert "2 h" in gap.body


def test_a_gap_since_an_earlier_run_is_an_event() -> None:
    assert Watch(Hands().clock, NOW - timedelta(hours=3)).note_poll() is not None
    assert Watch(Hands().clock, NOW - timedelta(hours=1)).note_poll() is None


def test_a_clock_that_jumps_is_no_gap() -> None:
    hands = Hands()
    watch = Watch(hands.clock, NOW)
    watch.note_poll()
    hands.time += timedelta(days=3)
    assert watch.note_poll() is None
    hands.time -= timedelta(days=9)
    assert watch.note_poll() is None


# Faults


def test_pauses_double_up_to_a_minute() -> None:
    pace = Pace()
    pauses = [pace.seconds_after(NetworkError("away"), failures) for failures in range(1, 12)]
    assert 0.25 <= pauses[0] <= 0.75
    assert all(45 <= pause <= 75 for pause in pauses[8:])
    assert pauses[3] > pauses[0]


def test_pauses_are_as_long_as_the_platform_asks() -> None:
    error = CallLimitError("too many")
    error.retry_after = 90.0
    assert 90 <= Pace().seconds_after(error, 1) <= 91


def test_another_reader_is_left_alone_for_a_while() -> None:
    assert 20 <= Pace().seconds_after(PlatformError("busy", code="LAP068001"), 7) <= 30


def test_the_same_complaint_is_told_once_and_then_counted() -> None:
    told: list[str] = []
    hands = Hands()
    complaints = Complaints(told.append, lambda: hands.seconds)
    for _ in range(50):
        complaints.add("It is away.")
        complaints.add("It is slow.")
    assert told == ["It is away.", "It is slow."]
    hands.pass_by(601)
    complaints.add("It is away.")
    assert told[2] == "It is away. (50 times more)"
    complaints.sum_up()
    assert told[3:] == ["It is slow. (49 times more)"]
