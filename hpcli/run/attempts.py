"""Change several targets: try each, report each, and combine the errors into one exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from hpcli.errors import (
    DryRun,
    HpcliError,
    InterruptedByUserError,
    LocalError,
    OutputClosedError,
    SomeFailedError,
)
from hpcli.output.outcome_table import Outcome

if TYPE_CHECKING:
    from hpcli.output import Printer
    from hpcli.run.job import Job
    from hpcli.run.messages import Messages

Result = TypeVar("Result")
_MOST_HINTS = 3
Attempt = tuple[Outcome, HpcliError | None]


def attempt_each(
    targets: Iterable[str],
    change: Callable[[str], Any],
    plans: list[dict[str, Any]],
    new_id: Callable[[Any], str | None] | None = None,
    failed: Callable[[str], Any] | None = None,
    job: Job | None = None,
    is_under_way: Callable[[str], bool] | None = None,
) -> Iterator[Attempt]:
    """Yield the outcome of each target, in order.

    A planned change (`--dry-run`) is added to `plans` and yields nothing. Where a job is given, the first Ctrl-C begins
    nothing new.

    Args:
        targets: identifiers.
        change: makes the change; returns the platform's answer.
        plans: receives the planned changes.
        new_id: answer to the identifier of the new object.
        failed: target to the data of its outcome if the change failed.
        job: of the run; follows what is done.
        is_under_way: whether the call of a target is sent already, with that of another one.

    Raises:
        JobInterruptedError: the user stopped it between two targets.
    """
    names = list(targets if job is None else job.select(targets))
    with job.following(names) if job is not None else contextlib.nullcontext() as followed:
        for target in names:
            is_stopped = followed is not None and followed.stop.is_set
            if is_stopped and not (is_under_way and is_under_way(target)):
                continue
            yield from _attempt(target, change, plans, new_id, failed, followed)


def _attempt(
    target: str,
    change: Callable[[str], Any],
    plans: list[dict[str, Any]],
    new_id: Callable[[Any], str | None] | None,
    failed: Callable[[str], Any] | None,
    job: Job | None,
) -> Iterator[Attempt]:
    """Yield the outcome of one target; nothing for a planned change."""
    if job is not None:
        job.begin(target)
    try:
        data = change(target)
    except DryRun as planned:
        plans.append(planned.plan)
    except (InterruptedByUserError, OutputClosedError):
        raise
    except HpcliError as error:
        if job is not None:
            job.end(target, error)
        data = failed(target) if failed else None
        yield Outcome(target, ok=False, data=data, error=error.as_dict()), error
        return
    else:
        if job is not None:
            job.end(target)
        yield Outcome(target, ok=True, data=data, new_id=new_id(data) if new_id else None), None
        return
    if job is not None:
        job.end(target)


def report_attempts(
    printer: Printer,
    messages: Messages,
    settle: Callable[[str, HpcliError | None], object],
    attempts: Iterable[Attempt],
    done: Callable[[str, Any], str],
    named: Callable[[Outcome], str],
    *,
    is_one: bool,
    is_object: bool,
) -> None:
    """Report each target as it completes, print the results and raise the combined error; see `Context.report`."""
    from hpcli.output.outcome_table import OUTCOMES

    printer.check(OUTCOMES)  # refuse wrong --fields before changing anything
    made: list[Attempt] = []
    try:
        for outcome, error in attempts:
            made.append((outcome, error))
            if outcome.part is None:  # a part is settled by the thread that sent its call
                settle(outcome.target, error)
            if error is None:
                line = done(outcome.target, outcome.data)
                if line:  # one for all may be said elsewhere
                    messages.info(line)
            elif not is_one:
                messages.failed(named(outcome), outcome.target, error)
    finally:  # print the results of changes made before Ctrl-C too
        if made and is_object:
            printer.result(made[0][0])
        elif made:
            printer.results([outcome for outcome, _ in made])
    raise_failures([error for _, error in made])


def once(call: Callable[[], Result]) -> Callable[[], Result]:
    """Return a function that makes the call once and then repeats the same answer or error."""
    answers: list[Result] = []
    errors: list[HpcliError] = []

    def replay() -> Result:
        if errors:
            raise errors[0]
        if not answers:
            try:
                answers.append(call())
            except HpcliError as error:
                errors.append(error)
                raise
        return answers[0]

    return replay


def raise_failures(errors: list[HpcliError | None]) -> None:
    """Raise the combined error of several targets; None stands for a success.

    Raises:
        HpcliError: the error of the only target, or the error that all targets share.
        SomeFailedError: some failed, or they failed differently.
    """
    failed = [error for error in errors if error is not None]
    if not failed:
        return
    # Messages name their targets, so they may be the only difference.
    is_alike = len({(error.exit_code, error.kind, error.code) for error in failed}) == 1
    if len(failed) == len(errors) and is_alike:
        raise failed[0]
    raise SomeFailedError(f"{len(failed)} of {len(errors)} failed.", hint=_hints(failed))


def _hints(errors: list[HpcliError]) -> str | None:
    """Return what the user can do about several errors; None where that would be a list of its own."""
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    return " ".join(hint for hint in hints if hint) if 0 < len(hints) <= _MOST_HINTS else None


def try_to_keep(what: str, write: Callable[[], object], warn: Callable[[str], None]) -> None:
    """Store on this computer what a call has made; see `Context.keep`."""
    try:
        write()
    except (LocalError, OSError) as error:
        reason = error if isinstance(error, LocalError) else error.strerror or type(error).__name__
        warn(f"{what} was not stored on this computer: {reason}")
