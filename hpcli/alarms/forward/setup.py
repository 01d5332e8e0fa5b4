"""Make an output ready to send: read the files that its configuration names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from hpcli.alarms.forward.config import OutputConfig
from hpcli.alarms.forward.kind import Notes, NotesInMemory, Setup
from hpcli.alarms.forward.loader import check_library
from hpcli.alarms.forward.outcome import Outcome
from hpcli.errors import UsageError
from hpcli.local.private_files import read_private_file, read_text_file, unreadable
from hpcli.masking import remember_secrets
from hpcli.stop import Stop

_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)")
FileMarks = tuple[tuple[Path, tuple[int, int, int] | None], ...]
"""Files with what changes when they are written anew: inode, time and size; None for one that cannot be found."""

_SPLIT = re.compile(r"[ \t,;=]+")


def mark_files(config: OutputConfig) -> FileMarks:
    """Return the state of the files that a configuration names."""
    return tuple((path, _mark(path)) for path in config.files)


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size


def make_setup(
    config: OutputConfig,
    *,
    notes: Notes | None = None,
    log: Callable[[str], None] = lambda _line: None,
    note_link: Callable[[Outcome], None] = lambda _outcome: None,
    stop: Stop | None = None,
    environment: Mapping[str, str] | None = None,
) -> Setup:
    """Return what a sender is made from, checked as far as that is possible without a connection.

    Args:
        config: of the output.
        notes: what it remembers; in memory without.
        log: takes a line for the user.
        note_link: takes the outcome of a link test.
        stop: set when it shall end.
        environment: of this process, for the commands that are run.

    Raises:
        UsageError: a file does not hold what it should, or the kind refuses the configuration.
        LocalError: a file cannot be read, other users can read it, or a library is missing.
    """
    check_library(config.kind)
    setup = Setup(
        name=config.name,
        to=config.to,
        options=config.options,
        secret=_secret(config, "secret-file"),
        key=_secret(config, "key-file"),
        headers=_headers(config.headers),
        seconds=config.seconds,
        accounts=_accounts(config.paths.get("account-map")),
        notes=notes or NotesInMemory(),
        log=log,
        note_link=note_link,
        stop=stop or Stop(),
        environment=environment or {},
    )
    config.kind.check(setup)
    return setup


def _read(path: Path) -> str:
    try:
        return read_private_file(path, group_may_read=True)
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.") from error


def _secret(config: OutputConfig, key: str) -> str:
    if key not in config.paths:
        return ""
    lines = [line.strip() for line in _read(config.paths[key]).splitlines() if line.strip()]
    if len(lines) != 1 or not lines[0].isprintable():
        raise UsageError(f"{config.paths[key]} does not hold one line.")
    remember_secrets({"password": lines[0]})
    return lines[0]


def _headers(paths: tuple[Path, ...]) -> Mapping[str, str]:
    found = {}
    for path in paths:
        for number, line in enumerate(_read(path).splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            match = _HEADER.fullmatch(line.rstrip())
            if match is None or not match[2].isascii() or not match[2].isprintable():
                raise UsageError(f"Line {number} of {path} is not a header.", hint="Write Name: value.")
            remember_secrets({"password": match[2]})
            found[match[1]] = match[2]
    return found


def _accounts(path: Path | None) -> Mapping[str, str]:
    """Return account numbers by serial from lines of `SERIAL ACCOUNT`."""
    if path is None:
        return {}
    try:
        lines = read_text_file(path).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(unreadable(path, error)) from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        parts = _SPLIT.split(text)
        if len(parts) != 2:
            raise UsageError(f"Line {number} of {path} is not `SERIAL ACCOUNT`.")
        if parts[0].upper() in found:
            raise UsageError(f"Line {number} of {path} names {parts[0]} again.")
        found[parts[0].upper()] = parts[1]
    return found
