"""Files the user asked for."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from hpcli.errors import LocalError
from hpcli.local.files import write_whole


def test_a_new_file_is_its_owners_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.xml", b"<a/>")
    assert [path.name for path in tmp_path.iterdir()] == ["a.xml"]
    assert stat.S_IMODE((tmp_path / "a.xml").stat().st_mode) == 0o600


def test_a_file_that_is_there_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", 0o640)


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, b"data")
    reader.join(20)
    assert read == [b"data"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["", "file/below", "x" * 300, "folder of a typo/a.xml"])
def test_what_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(LocalError):
        write_whole(tmp_path / name, b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_told() -> None:
    with pytest.raises(LocalError) as caught:
        write_whole(Path("/dev/full"), b"data")
    assert "No space" in caught.value.message
