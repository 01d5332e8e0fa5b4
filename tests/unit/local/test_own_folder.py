"""Files of ours: reached through their folder, no link followed, only regular files of this user, private rights."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hpcli.local.own_folder import OwnFolder, UnsafeFileError
from tests.support.platform_server import Platform
from tests.support.runner import Runner

NOBODY = 65534


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_folders_and_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    folder = OwnFolder(tmp_path / "new" / "cache", ("account",))
    folder.replace("token.json", b"x")
    with folder.lock("lock", timeout=1):
        os.close(folder.open("calls", os.O_WRONLY | os.O_CREAT))
    for path in (tmp_path / "new", tmp_path / "new/cache", folder.path):
        assert mode(path) == 0o700, path
    assert {path.name: mode(path) for path in folder.path.iterdir()} == dict.fromkeys(
        ("token.json", "lock", "calls"), 384
    )


@pytest.mark.parametrize("rights", [0o755, 0o770, 0o777, 0o701])
def test_rights_of_others_to_a_folder_are_taken_back(tmp_path: Path, rights: int) -> None:
    for path in (tmp_path / "cache", tmp_path / "cache/account"):
        path.mkdir()
        path.chmod(rights)
    OwnFolder(tmp_path / "cache", ("account",)).make()
    assert mode(tmp_path / "cache") == mode(tmp_path / "cache/account") == 0o700


def test_a_shared_folder_keeps_its_rights_and_what_is_below_is_private(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    OwnFolder(tmp_path / "tmp", ("account",)).make()
    assert mode(tmp_path / "tmp") == 0o1777
    assert mode(tmp_path / "tmp/account") == 0o700


def test_the_home_is_never_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    OwnFolder(tmp_path / "home", ("account",)).make()
    assert mode(tmp_path / "home") == 0o755


def make_fifo(path: Path, _other: Path) -> None:
    os.mkfifo(path)


def make_link(path: Path, other: Path) -> None:
    path.symlink_to(other)


def make_folder(path: Path, _other: Path) -> None:
    path.mkdir()


def make_device(path: Path, _other: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero


def make_writable(path: Path, _other: Path) -> None:
    path.write_bytes(b"{}")
    path.chmod(0o620)


def make_foreign(path: Path, _other: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    path.write_bytes(b"{}")
    os.chown(path, NOBODY, NOBODY)


ODD: tuple[Callable[[Path, Path], None], ...] = (
    *(make_fifo, make_link, make_folder, make_device, make_writable, make_foreign),
)


@pytest.mark.parametrize("make", ODD)
def test_only_a_regular_file_of_this_user_is_read(tmp_path: Path, make: Callable[[Path, Path], None]) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"kept")
    make(tmp_path / "file", other)
    with pytest.raises(OSError, match=r"it is|it belongs|other users"):
        OwnFolder(tmp_path).read("file")


@pytest.mark.parametrize("make", [odd for odd in ODD if odd is not make_folder])
def test_whatever_has_its_name_is_replaced_and_never_written_through(
    tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"kept")
    make(tmp_path / "file", other)
    OwnFolder(tmp_path).replace("file", b"new")
    assert OwnFolder(tmp_path).read("file") == b"new"
    assert other.read_bytes() == b"kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "other"]


@pytest.mark.parametrize("make", [make_fifo, make_link, make_folder, make_foreign])
def test_a_file_that_is_changed_in_place_is_never_somebody_elses(
    tmp_path: Path, make: Callable[[Path, Path], None]
) -> None:
    other = tmp_path / "other"
    make(tmp_path / "file", other)
    with pytest.raises(OSError, match=r"it is|it belongs|Is a directory"):
        OwnFolder(tmp_path).open("file", os.O_WRONLY | os.O_CREAT)
    with pytest.raises(OSError, match=r"it is|it belongs|Is a directory"):
        OwnFolder(tmp_path).lock("file", timeout=0).acquire()
    assert not other.exists()


def test_no_link_is_followed_below_the_folder_of_the_settings(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/account").symlink_to(victim)
    folder = OwnFolder(tmp_path / "cache", ("account",))
    for act in (folder.make, lambda: folder.replace("token.json", b"x"), lambda: folder.read("token.json")):
        with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
            act()
    assert list(victim.iterdir()) == []


def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives folders away")
    (tmp_path / "cache/account").mkdir(parents=True)
    os.chown(tmp_path / "cache/account", NOBODY, NOBODY)
    with pytest.raises(UnsafeFileError, match="belongs to another user"):
        OwnFolder(tmp_path / "cache", ("account",)).replace("token.json", b"x")
    os.chown(tmp_path / "cache", NOBODY, NOBODY)
    with pytest.raises(UnsafeFileError, match="belongs to another user"):
        OwnFolder(tmp_path / "cache").make()


def test_what_a_killed_process_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    folder = OwnFolder(tmp_path)
    program = (
        "import os, sys, signal, pathlib; from hpcli.local.own_folder import OwnFolder\n"
        "os.fsync = lambda _number: os.kill(os.getpid(), signal.SIGKILL if sys.argv[2] == 'die' else signal.SIGSTOP)\n"
        "OwnFolder(pathlib.Path(sys.argv[1])).replace('credentials.json', b'a secret')"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert subprocess.run([*command, "die"], check=False).returncode == -signal.SIGKILL
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"a secret"]
    left = next(tmp_path.iterdir()).name
    with subprocess.Popen([*command, "stop"]) as writing:
        os.waitid(os.P_PID, writing.pid, os.WSTOPPED | os.WNOWAIT)
        folder.remove_leftovers("credentials.json", "config.toml")
        names = [path.name for path in tmp_path.iterdir()]
        writing.send_signal(signal.SIGCONT)
    assert len(names) == 1
    assert names != [left]
    assert folder.read("credentials.json") == b"a secret"


@pytest.mark.parametrize("name", [".credentials.json.ab12cd34", ".config.toml.x7"])
def test_the_next_command_and_logout_remove_copies_of_secrets(
    hpcli: Runner, platform: Platform, home: Path, name: str
) -> None:
    given = (
        "auth",
        "login",
        "--app-key",
        platform.app_key,
        "--base-url",
        platform.base_url,
        "--secret-stdin",
    )
    hpcli(*given, "--insecure-storage", stdin=platform.secret_key)
    config = home / ".config/hpcli"
    (config / name).write_text(platform.secret_key)
    assert hpcli("explain", "LAP500004").exit_code == 0
    assert not (config / name).exists()
    hpcli("site", "list")
    token = next((home / ".cache/hpcli").rglob("token.json"))
    copies = [config / name, token.with_name(".token.json.ab12cd34")]
    for copy in copies:
        copy.write_text("a copy")
    assert hpcli("auth", "logout").exit_code == 0
    assert not any(copy.exists() for copy in copies)


SECOND_USER = """
import os, sys
from pathlib import Path
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for folder in map(Path, sys.argv[1:]):
    for path in [folder, *folder.rglob("*")]:
        for what, act in (("r", os.O_RDONLY), ("w", os.O_WRONLY)):
            try:
                os.close(os.open(path, act))
            except OSError:
                continue
            print(what, path)
    for name in ("planted", "config.toml", "places.json"):
        try:
            os.symlink("/etc/passwd", folder / name)
            print("planted", folder / name)
        except OSError:
            pass
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can act as a second user")
def test_a_second_user_can_neither_read_nor_plant_anything(
    hpcli: Runner, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real user ids: root uses hpcli, under the worst umask and in folders open to all; nobody looks."""
    shared = Path("/tmp") / f"hpcli-two-users-{os.getpid()}"
    shared.mkdir(mode=0o755)
    folders = {kind: shared / kind for kind in ("config", "cache", "state")}
    try:
        for folder in folders.values():
            folder.mkdir()
            folder.chmod(0o777)
        environment = {
            **platform.environment,
            **{f"HPCLI_{kind.upper()}_DIR": str(folder) for kind, folder in folders.items()},
        }
        monkeypatch.chdir(tmp_path)
        before = os.umask(0)
        for command in (
            ("config", "set", "output", "plain"),
            ("site", "list"),
            ("person", "add", "--employee-no", "7", "--family-name", "A", "--given-name", "B"),
            ("alarms", "subscribe", "--all"),
            ("alarms", "tail", "--limit", "1", "--for", "1s"),
            ("device", "otap", "profile", "Q10254783"),
        ):
            assert hpcli(*command, environment=environment).exit_code == 0, command
        os.umask(before)
        found = subprocess.run(
            [sys.executable, "-c", SECOND_USER, *map(str, folders.values())],
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout == ""
        assert len([path for path in shared.rglob("*") if path.is_file()]) > 5
    finally:
        shutil.rmtree(shared)
