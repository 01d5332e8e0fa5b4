"""The stand-in on a full disk, in an unusable folder, and with something else in the place of its file."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcli.errors import LocalError
from hpcli.sandbox import APP_KEY, SECRET_KEY, control, server
from hpcli.sandbox.state import seed
from hpcli.sandbox.state.state_file import make_private
from hpcli.sandbox.state.store import Store
from tests.support.runner import Runner


@contextlib.contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_state_that_cannot_be_filled_is_one_clear_error(tmp_path: Path) -> None:
    with full_disk(64 << 10), pytest.raises(LocalError, match=r"sandbox\.db cannot be used: "):
        seed.open_state(tmp_path / "sandbox.db")
    seed.open_state(tmp_path / "sandbox.db").close()


def test_a_disk_that_is_full_later_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    seed.open_state(path).close()
    with full_disk(1024):
        for use in (lambda: control.trigger(path, "burglary"), lambda: server.start(path).close()):
            with pytest.raises(LocalError, match="cannot be used: "):
                use()


def test_a_disk_that_becomes_full_is_an_answer_with_a_code_until_there_is_room(
    tmp_path: Path, hpcli: Runner
) -> None:
    with server.start(tmp_path / "sandbox.db") as sandbox:
        account = {
            "HPCLI_BASE_URL": sandbox.base_url,
            "HPCLI_APP_KEY": APP_KEY,
            "HPCLI_SECRET_KEY": SECRET_KEY,
        }
        assert hpcli("site", "list", environment=account).exit_code == 0
        with full_disk(1024):
            whole = socket.create_connection(("127.0.0.1", int(sandbox.base_url.rpartition(":")[2])))
            with whole, whole.makefile("rb") as answer:
                whole.sendall(b"POST /api/hpcgw/v1/site/search HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
                assert b" 500 " in answer.readline()
                while answer.readline().strip():
                    continue
                assert answer.read1().startswith(
                    b'{"errorCode":"LAP000000","message":"The sandbox\'s state /'
                )
            failed = hpcli("site", "list", environment=account)
        assert failed.exit_code == 1, failed.stderr
        assert "sandbox.db cannot be used: " in failed.stderr
        assert "Traceback" not in failed.stderr
        assert hpcli("site", "list", environment=account).exit_code == 0


def test_a_folder_that_cannot_be_used_ends_with_11(hpcli: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = hpcli(
        "sandbox", "trigger", "burglary", environment={"HPCLI_STATE_DIR": str(tmp_path / "file" / "x")}
    )
    assert result.exit_code == 11
    assert "sandbox.db cannot be used: Not a directory." in result.stderr
    assert "itself failed" not in result.stderr


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_only_a_regular_file_is_used(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sandbox.db"
    if kind == "link":
        path.symlink_to(tmp_path / "other")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(LocalError, match=r"sandbox\.db cannot be used: "):
        seed.open_state(path)
    assert not (tmp_path / "other").exists()


def test_file_and_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        seed.open_state(tmp_path / "a" / "b" / "sandbox.db").close()
    finally:
        os.umask(old)
    modes = [(tmp_path / part).stat().st_mode & 0o777 for part in ("a", "a/b", "a/b/sandbox.db")]
    assert modes == [0o700, 0o700, 0o600]


LOOK = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


@pytest.mark.process
def test_a_second_look_at_the_file_keeps_the_locks_on_it(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    make_private(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE t (x)")
        db.execute("BEGIN EXCLUSIVE")
        make_private(path)
        # The locks of a process do not bind itself: only another one sees them.
        other = subprocess.run(
            [sys.executable, "-c", LOOK, path], capture_output=True, text=True, check=False
        )
        assert "database is locked" in other.stderr


def test_devices_are_offline_since_the_same_moment_whenever_it_is_asked(tmp_path: Path) -> None:
    with Store(tmp_path / "sandbox.db") as store:
        store.make_tables()
        assert [store.first_asked(now) for now in (1000.0, 5000.0)] == [1000.0, 1000.0]
