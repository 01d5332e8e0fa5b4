"""Decode what the first edition decoded again while a tail runs, without holding up the reading of alarms."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from hpcli.alarms.journal.renewal import Knowledge, count_old, renew_chunk
from hpcli.alarms.journal.schema import JournalFullError
from hpcli.plurals import quantity

if TYPE_CHECKING:
    from hpcli.alarms.journal.writer import Journal

_PAUSE_SECONDS: Final = 0.05
"""Between two chunks, so that alarms that arrive are stored in between."""

_FULL_SECONDS: Final = 60.0
_END_SECONDS: Final = 5.0


@contextmanager
def renewing(
    journal: Journal,
    known: Callable[[], Knowledge],
    warn: Callable[[str], None],
    full_seconds: float = _FULL_SECONDS,
) -> Iterator[None]:
    """Decode the entries of an older journal again, in a separate thread, while the block runs; the rest waits.

    Args:
        journal: the journal.
        known: returns what entries are decoded with.
        warn: shows a line to the user.
        full_seconds: pause after the disk was full.
    """
    waiting = journal.read(count_old)
    if not waiting:
        yield
        return
    warn(f"{quantity(waiting, 'event')} stored by an older hpcli will be decoded again in the background.")
    is_ending = threading.Event()
    work = partial(_renew_safely, journal, known, warn, is_ending, full_seconds)
    thread = threading.Thread(target=work, name="renewal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_ending.set()
        thread.join(_END_SECONDS)


def _renew_safely(
    journal: Journal,
    known: Callable[[], Knowledge],
    warn: Callable[[str], None],
    is_ending: threading.Event,
    full_seconds: float,
) -> None:
    """Work until the end; a full disk is a pause, and any other fault ends this work alone."""
    is_full = False
    pause = 0.0
    while not is_ending.wait(pause):
        try:
            if not journal.write(lambda db: renew_chunk(db, known())):
                return
            pause, is_full = _PAUSE_SECONDS, False
        except JournalFullError as error:
            if not is_full:
                warn(f"{error.message} Older alarms are decoded again once there is room.")
            pause, is_full = full_seconds, True
        except Exception as error:  # noqa: BLE001 - alarms that arrive matter more than this work
            warn(f"Older alarms could not be decoded again ({type(error).__name__}); they stay as they are.")
            return
