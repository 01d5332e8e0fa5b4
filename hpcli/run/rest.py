"""Say and keep what a command that changes many has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.errors import LocalError

if TYPE_CHECKING:
    from hpcli.run.context import Run
    from hpcli.run.job import Tally


def keep_rest(run: Run) -> bool:
    """Write the targets that are left to a file and say how far the job came; return whether any are left."""
    tally = run.job.tally
    if tally is None or run.settings.get("dry-run"):
        return False
    if not run.job.keeps_rest and not tally.is_interrupted:
        return False
    file = _write(run, tally) if run.job.keeps_rest else None
    word = "Interrupted" if tally.is_interrupted else "Not finished"
    counts = f"{tally.done} of {tally.total} done, {len(tally.unknown)} unknown, {len(tally.left)} left"
    run.messages.rest(
        f"{word}: {counts}{f': {file}' if file else ''}.",
        done=tally.done,
        unknown=len(tally.unknown),
        left=len(tally.left),
        file=file,
    )
    return True


def _write(run: Run, tally: Tally) -> str | None:
    """Write the file; a warning says why it cannot be written."""
    from hpcli.local.rest_file import write_rest

    name = f"{run.now():%Y-%m-%dT%H%M%S}-{run.verb.replace(' ', '-')}"
    try:
        file = write_rest(run.settings.state_dir, name, tally.left, tally.unknown)
    except LocalError as error:
        run.messages.warn(f"What is left was not stored: {error}")
        return None
    if run.job.is_change:
        run.changes.note_rest(tally.done, file, run.inputs.files)
    return str(file)
