"""`hpcli alarms audit`, `count`, `hold`, `release`, `export`, `backup`, `restore`, `erase`."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.journal.batches import note_outage
from hpcli.alarms.journal.chain import check_chain
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.proof import backup
from hpcli.alarms.tail.reader_lock import hold_reader_lock
from hpcli.errors import LocalError
from hpcli.parse import epoch_milliseconds, utc_text
from tests.support.archives import damaged
from tests.support.journal_messages import alarm, confirm, entries, keep
from tests.support.runner import Result, Run

NOW = datetime.now(UTC)
Read = Callable[..., Any]


@pytest.fixture
def folder(run: Run, home: Path) -> Path:
    """Return the account's folder, with a journal of three alarms, two of them old."""
    done(run, "alarms", "subscribe", "--all", "--yes")
    (found,) = (home / ".local/state/hpcli/alarms").iterdir()
    with Journal(found / "journal.db") as journal:
        keep(journal, "b1", alarm(1), alarm(2), received=NOW - timedelta(days=500))
        keep(journal, "b2", alarm(3, messageId="third"), received=NOW - timedelta(hours=1))
        confirm(journal, "b1")
        confirm(journal, "b2")
        journal.write(lambda db: db.execute("INSERT OR REPLACE INTO output VALUES ('stdout', 99, 1)"))
    return found


def done(run: Run, *arguments: str) -> Result:
    """Run a command that has to succeed."""
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


@pytest.fixture
def ids(run: Run, folder: Path) -> list[str]:
    """Return the ids of the three alarms."""
    return done(run, "alarms", "history", "-o", "ids").stdout.split()


def change(folder: Path, statement: str) -> None:
    with Journal(folder / "journal.db") as journal:
        journal.write(lambda db: db.execute(statement))


def test_an_audit_of_a_whole_journal_finds_nothing(run: Run, folder: Path) -> None:
    result = run("alarms", "audit", "-o", "json")
    assert result.exit_code == 0, result.stderr
    assert (result.json["received"], result.json["confirmed"], result.json["problems"]) == (3, 3, [])
    assert result.json["chain"]["entries"] == 3
    assert result.json["outputs"][0]["waiting"] == 0


def test_an_audit_counts_only_its_time(run: Run, folder: Path) -> None:
    assert run("alarms", "audit", "--since", "2d", "-o", "json").json["received"] == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE entry SET raw=replace(raw, '1103', '1401') WHERE seq=2", "breaks at entry 2"),
        ("DELETE FROM entry WHERE seq=3", "the last entries are missing"),
        ("UPDATE batch SET confirmed=0 WHERE id='b2'", "not confirmed to the platform: 1"),
        ("UPDATE output SET position=2", "waited for stdout"),
        ("UPDATE entry SET type='gap' WHERE seq=1", "1 gap"),
    ],
)
def test_an_audit_that_finds_something_ends_with_10(
    run: Run, folder: Path, statement: str, said: str
) -> None:
    change(folder, statement)
    result = run("alarms", "audit")
    assert (result.exit_code, said in result.stderr) == (10, True), result.stderr


def test_an_outage_and_a_pruning_are_only_reported(run: Run, folder: Path) -> None:
    with Journal(folder / "journal.db") as journal:
        journal.write(
            lambda db: note_outage(db, (NOW - timedelta(hours=2), NOW - timedelta(hours=1), "test"))
        )
    done(run, "alarms", "prune", "--older", "400d", "--yes")
    result = run("alarms", "audit", "-o", "json")
    assert (result.exit_code, result.json["outages"][0]["seconds"]) == (0, 3600)
    assert [one["count"] for one in result.json["removed"]] == [2]
    assert result.json["chain"]["whole"]


