"""The folder where the alarm pipeline stores an account's data: private, on a disk of this computer."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hpcli.errors import LocalError
from hpcli.local.own_folder import OwnFolder, unusable

_NETWORK_TYPES = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs"}
    | {"fuse.sshfs", "glusterfs", "gfs2", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb2"}
    | {"smb3", "smbfs", "vboxsf", "virtiofs", "webdav", "fuse.davfs"}
)
_MOUNTS = Path("/proc/self/mountinfo")
_REMOTE_DRIVE = 4


def make_account_folder(folder: Path) -> None:
    """Create an account's folder, readable by its owner only.

    Raises:
        LocalError: it cannot be created.
    """
    try:
        OwnFolder(folder.parent.parent, (folder.parent.name, folder.name)).make()
    except OSError as error:
        raise unusable(folder, error, "created", "Choose another folder with HPCLI_STATE_DIR.") from error


def check_file_system(path: Path, mounts: Path = _MOUNTS) -> None:
    """Refuse a folder of another computer: SQLite's log and locks are not reliable there.

    Args:
        path: a file; it need not exist.
        mounts: the system's list of mounts (Linux).

    Raises:
        LocalError: it lies on a network file system.
    """
    kind = _network_type(path.expanduser().resolve(), mounts)
    if kind is not None:
        raise LocalError(
            f"The journal cannot be on a network file system: {path} is on {kind}.",
            hint="Choose a file on a local disk with --journal PATH, or a folder with HPCLI_STATE_DIR.",
        )


def _network_type(path: Path, mounts: Path) -> str | None:
    """Return the type of the network file system that holds a path, None if it is local or unknown."""
    if sys.platform == "win32":
        import ctypes

        if str(path).startswith("\\\\"):
            return "a network share"
        drive = ctypes.windll.kernel32.GetDriveTypeW(path.anchor)
        return "a network drive" if drive == _REMOTE_DRIVE else None
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    found = _mount_type(path, lines)
    return found if found in _NETWORK_TYPES else None


def _mount_type(path: Path, lines: list[str]) -> str | None:
    """Return the file system type of the innermost mount around a path (proc(5), mountinfo)."""
    best: tuple[int, str] | None = None
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = _unescaped(fields[4])
        if path.is_relative_to(point) and (best is None or len(point) >= best[0]):
            best = (len(point), after.split(" ", 1)[0])
    return None if best is None else best[1]


def _unescaped(text: str) -> str:
    """Undo the octal escapes of blanks in mountinfo."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def make_private_file(path: Path) -> None:
    """Create an empty file with mode 0600 unless the file exists.

    Raises:
        OSError: it cannot be created.
    """
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(path, flags, 0o600))


def close_to_others(path: Path) -> None:
    """Remove the rights that other users have to a file.

    Raises:
        OSError: this user may not change it.
    """
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)
