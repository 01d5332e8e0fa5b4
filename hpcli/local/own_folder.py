"""The folders of hpcli (config, cache, state) and their files: the only way to open what is ours.

A file is reached through its folder: no link is followed below the folder that the settings name, and only regular
files of this user are used. So another user of this computer can neither read nor overwrite anything, not even where
the folder was made by hand with loose rights. Folders have mode 0700 and files 0600, whatever the umask; rights that
are too wide are taken back.

On Windows, paths are used instead: new files inherit the access list of the user's profile folder, to the same effect.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hpcli.errors import LocalError
from hpcli.local.locks import KeptFile, KeptLock, Lock, lock_file

_HAS_MODES = os.name == "posix"
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# Opening a FIFO would wait for its other end.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_LARGEST = 64 << 20
_OTHERS = 0o077
_OTHERS_WRITE = 0o022
# Folders of the system, such as /var/lib: never take rights from everybody else there.
_PARTS_OF_SYSTEM_FOLDERS = 3
_WERE_OPEN: set[Path] = set()
"""Folders that others could write until this run took the right from them."""


class UnsafeFileError(PermissionError):
    """A file or folder that another user could have written.

    Args:
        reason: why it is refused.
        hint: what to do.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(errno.EPERM, reason)
        self.hint = hint


def unusable(path: Path, error: OSError, done: str, hint: str | None = None) -> LocalError:
    """Return the error of a file that cannot be used; the hint of an unsafe one says how to correct it.

    Args:
        path: of the file.
        error: why.
        done: `read` or `written`.
        hint: what to do in all other cases.
    """
    reason = error.strerror or type(error).__name__
    return LocalError(
        f"{path} cannot be {done}: {reason}.",
        hint=f"{error.hint}." if isinstance(error, UnsafeFileError) else hint,
    )


def was_open_to_others(folder: Path) -> bool:
    """Return whether other users can write a folder, or could until this run corrected it."""
    if not _HAS_MODES:
        return False
    return folder.absolute() in _WERE_OPEN or bool(folder.stat().st_mode & _OTHERS_WRITE)


class _Place(NamedTuple):
    """An open folder: its descriptor, None on Windows, and its path."""

    number: int | None
    path: Path

    def name(self, name: str) -> str:
        """Return what to give to a function of `os` beside `dir_fd`."""
        return str(self.path / name) if self.number is None else name


