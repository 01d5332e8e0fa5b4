"""No room under the journal: nothing is confirmed, the tail says so, waits, and goes on when there is room.

A full disk is a small tmpfs in a mount namespace of the tail (`unshare`), which an ordinary user may have where the
system allows it; a limit on the size of files (RLIMIT_FSIZE) needs nobody's leave.
"""

from __future__ import annotations

import random
import resource
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from hpcli.sandbox import control
from tests.soak.feed import Feed
from tests.soak.stage import Stage, wait_until
from tests.soak.verdict import await_end, check, is_all_printed

NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
_DISK_MEBIBYTES = 48
"""Room for four times 4,200 messages and SQLite's log of 16 MiB."""

_SMALLEST_FILE = 1 << 20
_POLLS = "POST /api/hpcgw/v1/mq/messages"
_STARVED_SECONDS = 2.0
_NOTICE = "Alarms wait on the platform until there is space."


def can_mount() -> bool:
    """Return whether this user may mount a tmpfs in a namespace."""
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return done.returncode == 0


def fill_disk(folder: Path, rng: random.Random, *, times: int, messages: int) -> str:
    """Fill the disk under the journal and make room again."""
    disk = (folder / "disk").resolve()
    with Stage(folder) as stage:
        disk.mkdir()
        feed = Feed(stage.state, rng, twins=0.05)
        mount = f'mount -t tmpfs -o size={_DISK_MEBIBYTES}m none "$0" && exec "$@"'
        inside_of = (*NAMESPACE, "sh", "-c", mount, str(disk))
        with stage.tail(journal=disk / "journal.db", before=inside_of) as process:
            inside = Path(f"/proc/{process.pid}/root") / disk.relative_to("/")
            for _ in range(times):
                feed.put(messages)
                _await_end_inside(stage, feed, inside)
                _fill(inside / "filler")
                _watch_starving(stage, feed, messages)
                (inside / "filler").unlink()
                _await_end_inside(stage, feed, inside)
        return f"disk full, {times} times: {check(stage, feed, most_warnings=2 * times)}"


def limit_files(folder: Path, rng: random.Random, *, times: int, messages: int) -> str:
    """Forbid the tail to write beyond the first MiB of a file and allow it again."""
    with Stage(folder) as stage:
        feed = Feed(stage.state, rng, twins=0.05)
        with stage.out.open("ab") as out:
            printer = subprocess.Popen(
                ["cat"], stdin=subprocess.PIPE, stdout=out
            )  # the limit is the tail's alone
        assert printer.stdin is not None
        with stage.tail(stdout=printer.stdin) as process:
            printer.stdin.close()
            for _ in range(times):
                feed.put(messages)
                await_end(stage, feed)
                _limit_files_of(process.pid, _SMALLEST_FILE)
                _watch_starving(stage, feed, messages)
                _limit_files_of(process.pid, resource.RLIM_INFINITY)
                await_end(stage, feed)
        printer.wait()
        return f"files limited, {times} times: {check(stage, feed, most_warnings=2 * times)}"


def _watch_starving(stage: Stage, feed: Feed, messages: int) -> None:
    """Let messages come that have no room, and look on."""
    feed.put(messages)
    wait_until(lambda: _NOTICE in stage.errors.read_text(), "it says that there is no room")
    wait_until(lambda: feed.waiting > 0 and _stands_still(stage, feed), "it neither confirms nor polls on")


def _stands_still(stage: Stage, feed: Feed) -> bool:
    before = feed.waiting, _polls(stage)
    time.sleep(_STARVED_SECONDS)  # that nothing happens shows only over time
    return (feed.waiting, _polls(stage)) == before


def _polls(stage: Stage) -> int:
    return control.statistics(stage.state)["requests"][_POLLS]


def _limit_files_of(pid: int, size: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _fill(file: Path) -> None:
    """Write until nothing goes on the disk any more."""
    with file.open("ab", buffering=0) as filler:
        for size in (1 << 20, 4096, 1):
            try:
                while filler.write(bytes(size)):
                    continue
            except OSError:
                continue


def _await_end_inside(stage: Stage, feed: Feed, disk: Path) -> None:
    """Wait as `await_end` does; SQLite would follow the link out of the namespace, so it looks at a copy."""
    wait_until(lambda: feed.waiting == 0, "everything is confirmed")

    def is_printed() -> bool:
        for name in ("journal.db-wal", "journal.db"):
            with suppress(FileNotFoundError):  # the log goes when it is empty
                shutil.copyfile(disk / name, stage.folder / name)
        return is_all_printed(stage.journal)

    wait_until(is_printed, "everything is printed", every=0.3)