def test_a_head_that_was_noted_proves_that_nothing_changed(run: Run, folder: Path, tmp_path: Path) -> None:
    noted = tmp_path / "head.json"
    noted.write_text(done(run, "alarms", "audit", "-o", "json").stdout)
    assert (
        done(run, "alarms", "audit", "--anchor", str(noted), "-o", "json").json["anchor"]["outcome"]
        == "right"
    )
    seq = json.loads(noted.read_text())["head"]["seq"]
    noted.write_text(f"{seq} {'0' * 64}\n")
    result = run("alarms", "audit", "--anchor", str(noted))
    assert (result.exit_code, "not the one that was noted" in result.stderr) == (10, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "{}",
        "3 xyz",
        "three " + "0" * 64,
        "[1]",
        '{"head": 4}',
        '{"seq": 1e999, "link": ""}',
        '{"a":' * 2000,
    ],
)
def test_an_anchor_that_is_none_is_refused(run: Run, folder: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "head").write_text(text)
    result = run("alarms", "audit", "--anchor", str(tmp_path / "head"))
    assert (result.exit_code, "holds no anchor" in result.stderr) == (2, True)


def test_a_held_event_outlives_pruning_until_it_is_released(run: Run, folder: Path, ids: list[str]) -> None:
    done(run, "alarms", "hold", ids[0], "--reason", "police report")
    done(run, "alarms", "prune", "--older", "400d", "--yes")
    assert run("alarms", "history", "-o", "ids").stdout.split() == [ids[0], ids[2]]
    audit = done(run, "alarms", "audit", "-o", "json").json
    assert audit["held"] == [{"id": ids[0], "reason": "police report", "until": None}]
    done(run, "alarms", "release", ids[0])
    done(run, "alarms", "prune", "--older", "400d", "--yes")
    assert run("alarms", "history", "-o", "ids").stdout.split() == [ids[2]]


def test_a_hold_that_is_over_holds_nothing(run: Run, folder: Path, ids: list[str]) -> None:
    done(run, "alarms", "hold", ids[0], "--reason", "x", "--until", "2099-01-01")
    change(folder, "UPDATE hold SET until=1")
    done(run, "alarms", "prune", "--older", "400d", "--yes")
    assert run("alarms", "history", "-o", "ids").stdout.split() == [ids[2]]


def test_a_hold_may_last_for_so_long(run: Run, folder: Path, ids: list[str]) -> None:
    done(run, "alarms", "hold", ids[0], "--reason", "x", "--until", "30d")
    (held,) = done(run, "alarms", "audit", "-o", "json").json["held"]
    assert timedelta(days=29) < datetime.fromisoformat(held["until"]) - NOW < timedelta(days=31)
    assert run("alarms", "hold", ids[0], "--reason", "x", "--until", "2099-01-01T00:00:00Z").exit_code == 0


def test_an_unknown_event_is_not_held(run: Run, folder: Path, ids: list[str]) -> None:
    result = run("alarms", "hold", ids[0], "nothing", "--reason", "x")
    assert (result.exit_code, "no event 'nothing'" in result.stderr) == (4, True)
    assert run("alarms", "audit", "-o", "json").json["held"] == []


def test_alarms_are_counted_by_what_is_asked(run: Run, folder: Path) -> None:
    rows = done(run, "alarms", "count", "--by", "device,code", "-o", "json").json
    assert rows == [{"device": "Q10254783", "code": 1103, "count": 3}]
    recent = done(
        run, "alarms", "count", "--by", "month", "--month", f"{NOW - timedelta(hours=1):%Y-%m}", "-o", "json"
    )
    assert [row["count"] for row in recent.json] == [1]


@pytest.mark.parametrize("arguments", [("--by", "colour"), ("--by", "site", "--month", "2026-13")])
def test_a_count_by_nothing_known_is_refused(run: Run, folder: Path, arguments: tuple[str, ...]) -> None:
    assert run("alarms", "count", *arguments).exit_code == 2


