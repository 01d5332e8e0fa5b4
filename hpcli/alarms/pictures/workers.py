"""Workers that fetch pictures: a few at a time, each with a limited number of tries, without delaying an alarm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from hpcli.alarms.clock import Clock
from hpcli.alarms.journal.pictures import (
    DuePicture,
    PictureJob,
    due_pictures,
    find_jobs,
    locked_pictures,
    note_failed,
    note_original,
    note_saved,
)
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.pictures.locked import open_locked
from hpcli.alarms.pictures.orphans import remove_orphans
from hpcli.alarms.pictures.saver import NoteOriginal, remove_superseded
from hpcli.alarms.pictures.turns import Turns
from hpcli.backoff import Backoff
from hpcli.errors import CallLimitError, HpcliError, LocalError, NetworkError, PictureError

if TYPE_CHECKING:
    from pathlib import Path

    from hpcli.alarms.journal.pictures import Saved

BACKOFF: Final = Backoff((2.0, 10.0, 30.0, 120.0, 600.0, 1800.0))
"""The last try follows the last pause; the platform keeps a picture's link for two hours (§3.36)."""

_LOOK_SECONDS: Final = 1.0
_AT_ONCE: Final = 8
_PER_DEVICE: Final = 2
"""Of the pictures fetched at once: three slow devices leave two for the others."""


class Saver(Protocol):
    """Saves one picture: `saver.PictureSaver`."""

    @property
    def folder(self) -> Path:
        """Where pictures are saved."""

    def save(self, job: PictureJob, note_original: NoteOriginal) -> Saved:
        """Save it; raises HpcliError."""

    def reopen(self, job: PictureJob) -> Saved | None:
        """Open a picture whose file was kept; raises HpcliError."""


