"""`hpcli alarms retry-pictures`: save pictures that could not be saved, or were not asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hpcli.api.operations.alarms import PICTURE_URL
from hpcli.commands.alarms.journal import JournalPath, open_journal, reading
from hpcli.commands.framework.verb import calls
from hpcli.errors import HpcliError, LocalError, PictureError, SignInError, UsageError
from hpcli.parse import epoch_milliseconds
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.journal.pictures import PictureJob, Saved
    from hpcli.alarms.journal.writer import Journal
    from hpcli.run.parallel import Reply

_DAY_MS: Final = 86_400_000


@calls(PICTURE_URL)
def retry_pictures(
    ctx: Context,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Output folder; by default the folder of the last tail.", metavar="DIR"),
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Save pictures that failed or were not asked for.

    Use this after you add a device's key to HPCLI_DEVICE_KEYS_FILE, free disk
    space, or read alarms without --decrypt. Locked pictures are opened from their
    files, without a download. Links from the platform expire after two hours;
    ISAPI_FILES paths get a new link. Only that needs the account's secret.

    $ hpcli alarms retry-pictures
    $ hpcli alarms retry-pictures --pictures alarms
    """
    from hpcli.alarms.journal.pictures import find_jobs, note_original, retryable_pictures, tell_of_pictures
    from hpcli.commands.alarms.tables import RETRIES
    from hpcli.run.attempts import raise_failures
    from hpcli.run.pictures import kept_savers

    since = epoch_milliseconds(ctx.run.now()) - ctx.settings.get("picture-days") * _DAY_MS
    with reading(ctx, journal) as read:
        jobs: list[PictureJob] = read(lambda db: find_jobs(db, retryable_pictures(db, since)))
    if not jobs:
        ctx.show([], RETRIES)
        return
    rows: list[dict[str, Any]] = []
    errors: list[HpcliError | None] = []
    told: list[int] = []
    with open_journal(ctx, journal) as kept:
        saver, opener = kept_savers(ctx, kept, pictures)

        def save(job: PictureJob) -> Saved:
            return (saver if job.original is None else opener).save(
                job,
                lambda path, digest: kept.write(
                    partial(note_original, seq=job.seq, path=path, digest=digest)
                ),
            )

        try:
            for reply in _replies(ctx, jobs, save):
                told += [reply.item.seq] if _note(ctx, kept, reply.item, reply.result, reply.error) else []
                errors.append(reply.error or _problem_of(reply.item, reply.result))
                rows += _rows(reply.item, reply.result, errors[-1])
        finally:
            kept.write(lambda db: tell_of_pictures(db, told, epoch_milliseconds(ctx.run.now())))
    ctx.show(rows, RETRIES)
    raise_failures(errors)


def _replies(
    ctx: Context, jobs: list[PictureJob], save: Callable[[PictureJob], Saved]
) -> Iterator[Reply[PictureJob, Saved]]:
    """Save the pictures; after Ctrl-C only those under way. The same command finds the others again."""
    from hpcli.run.parallel import fan_out

    ctx.run.job.keeps_rest = False
    names = [_name_of(job) for job in jobs]
    with ctx.run.job.following_parallel(names, is_change=False) as followed:
        at_once = min(4, ctx.settings.get("concurrency"))
        yield from fan_out(jobs, save, at_once=at_once, job=followed, named=_name_of)


def _name_of(job: PictureJob) -> str:
    return f"{job.event_id} {job.url}"


def _note(
    ctx: Context, journal: Journal, job: PictureJob, saved: Saved | None, error: HpcliError | None
) -> bool:
    """Record what became of a picture; return whether its event has news."""
    from hpcli.alarms.journal.pictures import note_failed, note_saved
    from hpcli.alarms.pictures.locked import is_progress
    from hpcli.alarms.pictures.saver import remove_superseded

    now = epoch_milliseconds(ctx.run.now())
    if saved is not None:
        if job.original is None or is_progress(job, saved):
            journal.write(partial(note_saved, seq=job.seq, saved=saved, now=now, is_told=True))
            remove_superseded(saved)
            return True
        return False
    if isinstance(error, LocalError):
        ctx.warn(str(error))
    elif not isinstance(error, SignInError | UsageError):  # those say nothing about the picture
        message = error.message if error is not None else ""
        journal.write(partial(note_failed, seq=job.seq, error=message, now=now, again=None, is_told=True))
    return False


def _problem_of(job: PictureJob, saved: Saved | None) -> HpcliError | None:
    """Return the error of a picture that was saved with a problem."""
    if saved is None or not saved.problem:
        return None
    command = f"hpcli auth device-key set {job.device or 'SERIAL'}"
    hint = f"`{command}` stores its key and opens what waits for it." if saved.is_locked else None
    return PictureError(saved.problem, hint=hint)


def _rows(job: PictureJob, saved: Saved | None, error: HpcliError | None) -> list[dict[str, Any]]:
    common = {"event": job.event_id, "url": job.url}
    rows: list[dict[str, Any]] = [
        {**common, "state": "saved", "file": file, "error": None} for file in (saved.files if saved else ())
    ]
    if error is not None:
        state = "failed" if saved is None else saved.state
        rows.append({**common, "state": state, "file": None, "error": error.message})
    return rows
