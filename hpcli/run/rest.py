"""Say and keep what a command that changes many has left."""

from __future__ import annotations

import contextlib
from pathlib import Path
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
        _how_to_go_on(run, tally) if file else None,
        done=tally.done,
        unknown=len(tally.unknown),
        left=len(tally.left),
        file=file,
    )
    return True


def settle_earlier(run: Run) -> None:
    """Take the targets of this run off what the same command left before: it did them, or leaves them itself.

    The same command is one with the same words, or one that read the same files or the file of what was left. What
    cannot be read is said by `log resume`.
    """
    job = run.job
    if not job.is_change or run.settings.get("dry-run") or "changes" not in run.__dict__:
        return
    targets = set(job.targets)
    if not targets or not run.changes.log.path.exists():
        return
    from hpcli.local.rest_file import read_rest, remove_rest, write_rest

    with contextlib.suppress(LocalError):
        for rest in run.changes.earlier_rests(run.inputs.files):
            file = Path(rest["file"])
            left, unknown = read_rest(file)
            still = [[one for one in some if one not in targets] for some in (left, unknown)]
            if not any(still):
                run.changes.end_rest(rest["run"])
                remove_rest(file)
            elif still != [left, unknown]:
                write_rest(run.settings.state_dir, file.stem, *still)


def _how_to_go_on(run: Run, tally: Tally) -> str:
    """Return what does the rest: reading is not in the log of changes, but its targets can be given again."""
    if not run.job.is_change:
        return "The same command with @FILE in place of its targets reads only what is left."
    if run.job.is_import and run.job.has_mistyped:
        return "Correct the file and type the command again: it does only what is missing."
    if tally.left:
        return "`hpcli log resume` does what is left."
    return "Check whether they are done; `hpcli log resume --again` repeats them."


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