@dataclass
class PictureWorkers:
    """Fetches the due pictures of a journal, in separate threads.

    Args:
        journal: lists the due pictures and stores the results.
        saver: saves one picture.
        warn: shows a warning to the user.
        clock: the time.
        at_once: pictures fetched at the same time.
        backoff: pauses between tries; one try for each of its steps.
        unwritten: numbers of the pictures that this computer could not write, kept up to date.
        turns: whose picture is next.
    """

    journal: Journal
    saver: Saver
    warn: Callable[[str], None]
    clock: Clock
    at_once: int = _AT_ONCE
    backoff: Backoff = BACKOFF
    unwritten: set[int] = field(default_factory=set)
    turns: Turns = field(default_factory=lambda: Turns(_PER_DEVICE))
    _faulty: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_stopping: bool = False

    def start(self) -> None:
        """Start the threads; they end with the process."""
        threading.Thread(target=self._finish_earlier, name="earlier pictures", daemon=True).start()
        for number in range(self.at_once):
            threading.Thread(target=self._run, name=f"picture {number + 1}", daemon=True).start()

    def stop(self) -> None:
        """Start no further picture; those in progress are fetched again at the next start."""
        self._is_stopping = True
        self.journal.tell()

    def _finish_earlier(self) -> None:
        """Remove what a killed process left, and open what waits for a key that was stored while no tail ran."""
        try:
            remove_orphans(self.journal.read, self.saver.folder)
            pictures = self.journal.read(locked_pictures)
            open_locked(self.journal, self.saver, pictures, self.clock.milliseconds)
        except HpcliError as error:
            self.warn(f"Earlier pictures: {error}")
        except Exception as error:  # noqa: BLE001 - the tail goes on; the pictures stay as they are
            self.warn(f"Earlier pictures: a fault of hpcli ({type(error).__name__}). Please report it.")

    def _run(self) -> None:
        seen = self.journal.changes
        while not self._is_stopping:
            if not self._fetch_one():
                seen = self.journal.wait_for_change(seen, _LOOK_SECONDS)

    def _fetch_one(self) -> bool:
        """Fetch the next picture that is due; return False to wait before the next one, whatever the reason."""
        due: DuePicture | None = None
        try:
            due = self._take()
            if due is not None:
                self._save(due.seq)
        except LocalError as error:
            self.warn(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - the thread must go on
            return due is not None and self._give_up(due.seq, error)
        finally:
            if due is not None:
                with self._lock:
                    self.turns.end(due)
        return due is not None

    def _take(self) -> DuePicture | None:
        with self._lock:
            due = self.journal.read(lambda db: due_pictures(db, self.clock.milliseconds))
            return self.turns.begin(one for one in due if one.seq not in self._faulty)

    def _give_up(self, seq: int, error: Exception) -> bool:
        """Count a picture as failed that hpcli has a fault with; return whether it could be recorded."""
        name = type(error).__name__
        self.warn(f"A picture could not be saved: a fault of hpcli ({name}). Please report it.")
        self._faulty.add(seq)
        reason = f"A fault of hpcli ({name}); please report it with the raw message."
        try:
            self.journal.write(
                partial(note_failed, seq=seq, error=reason, now=self.clock.milliseconds, again=None)
            )
        except Exception as failure:  # noqa: BLE001 - as above; it stays due for the next run
            self.warn(f"A picture could not be recorded ({type(failure).__name__}).")
            return False
        self.journal.tell()
        return True

    def _save(self, seq: int) -> None:
        for job in self.journal.read(lambda db: find_jobs(db, (seq,))):
            try:
                saved = self._try(job)
            except HpcliError as error:
                self._note_failed(job, error)
            else:
                self._note_saved(job, saved)
            self.journal.tell()

    def _try(self, job: PictureJob) -> Saved:
        """Save a picture; whatever goes wrong that nobody thought of costs this picture only."""

        def keep(path: str, digest: str) -> None:
            self.journal.write(partial(note_original, seq=job.seq, path=path, digest=digest))

        try:
            return self.saver.save(job, keep)
        except HpcliError:
            raise
        except Exception as error:
            name = type(error).__name__
            raise PictureError(
                f"A fault of hpcli ({name}); please report it with the raw message."
            ) from error

    def _note_saved(self, job: PictureJob, saved: Saved) -> None:
        self.unwritten.discard(job.seq)
        self.journal.write(partial(note_saved, seq=job.seq, saved=saved, now=self.clock.milliseconds))
        remove_superseded(saved)
        if saved.problem:
            self.warn(f"{_subject(job, saved)}: {saved.problem}{_advice(job, saved)}")

    def _note_failed(self, job: PictureJob, error: HpcliError) -> None:
        again = self._next_try(job, error)
        if again is None or isinstance(error, LocalError):
            self._tell_failed(job, error, is_last=again is None)
        self.journal.write(
            partial(note_failed, seq=job.seq, error=error.message, now=self.clock.milliseconds, again=again)
        )

    def _tell_failed(self, job: PictureJob, error: HpcliError, *, is_last: bool) -> None:
        if isinstance(error, LocalError):  # not the fault of this picture: the next ones would fail too
            self.unwritten.add(job.seq)
            what_next = "`hpcli alarms retry-pictures` saves them." if is_last else "They are tried again."
            self.warn(f"{error.message} {what_next} The alarms are complete.")
            return
        self.warn(f"A picture of {_owner(job)} could not be saved: {error}")

    def _next_try(self, job: PictureJob, error: HpcliError) -> int | None:
        """Return when a picture is tried again, None if that would not help or no try is left."""
        may_pass = getattr(
            error, "is_retryable", isinstance(error, NetworkError | CallLimitError | LocalError)
        )
        if not may_pass or job.tries >= len(self.backoff.steps):
            return None
        seconds = self.backoff.seconds_after(job.tries + 1, error.retry_after)
        return self.clock.milliseconds + round(seconds * 1000)


def _owner(job: PictureJob) -> str:
    return job.device or "an unknown device"


def _subject(job: PictureJob, saved: Saved) -> str:
    outcome = "is locked" if saved.is_locked else "could not be opened; its file is kept"
    return f"A picture of {_owner(job)} {outcome}"


def _advice(job: PictureJob, saved: Saved) -> str:
    """Return advice for a picture that needs its device's key."""
    if not saved.is_locked or not job.device:
        return ""
    return f" `hpcli auth device-key set {job.device}` stores its key and opens what waits for it."
