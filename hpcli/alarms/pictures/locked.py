"""Open the pictures that wait for a key; their files are here already."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hpcli.alarms.journal.pictures import PictureJob, Saved, find_jobs, note_saved, tell_of_pictures
from hpcli.alarms.pictures.saver import remove_superseded

if TYPE_CHECKING:
    from hpcli.alarms.journal.writer import Journal


class Opener(Protocol):
    """Opens pictures whose files were kept: `saver.PictureSaver`."""

    def reopen(self, job: PictureJob) -> Saved | None:
        """Decrypt a picture; None if its file is not there."""


def is_progress(job: PictureJob, saved: Saved) -> bool:
    """Return whether more of a picture's file is saved now than before; if not, remove what was written."""
    if saved.state == "saved" or len(saved.files) > len(job.files):
        return True
    known = {path.resolve() for path in job.files}
    for path in map(Path, saved.files):
        if path not in known:
            path.unlink(missing_ok=True)
    return False


def open_locked(journal: Journal, opener: Opener, pictures: Sequence[int], now: int) -> int:
    """Open pictures that wait for a key, and add the media lines of their events.

    Args:
        journal: records what was opened.
        opener: opens a picture.
        pictures: their numbers.
        now: epoch milliseconds.

    Returns:
        The number of pictures that are open now.

    Raises:
        HpcliError: a key, a file or the journal cannot be used.
    """
    told: list[int] = []
    opened = 0
    try:
        for seq in pictures:
            for job in journal.read(partial(find_jobs, pictures=(seq,))):
                saved = opener.reopen(job)
                if saved is None or not is_progress(job, saved):
                    continue
                journal.write(partial(note_saved, seq=seq, saved=saved, now=now, is_told=True))
                remove_superseded(saved)
                told.append(seq)
                opened += saved.state == "saved"
    finally:
        if told:
            journal.write(partial(tell_of_pictures, pictures=told, now=now))
            journal.tell()
    return opened