class OwnFolder(NamedTuple):
    """A folder of hpcli; all methods raise OSError, and its subclass `UnsafeFileError`.

    Args:
        top: the folder that the settings name; it may be a link.
        names: folders below it, none of which may be a link.
    """

    top: Path
    names: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Its path."""
        return self.top.joinpath(*self.names)

    def below(self, *names: str) -> "OwnFolder":
        """Return a folder in it."""
        return OwnFolder(self.top, (*self.names, *names))

    def make(self) -> None:
        """Create it with its parents, or correct its rights."""
        with self._opened(makes=True):
            pass

    def read(self, name: str, *, owners: frozenset[int] = frozenset(), others_may_read: bool = True) -> bytes:
        """Return the content of a file.

        Args:
            name: of the file.
            owners: users beside this one to whom it may belong.
            others_may_read: whether the rights of a file that others can read are accepted.
        """
        with self._opened() as place:
            number = _open(place, name, os.O_RDONLY, owners)
            with os.fdopen(number, "rb") as file:
                if _HAS_MODES and not others_may_read and os.fstat(number).st_mode & 0o044:
                    raise UnsafeFileError("other users can read it", f"chmod 600 {place.path / name}")
                content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise OSError(errno.EFBIG, "it is too large")
        return content

    def open(self, name: str, flags: int) -> int:
        """Return the descriptor of a file, created where `flags` say so; the folder is created if missing."""
        with self._opened(makes=True) as place:
            return _open(place, name, flags)

    def replace(self, name: str, content: bytes) -> None:
        """Write a file completely or not at all; whatever has its name, such as a link, is replaced."""
        with self._opened(makes=True) as place:
            replace_in(place, name, content)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        with contextlib.suppress(FileNotFoundError), self._opened() as place:
            os.unlink(place.name(name), dir_fd=place.number)

    def lock(self, name: str, *, timeout: float, poll: float = 0.05) -> Lock:
        """Return a lock on a file; see `locks.lock_file`."""
        return lock_file(
            self.path / name,
            timeout=timeout,
            poll=poll,
            open_file=(lambda: self.open(name, os.O_RDWR | os.O_CREAT)) if _HAS_MODES else None,
        )

    def kept_lock(self, name: str, *, timeout: float, poll: float) -> Lock:
        """Return a lock on a file that stays open, where the system has such; see `locks.KeptLock`."""
        if not _HAS_MODES:
            return self.lock(name, timeout=timeout, poll=poll)
        return KeptLock(self.path / name, timeout, poll, lambda: self.open(name, os.O_RDWR | os.O_CREAT))

    def kept_file(self, name: str) -> KeptFile:
        """Return a file to read and write that stays open; it is created with the folder when it is used."""
        return KeptFile(self.path / name, lambda: self.open(name, os.O_RDWR | os.O_CREAT))

    def remove_leftovers(self, *names: str) -> None:
        """Remove the temporary copies of files that a killed process left, but none that is being written."""
        with contextlib.suppress(OSError), self._opened() as place:
            prefixes = tuple(f".{name}." for name in names)
            here = place.path if place.number is None else place.number
            for entry in os.listdir(here):  # noqa: PTH208 - pathlib takes no descriptor
                if entry.startswith(prefixes):
                    _remove_abandoned(place, entry)

    @contextlib.contextmanager
    def _opened(self, *, makes: bool = False) -> Iterator[_Place]:
        if not _HAS_MODES:
            if makes:
                self.path.mkdir(parents=True, exist_ok=True)
            yield _Place(None, self.path)
            return
        number = _open_top(self.top, makes=makes)
        try:
            path = self.top
            for name in self.names:
                path = path / name
                deeper = _open_below(number, path, makes=makes)
                os.close(number)
                number = deeper
            yield _Place(number, self.path)
        finally:
            os.close(number)


@contextlib.contextmanager
def open_place(folder: Path) -> Iterator[_Place]:
    """Open a folder of the user for `replace_in`; nothing about it is checked."""
    if not _HAS_MODES:
        yield _Place(None, folder)
        return
    number = os.open(folder, _FOLDER)
    try:
        yield _Place(number, folder)
    finally:
        os.close(number)


def replace_in(place: _Place, name: str, content: bytes, mode: int = 0o600) -> None:
    """Write a file in an open folder under a temporary name and rename it.

    The temporary file is locked until it has its name, so that `remove_leftovers` knows it from one that a killed
    process left.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    temporary = f".{name}.{os.urandom(4).hex()}"
    number = os.open(
        place.name(temporary),
        os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | getattr(os, "O_BINARY", 0),
        0o600,
        dir_fd=place.number,
    )
    try:
        try:
            _hold(number)
            if _HAS_MODES:
                os.fchmod(number, mode)
            rest = memoryview(content)
            while rest:  # a full disk may take a part
                rest = rest[os.write(number, rest) :]
            os.fsync(number)
            if _HAS_MODES:
                _rename(place, temporary, name)
        finally:
            os.close(number)
        if not _HAS_MODES:  # Windows renames no open file
            _rename(place, temporary, name)
    finally:  # renamed on success; still there after an error or a signal
        with contextlib.suppress(OSError):
            os.unlink(place.name(temporary), dir_fd=place.number)


def _rename(place: _Place, old: str, new: str) -> None:
    os.replace(place.name(old), place.name(new), src_dir_fd=place.number, dst_dir_fd=place.number)


def _hold(number: int) -> None:
    """Lock a file that is being written; raises OSError if another process has it."""
    if _HAS_MODES:
        import fcntl

        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_abandoned(place: _Place, name: str) -> None:
    """Remove a temporary file unless a process is writing it."""
    if not _HAS_MODES:
        return
    import fcntl

    with contextlib.suppress(OSError):
        number = _open(place, name, os.O_RDONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name, dir_fd=place.number)
        finally:
            os.close(number)


