"""Picture files are private, whole, safely named and never replace one another."""

import os
import resource
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcli.alarms.pictures.files import new_picture, picture_path, remove_leftovers
from hpcli.errors import LocalError


def path_of(folder: Path, **changes: str) -> Path:
    parts = {
        "time": "2026-11-22T14:30:12+01:00",
        "serial": "Q03110476",
        "event_id": "a1b2c3",
        "extension": "jpg",
    }
    return picture_path(folder, number=1, **(parts | changes))


def save(path: Path, data: bytes) -> Path:
    with new_picture(path) as picture:
        picture.write(data)
    return picture.path


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_picture_is_named_after_its_event(tmp_path: Path) -> None:
    assert path_of(tmp_path) == tmp_path / "2026-11-22" / "Q03110476_143012_a1b2c3_1.jpg"


@pytest.mark.parametrize(
    ("serial", "event_id"),
    [
        ("../../etc/passwd", "x"), ("a/b\\c", "d:e"), ("CON", "NUL"), ("", ""), ("\0\n\x1b[31m", "\u202e"),
        ("…", ".."), ("Q" * 500, "i" * 500), (" Q03 ", "$(reboot)"), ("-rf", "*?<>|'"),
    ],
)  # fmt: skip
def test_what_devices_send_cannot_leave_its_place_in_the_name(
    serial: str, event_id: str, tmp_path: Path
) -> None:
    path = save(path_of(tmp_path, serial=serial, event_id=event_id, extension="../j"), b"picture")
    assert path.parent == tmp_path / "2026-11-22"
    assert set(path.name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    assert not path.name.startswith((".", "-"))
    assert path.stem.split(".")[0].upper() not in {"CON", "NUL", "AUX", "PRN", "COM1", "LPT1"}
    assert len(path.name) < 200
    assert path.read_bytes() == b"picture"


@given(serial=st.text(), event_id=st.text(), time=st.text(), extension=st.text())
def test_any_text_makes_a_name_in_the_folder(serial: str, event_id: str, time: str, extension: str) -> None:
    path = path_of(Path("pictures"), serial=serial, event_id=event_id, time=time, extension=extension)
    assert len(path.parts) == 3
    assert path.name.isascii()
    assert path.name.isprintable()


def test_a_time_nobody_can_read_makes_a_folder_of_its_own(tmp_path: Path) -> None:
    assert path_of(tmp_path, time="yesterday") == tmp_path / "undated" / "Q03110476_000000_a1b2c3_1.jpg"


def test_files_and_new_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = save(path_of(tmp_path / "new" / "pictures"), b"picture")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_is_there_until_the_picture_is_whole(tmp_path: Path) -> None:
    path = path_of(tmp_path)
    with new_picture(path) as picture:
        picture.write(b"half")
        assert not path.exists()
        picture.write(memoryview(b" and half"))
    assert path.read_bytes() == b"half and half"
    assert files_in(tmp_path) == [str(path.relative_to(tmp_path))]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_picture_that_was_not_finished_leaves_nothing(error: type[BaseException], tmp_path: Path) -> None:
    def begin_a_picture() -> None:
        with new_picture(path_of(tmp_path)) as picture:
            picture.write(b"half")
            raise error

    with pytest.raises(error):
        begin_a_picture()
    assert files_in(tmp_path) == []


def test_a_different_picture_is_never_overwritten_and_the_same_kept_once(tmp_path: Path) -> None:
    path = path_of(tmp_path)
    assert [save(path, data).name for data in (b"one", b"two", b"one", b"two", b"six")] == [
        "Q03110476_143012_a1b2c3_1.jpg",
        "Q03110476_143012_a1b2c3_1-2.jpg",
        "Q03110476_143012_a1b2c3_1.jpg",
        "Q03110476_143012_a1b2c3_1-2.jpg",
        "Q03110476_143012_a1b2c3_1-3.jpg",
    ]
    assert path.read_bytes() == b"one"
    assert len(files_in(tmp_path)) == 3


def test_many_writers_of_one_name_lose_nothing(tmp_path: Path) -> None:
    pictures = [bytes([number]) * 1000 for number in range(12)]
    threads = [threading.Thread(target=save, args=(path_of(tmp_path), data)) for data in pictures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((tmp_path / name).read_bytes() for name in files_in(tmp_path)) == pictures


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size: what a full disk looks like to the one who writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room_is_an_error_of_this_computer_and_leaves_nothing(tmp_path: Path) -> None:
    with room_for(100_000), pytest.raises(LocalError, match="Cannot write the picture") as caught:
        save(path_of(tmp_path), bytes(200_000))
    assert caught.value.exit_code == 11
    assert files_in(tmp_path) == []


def test_a_file_where_a_folder_should_be_is_an_error_of_this_computer(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file")
    with pytest.raises(LocalError, match="Cannot write the picture"):
        save(path_of(tmp_path / "pictures"), b"picture")


def test_leftovers_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    kept = save(path_of(tmp_path), b"picture")
    leftover = kept.with_name(".old.part")
    leftover.write_bytes(b"half")
    for path in (kept, leftover):
        os.utime(path, (100.0, 100.0))
    with new_picture(path_of(tmp_path, serial="Q2")) as being_written:
        being_written.write(b"half")
        remove_leftovers(tmp_path, before=200.0)
        assert not leftover.exists()
        being_written.write(b"whole")
    assert being_written.path.read_bytes() == b"halfwhole"
    assert files_in(tmp_path) == sorted(
        str(path.relative_to(tmp_path)) for path in (kept, being_written.path)
    )
    remove_leftovers(tmp_path / "missing", before=200.0)
