"""Workers that fetch pictures: a few at a time, each with a limited number of tries, without delaying an alarm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from hpcli.alarms.clock import Clock
from hpcli.alarms.journal.pictures import PictureJob, due_pictures, note_failed, note_saved
from hpcli.alarms.journal.writer import Journal
from hpcli.backoff import Backoff
from hpcli.errors import CallLimitError, HpcliError, LocalError, NetworkError, PictureError

if TYPE_CHECKING:
    from hpcli.alarms.pictures.saver import Saved

BACKOFF: Final = Backoff((2.0, 10.0, 30.0, 120.0, 600.0, 1800.0))
"""The last try follows the last pause; the platform keeps a picture's link for two hours (§3.36)."""

_LOOK_SECONDS: Final = 1.0

_KEY_COMMAND: Final = "hpcli auth device-key set"


class Saver(Protocol):
    """Saves one picture: `saver.PictureSaver`."""

    def save(self, job: PictureJob) -> Saved:
        """Save it; raises HpcliError."""


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
    """

    journal: Journal
    saver: Saver
    warn: Callable[[str], None]
    clock: Clock
    at_once: int = 4
    backoff: Backoff = BACKOFF
    unwritten: set[int] = field(default_factory=set)
    _busy: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_stopping: bool = False

    def start(self) -> None:
        """Start the threads; they end with the process."""
        for number in range(self.at_once):
            threading.Thread(target=self._run, name=f"picture {number + 1}", daemon=True).start()

    def stop(self) -> None:
        """Start no further picture; those in progress are fetched again at the next start."""
        self._is_stopping = True
        self.journal.tell()

    def _run(self) -> None:
        seen = self.journal.changes
        while not self._is_stopping:
            if not self._fetch_one():
                seen = self.journal.wait_for_change(seen, _LOOK_SECONDS)

    def _fetch_one(self) -> bool:
        """Fetch the next picture that is due; return False to wait before the next one, whatever the reason."""
        job: PictureJob | None = None
        try:
            job = self._take()
            if job is not None:
                self._save(job)
        except LocalError as error:
            self.warn(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - the thread must go on; the picture stays due
            self.warn(f"Pictures: a fault of hpcli ({type(error).__name__}); trying again. Please report it.")
            return False
        finally:
            if job is not None:
                with self._lock:
                    self._busy.discard(job.seq)
        return job is not None

    def _take(self) -> PictureJob | None:
        with self._lock:
            jobs = self.journal.read(lambda db: due_pictures(db, self.clock.milliseconds, self._busy, 1))
            if not jobs:
                return None
            self._busy.add(jobs[0].seq)
            return jobs[0]

    def _save(self, job: PictureJob) -> None:
        try:
            saved = self._try(job)
        except HpcliError as error:
            again = self._next_try(job, error)
            change = partial(
                note_failed, seq=job.seq, error=error.message, now=self.clock.milliseconds, again=again
            )
            if again is None or isinstance(error, LocalError):
                self._tell_failed(job, error)
        else:
            self.unwritten.discard(job.seq)
            change = partial(
                note_saved,
                seq=job.seq,
                files=saved.files,
                form=saved.form,
                now=self.clock.milliseconds,
                problem=saved.problem,
            )
            if saved.problem:
                self._tell_failed(job, PictureError(saved.problem))
        try:
            self.journal.write(change)
        except LocalError as error:
            self.warn(str(error))  # it stays due
        self.journal.tell()

    def _try(self, job: PictureJob) -> Saved:
        """Save a picture; whatever goes wrong that nobody thought of costs this picture only."""
        try:
            return self.saver.save(job)
        except HpcliError:
            raise
        except Exception as error:
            name = type(error).__name__
            raise PictureError(
                f"A fault of hpcli ({name}); please report it with the raw message."
            ) from error

    def _tell_failed(self, job: PictureJob, error: HpcliError) -> None:
        if isinstance(error, LocalError):  # not the fault of this picture: the next ones would fail too
            self.unwritten.add(job.seq)
            self.warn(f"Pictures are not saved: {error}")
            return
        whose = job.device or "an unknown device"
        self.warn(f"A picture of {whose} could not be saved: {error}{_advice(job, error)}")

    def _next_try(self, job: PictureJob, error: HpcliError) -> int | None:
        """Return when a picture is tried again, None if that would not help or no try is left."""
        may_pass = getattr(
            error, "is_retryable", isinstance(error, NetworkError | CallLimitError | LocalError)
        )
        if not may_pass or job.tries >= len(self.backoff.steps):
            return None
        seconds = self.backoff.seconds_after(job.tries + 1, error.retry_after)
        return self.clock.milliseconds + round(seconds * 1000)


def _advice(job: PictureJob, error: HpcliError) -> str:
    """Return advice for a picture that needs its device's key; such errors name the command in their hint."""
    if not job.device or _KEY_COMMAND not in (error.hint or ""):
        return ""
    return f" Store its key with `{_KEY_COMMAND} {job.device}`, then run `hpcli alarms retry-pictures`."