def _open(place: _Place, name: str, flags: int, owners: frozenset[int] = frozenset()) -> int:
    """Open a file in a folder, without following a link and without waiting.

    Raises:
        UnsafeFileError: it belongs to another user, or others can write it.
        OSError: it is not a regular file, or cannot be opened.
    """
    path = place.path / name
    try:
        number = os.open(place.name(name), flags | _NO_FOLLOW | _NO_WAIT, 0o600, dir_fd=place.number)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnsafeFileError("it is a link", f"Put the file itself at {path}") from error
        if error.errno == errno.ENXIO:  # a FIFO that nobody reads
            raise OSError(errno.EINVAL, "it is not a regular file") from error
        raise
    try:
        _check_file(number, path, owners, is_changing=bool(flags & os.O_CREAT))
    except BaseException:
        os.close(number)
        raise
    return number


def _check_file(number: int, path: Path, owners: frozenset[int], *, is_changing: bool) -> None:
    status = os.fstat(number)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if not _HAS_MODES:
        return
    _check_owner(status, path, owners)
    if is_changing and stat.S_IMODE(status.st_mode) != 0o600:
        os.fchmod(number, 0o600)
    elif status.st_mode & _OTHERS_WRITE:
        raise UnsafeFileError("other users can change it", f"chmod go-w {path}")


def _check_owner(status: os.stat_result, path: Path, owners: frozenset[int]) -> None:
    me = os.geteuid()
    if status.st_uid != me and status.st_uid not in owners:
        raise UnsafeFileError(
            f"it belongs to another user (uid {status.st_uid})",
            f"If you trust its content: sudo chown {me} {path}",
        )


def _open_top(path: Path, *, makes: bool) -> int:
    """Open the folder that the settings name; create it with mode 0700 if wanted."""
    try:
        number = os.open(path, _FOLDER)
    except FileNotFoundError:
        if not makes:
            raise
        _make_parents(path)
        number = os.open(path, _FOLDER)
    try:
        _repair(number, path, is_named=True)
    except BaseException:
        os.close(number)
        raise
    return number


def _make_parents(path: Path) -> None:
    whole = path.absolute()
    missing = [one for one in (whole, *whole.parents) if not one.exists()]
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process made it meanwhile
            folder.mkdir(mode=0o700)
            folder.chmod(0o700)  # mkdir heeds the umask


def _open_below(number: int, path: Path, *, makes: bool) -> int:
    flags, name = _FOLDER | _NO_FOLLOW, path.name
    try:
        deeper = os.open(name, flags, dir_fd=number)
    except FileNotFoundError:
        if not makes:
            raise
        with contextlib.suppress(FileExistsError):  # another process made it meanwhile
            os.mkdir(name, 0o700, dir_fd=number)
            os.chmod(name, 0o700, dir_fd=number)
        deeper = os.open(name, flags, dir_fd=number)
    try:
        _repair(deeper, path, is_named=False)
    except BaseException:
        os.close(deeper)
        raise
    return deeper


def _repair(number: int, path: Path, *, is_named: bool) -> None:
    """Take from other users the rights to one of our folders.

    Args:
        number: the open folder.
        path: of it, for messages.
        is_named: the settings name it; it may then be one of root's, or a folder with other things in it, such as
            the home or one of the system, which everybody may still read.

    Raises:
        UnsafeFileError: it belongs to another user, or others can write it.
    """
    status = os.fstat(number)
    _check_owner(status, path, frozenset({0} if is_named else ()))
    if not status.st_mode & _OTHERS or (is_named and status.st_mode & stat.S_ISVTX):
        return
    if status.st_uid != os.geteuid():
        if status.st_mode & _OTHERS_WRITE:
            raise UnsafeFileError("other users can change it", f"chmod go-w {path}")
        return
    whole = path.absolute()
    has_other_things = is_named and (
        len(whole.parts) <= _PARTS_OF_SYSTEM_FOLDERS or whole == Path("~").expanduser()
    )
    wanted = status.st_mode & ~(_OTHERS_WRITE if has_other_things else _OTHERS)
    if status.st_mode & _OTHERS_WRITE:
        _WERE_OPEN.add(whole)
    try:
        os.fchmod(number, stat.S_IMODE(wanted))
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
