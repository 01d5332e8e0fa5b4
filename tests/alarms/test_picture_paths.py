"""Paths of pictures in the journal are relative to it, and old absolute ones are found after a move."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.alarms.journal.picture_paths import journal_folder, real_path, stored_path
from hpcli.alarms.journal.pictures import Saved, note_saved
from hpcli.alarms.journal.writer import Journal
from tests.support.journal_messages import NOW_MS, due_jobs, events, keep, linkage


def test_new_rows_are_relative_and_shown_as_absolute_paths(journal: Journal, tmp_path: Path) -> None:
    keep(journal, "b1", linkage("r1", "p1"), wants_pictures=True)
    (job,) = due_jobs(journal, NOW_MS)
    file, original = tmp_path / "pictures" / "day" / "a.jpg", tmp_path / "pictures" / "day" / "a.enc"
    saved = Saved((str(file), "/elsewhere/b.jpg"), ("1", "2"), original=str(original))
    journal.write(lambda db: note_saved(db, job.seq, saved, NOW_MS))
    stored = journal.read(lambda db: db.execute("SELECT files, original FROM picture").fetchone())
    assert stored == ('["pictures/day/a.jpg", "/elsewhere/b.jpg"]', "pictures/day/a.enc")
    shown = events(journal)[0]["pictures"]
    assert [picture["file"] for picture in shown] == [str(file), "/elsewhere/b.jpg"]
    assert [picture["sha256"] for picture in shown] == ["1", "2"]
    assert {picture["original"] for picture in shown} == {str(original)}


def test_a_journal_in_memory_has_no_folder() -> None:
    with Journal(None) as journal:
        assert journal.read(journal_folder) is None
    assert stored_path(None, "/a/b.jpg") == "/a/b.jpg"
    assert real_path(None, "/a/b.jpg") == Path("/a/b.jpg")


@pytest.mark.parametrize("old", ["/tmp/j1/alarms/x/pictures/day/a.jpg", "/pictures/x/pictures/day/a.jpg"])
def test_an_absolute_path_of_before_is_found_beside_the_moved_journal(tmp_path: Path, old: str) -> None:
    moved = tmp_path / "pictures" / "day" / "a.jpg"
    assert real_path(tmp_path, old) == Path(old)
    moved.parent.mkdir(parents=True)
    moved.write_bytes(b"x")
    assert real_path(tmp_path, old) == moved


def test_a_copied_journal_uses_its_own_pictures(tmp_path: Path) -> None:
    for home in ("old", "new"):
        path = tmp_path / home / "account" / "pictures" / "a.jpg"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    old = tmp_path / "old" / "account" / "pictures" / "a.jpg"
    assert real_path(tmp_path / "new" / "account", str(old)) == tmp_path / "new/account/pictures/a.jpg"


def test_an_absolute_path_that_is_still_right_is_believed(tmp_path: Path) -> None:
    for path in (tmp_path / "pictures" / "a.jpg", tmp_path / "other" / "pictures" / "a.jpg"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    assert (
        real_path(tmp_path, str(tmp_path / "other" / "pictures" / "a.jpg"))
        == tmp_path / "other/pictures/a.jpg"
    )