def test_a_case_file_holds_the_event_and_can_be_checked(
    run: Run, folder: Path, ids: list[str], tmp_path: Path
) -> None:
    target = tmp_path / "case.zip"
    done(run, "alarms", "export", ids[0], "third", "--to", str(target))
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        sums = [line.split("  ") for line in archive.read("SHA256SUMS").decode().splitlines()]
        assert {name for _, name in sums} == names - {"SHA256SUMS"}
        for digest, name in sums:
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        chain = json.loads(archive.read("chain.json"))
        message = archive.read("events/third/message.json")
        assert chain["events"]["third"]["digest"] == hashlib.sha256(message).hexdigest()
        report = archive.read("report.html").decode()
        assert "Burglary" in report
        assert not set('{}[]"') & set(report.partition("</style>")[2]), "a report is for people"
    again = run("alarms", "export", ids[0], "--to", str(target))
    assert (again.exit_code, "exists" in again.stderr) == (11, True)


def test_a_report_shows_markup_of_devices_as_text(run: Run, folder: Path, tmp_path: Path) -> None:
    with Journal(folder / "journal.db") as journal:
        body = {"channelName": "<script>x</script>", "triggerTime": "2026-01-22T15:30:12+02:00"}
        keep(journal, "b3", alarm(4, messageId="m", body=body))
    done(run, "alarms", "export", "m", "--to", str(tmp_path / "case.zip"))
    with zipfile.ZipFile(tmp_path / "case.zip") as archive:
        report = archive.read("report.html").decode()
    assert "<script>" not in report
    assert "2026-01-22 15:30:12 (UTC+02:00) <span class='small'>2026-01-22 13:30:12 UTC</span>" in report


