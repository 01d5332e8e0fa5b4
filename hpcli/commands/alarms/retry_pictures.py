"""`hpcli alarms retry-pictures`: retry pictures that could not be saved."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.alarms import PICTURE_URL
from hpcli.commands.alarms.journal import JournalPath, open_journal, reading
from hpcli.commands.framework.verb import calls
from hpcli.errors import HpcliError, LocalError, PictureError
from hpcli.parse import epoch_milliseconds
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.journal.pictures import PictureJob
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.pictures.saver import PictureSaver, Saved


@calls(PICTURE_URL)
def retry_pictures(
    ctx: Context,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Output folder; by default the folder of the last tail.", metavar="DIR"),
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Retry fetching pictures that could not be saved.

    Use this after you store a device's key or free disk space. Links from the
    platform expire after two hours; ISAPI_FILES paths get a new link.

    $ hpcli alarms retry-pictures
    $ hpcli alarms retry-pictures --pictures alarms
    """
    from hpcli.alarms.journal.pictures import failed_pictures, tell_of_pictures
    from hpcli.commands.alarms.tables import RETRIES
    from hpcli.run.attempts import raise_failures
    from hpcli.run.parallel import fan_out

    with reading(ctx, journal) as read:
        jobs: list[PictureJob] = read(failed_pictures)
    if not jobs:
        ctx.show([], RETRIES)
        return
    rows: list[dict[str, Any]] = []
    errors: list[HpcliError | None] = []
    saved: list[int] = []
    with open_journal(ctx, journal) as kept:
        saver = _saver(ctx, kept, pictures)
        for reply in fan_out(jobs, saver.save, at_once=min(4, ctx.settings.get("concurrency"))):
            _note(ctx, kept, reply.item, reply.result, reply.error)
            error = reply.error or _problem_of(reply.result)
            rows += _rows(reply.item, reply.result, error)
            errors.append(error)
            saved += [reply.item.seq] if reply.error is None else []
        kept.write(lambda db: tell_of_pictures(db, saved, epoch_milliseconds(ctx.run.now())))
    ctx.show(rows, RETRIES)
    raise_failures(errors)


def _saver(ctx: Context, journal: Journal, wanted: Path | None) -> PictureSaver:
    """Return a saver for the given folder, else for that of the last tail."""
    from hpcli.alarms.journal.batches import read_fact
    from hpcli.commands.alarms.picture_files import picture_saver

    folder = wanted or journal.read(lambda db: read_fact(db, "picture-folder"))
    is_decrypting = journal.read(lambda db: read_fact(db, "decrypt")) != "0"
    own = ctx.run.session.alarms_folder / "pictures"
    return picture_saver(ctx, Path(folder).expanduser().absolute() if folder else own, decrypts=is_decrypting)


def _note(
    ctx: Context, journal: Journal, job: PictureJob, saved: Saved | None, error: HpcliError | None
) -> None:
    from hpcli.alarms.journal.pictures import note_failed, note_saved

    now = epoch_milliseconds(ctx.run.now())
    if saved is not None:
        journal.write(
            partial(
                note_saved,
                seq=job.seq,
                files=saved.files,
                form=saved.form,
                now=now,
                problem=saved.problem,
                is_told=True,
            )
        )
        return
    message = error.message if error is not None else ""
    journal.write(partial(note_failed, seq=job.seq, error=message, now=now, again=None, is_told=True))
    if isinstance(error, LocalError):
        ctx.warn(str(error))


def _problem_of(saved: Saved | None) -> HpcliError | None:
    """Return the error of a picture that was saved with a problem."""
    return PictureError(saved.problem) if saved is not None and saved.problem else None


def _rows(job: PictureJob, saved: Saved | None, error: HpcliError | None) -> list[dict[str, Any]]:
    common = {"event": job.event_id, "url": job.url}
    rows: list[dict[str, Any]] = [
        {**common, "state": "saved", "file": file, "error": None} for file in (saved.files if saved else ())
    ]
    if error is not None:
        rows.append({**common, "state": "failed", "file": None, "error": error.message})
    return rows
