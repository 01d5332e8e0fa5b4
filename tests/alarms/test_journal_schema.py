"""The journal as a file: its rights and versions, full disks, readers beside the writer."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest

from hpcli.alarms.journal import full_disk
from hpcli.alarms.journal import schema as journal_file
from hpcli.alarms.journal.folder import check_file_system
from hpcli.alarms.journal.schema import JournalFullError, open_for_reading
from hpcli.alarms.journal.writer import Journal
from hpcli.errors import LocalError
from tests.support.journal_messages import alarm, confirm, entries, keep


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
        Journal(path)
    journal_file.open_for_reading(path).close()
    with Journal(path, upgrades=True) as new:
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
        with pytest.raises(LocalError, match="cannot be used"):
            Journal(path, upgrades=True)
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
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(LocalError, match="not an alarm journal"):
        Journal(path)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (before, 0o644)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    path.chmod(0o644)
    with pytest.raises(LocalError, match="not an alarm journal"):
        Journal(path)
    assert (path.read_text()[:4], path.stat().st_mode & 0o777) == ("Dear", 0o644)


def test_a_database_that_is_broken_behind_its_beginning_is_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with pytest.raises(LocalError, match="damaged or not a journal"):
        Journal(path)


def test_a_journal_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal(path).close()
    path.chmod(0o644)
    Journal(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


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
    body = {"note": "x" * 32_000}  # without a limit the log would have 27 MB
    for number in range(40):
        keep(journal, f"b{number}", *[alarm(zone, body=body) for zone in range(20)])
        confirm(journal, f"b{number}")
        entries(journal)
    assert (tmp_path / "journal.db-wal").stat().st_size < 20 << 20


def test_a_closed_journal_leaves_no_connection_open_and_can_still_be_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    has_read, is_closed = threading.Event(), threading.Event()
    seen: list[int] = []

    def outlive(journal: Journal) -> None:
        seen.append(len(entries(journal)))
        has_read.set()
        is_closed.wait(timeout=30)
        seen.append(len(entries(journal)))

    with Journal(path) as journal:
        keep(journal, "b1", alarm())
        reader = threading.Thread(target=outlive, args=(journal,))
        reader.start()
        assert has_read.wait(timeout=30)
    # SQLite takes the log away when the last connection is closed.
    assert [file.name for file in tmp_path.iterdir()] == ["journal.db"]
    is_closed.set()
    reader.join(timeout=30)
    assert seen == [1, 1]


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_journal_without_room_for_its_shared_file_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_killed: bool
) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.write(lambda db: db.execute("INSERT INTO fact VALUES ('a', '1')"))
        kept = path.with_name("kept.db"), path.with_name("kept.db-wal")
        copyfile(path, kept[0])
        copyfile(path.with_name("journal.db-wal"), kept[1])
    if is_killed:
        for file, copy in zip((path, path.with_name("journal.db-wal")), kept, strict=True):
            copyfile(copy, file)
        assert kept[1].stat().st_size
    monkeypatch.setattr(full_disk, "_can_share", lambda _name: False)
    name = full_disk.readable_name(path, "file:journal.db?mode=ro")
    assert name == "file:journal.db?mode=ro&immutable=1"
    with closing(open_for_reading(path, is_once=True)) as db:
        assert db.execute("SELECT value FROM fact WHERE name='a'").fetchone() == ("1",)
    assert list(tmp_path.glob("journal.db-shm")) == []