def test_a_backup_becomes_the_journal_again(run: Run, folder: Path, ids: list[str], tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    change(
        folder, f"INSERT OR REPLACE INTO fact (name, value) VALUES ('last-poll', {epoch_milliseconds(NOW)})"
    )
    done(run, "alarms", "backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    change(folder, "DELETE FROM entry WHERE seq=2")
    done(run, "alarms", "restore", str(file), "--yes")
    with Journal(folder / "journal.db") as journal:
        restored = entries(journal)
        assert [entry.id for entry in restored[:3]] == ids
        assert [entry.type for entry in restored[3:]][:1] == ["restore"]
        assert [f"Alarms read after {utc_text(NOW)} are missing" in one.body for one in restored[3:]] == [
            False,
            True,
        ]
        assert restored[3].seq > 1_000_000
        assert journal.read(check_chain).broken is None
    assert list(folder.glob("journal-before-*.db"))


def test_a_restored_journal_is_another_one(run: Run, folder: Path, tmp_path: Path) -> None:
    done(run, "alarms", "backup", str(tmp_path / "b.zip"))

    def identity() -> Any:
        with Journal(folder / "journal.db") as journal:
            return journal.read(lambda db: db.execute("SELECT value FROM fact WHERE name='uuid'").fetchone())

    before = identity()
    restored = done(run, "alarms", "restore", str(tmp_path / "b.zip"), "--yes")
    assert "Start the tail and outputs again" in restored.stderr
    assert before is not None
    assert identity() != before


def test_nothing_is_restored_while_a_reader_runs(run: Run, folder: Path, tmp_path: Path) -> None:
    done(run, "alarms", "backup", str(tmp_path / "b.zip"))
    with hold_reader_lock(folder, None):
        result = run("alarms", "restore", str(tmp_path / "b.zip"), "--yes")
    assert (result.exit_code, "being read by" in result.stderr) == (11, True)


def test_what_is_no_backup_is_refused(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("nothing")
    result = run("alarms", "restore", str(tmp_path / "b.zip"), "--yes")
    assert (result.exit_code, "not a backup" in result.stderr) == (11, True)


@pytest.mark.parametrize("name", ["backup.json", "journal.db"])
def test_a_damaged_backup_is_refused_and_the_journal_stays(
    run: Run, folder: Path, ids: list[str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "b.zip"
    done(run, "alarms", "backup", str(file))
    file.write_bytes(damaged(file.read_bytes(), name))
    result = run("alarms", "restore", str(file), "--yes")
    assert (result.exit_code, "or it is damaged" in result.stderr) == (11, True)
    with Journal(folder / "journal.db") as journal:
        assert [entry.id for entry in entries(journal)] == ids


def test_erasing_takes_message_and_text_and_leaves_the_chain_whole(
    run: Run, folder: Path, ids: list[str], tmp_path: Path
) -> None:
    done(run, "alarms", "export", ids[0], "--to", str(tmp_path / "case.zip"))
    result = done(run, "alarms", "erase", "--before", "400d", "--yes")
    assert "case.zip may still hold them" in result.stderr
    event = done(run, "alarms", "show", ids[0], "-o", "json").json
    assert (event["text"], event["raw"], event["device"]) == ("Erased", None, None)
    audit = done(run, "alarms", "audit", "-o", "json").json
    assert (audit["erased"], audit["chain"]["whole"]) == (2, True)
    assert run("alarms", "show", "third", "-o", "json").json["device"] == "Q10254783"


def test_erasing_a_person_finds_escaped_names(run: Run, folder: Path) -> None:
    with Journal(folder / "journal.db") as journal:
        keep(journal, "b3", alarm(4, messageId="m", body={"CIDEvent": {"code": 3401, "userName": "Jörg"}}))
    done(run, "alarms", "erase", "--person", "jörg", "--yes")
    assert done(run, "alarms", "show", "m", "-o", "json").json["text"] == "Erased"


def test_held_events_are_not_erased(run: Run, folder: Path, ids: list[str]) -> None:
    done(run, "alarms", "hold", ids[0], "--reason", "x")
    result = done(run, "alarms", "erase", "--before", "400d", "--yes")
    assert "1 held event will stay" in result.stderr
    assert run("alarms", "show", ids[0], "-o", "json").json["raw"] is not None


def test_erasing_nothing_named_is_refused(run: Run, folder: Path) -> None:
    assert run("alarms", "erase", "--yes").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("erase", "--person", "", "--device", "Q10254783", "--yes"),
        ("erase", "--person", " ", "--yes"),
        ("hold", "third", "--reason", " "),
        ("hold", "third", "--reason", "x", "--until", "9999-12-31"),
        ("prune", "--older", "", "--yes"),
        ("count", "--by", "site", "--month", "9999-12"),
        ("count", "--by", "site", "--since", "1h", "--until", "2h"),
        ("audit", "--since", "1h", "--until", "2h"),
        ("status", "--fail-on", f"waiting={'9' * 5000}"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_what_says_nothing_is_refused_and_changes_nothing(
    run: Run, folder: Path, arguments: tuple[str, ...]
) -> None:
    result = run("alarms", *arguments)
    assert (result.exit_code, result.stderr.count("\n") <= 2) == (2, True), result.stderr
    assert done(run, "alarms", "audit", "-o", "json").json["erased"] == 0


def test_a_case_file_is_private_and_appears_whole_or_not_at_all(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "case.zip"
    done(run, "alarms", "export", "third", "--to", str(there))
    assert stat.S_IMODE(there.stat().st_mode) == 0o600 or os.name != "posix"
    there.write_text("mine")
    assert run("alarms", "export", "third", "--to", str(there)).exit_code == 11
    assert there.read_text() == "mine"

    def fill(*_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("hpcli.alarms.proof.case_file.make_report", fill)
    result = run("alarms", "export", "third", "--to", str(tmp_path / "full.zip"))
    assert (result.exit_code, "No space left" in result.stderr) == (11, True)
    assert [path.name for path in tmp_path.glob("*.zip")] == ["case.zip"]
    assert list(tmp_path.glob(".export*")) == []


def test_a_backup_on_a_full_disk_is_one_clear_error(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backup, "_copy_journal", fill)
    with pytest.raises(LocalError, match="disk is full"):
        backup.write_backup(folder / "journal.db", folder / "pictures", tmp_path / "b.zip", NOW)
    assert [*tmp_path.glob("b.zip"), *tmp_path.glob(".backup*")] == []


@pytest.mark.skipif(os.name != "posix", reason="it has named pipes")
def test_a_pipe_is_no_backup(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "b.zip")
    with pytest.raises(LocalError, match="not a file"), backup.opened_backup(tmp_path / "b.zip"):
        pass
