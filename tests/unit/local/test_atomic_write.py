"""Files written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hpcli.local.atomic_write import replace_file


@pytest.mark.parametrize(("keeps_mode", "mode"), [(False, 0o600), (True, 0o644)])
def test_a_replaced_file_is_private_unless_it_shall_keep_its_mode(
    tmp_path: Path, *, keeps_mode: bool, mode: int
) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    path.chmod(0o644)
    replace_file(path, b"new", keeps_mode=keeps_mode)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)


@pytest.mark.parametrize("keeps_mode", [False, True])
def test_a_link_is_replaced_and_its_target_stays(tmp_path: Path, *, keeps_mode: bool) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o666)
    link = tmp_path / "link"
    link.symlink_to("real")
    replace_file(link, b"new", keeps_mode=keeps_mode)
    assert not link.is_symlink()
    assert (link.read_bytes(), stat.S_IMODE(link.stat().st_mode)) == (b"new", 0o600)
    assert (tmp_path / "real").read_bytes() == b"old"


def test_a_failure_leaves_the_old_content_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "kept"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]
    assert path.read_bytes() == b"old"
