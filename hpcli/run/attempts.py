"""Change several targets: try each, report each, and combine the errors into one exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from hpcli.errors import DryRun, HpcliError, InterruptedByUserError, OutputClosedError, SomeFailedError
from hpcli.output.outcome_table import Outcome

Result = TypeVar("Result")
Attempt = tuple[Outcome, HpcliError | None]


def attempt_each(
    targets: Iterable[str],
    change: Callable[[str], Any],
    plans: list[dict[str, Any]],
    new_id: Callable[[Any], str | None] | None = None,
    failed: Callable[[str], Any] | None = None,
) -> Iterator[Attempt]:
    """Yield the outcome of each target, in order.

    A planned change (`--dry-run`) is added to `plans` and yields nothing.

    Args:
        targets: identifiers.
        change: makes the change; returns the platform's answer.
        plans: receives the planned changes.
        new_id: answer to the identifier of the new object.
        failed: target to the data of its outcome if the change failed.
    """
    for target in targets:
        try:
            data = change(target)
        except DryRun as planned:
            plans.append(planned.plan)
            continue
        except (InterruptedByUserError, OutputClosedError):
            raise
        except HpcliError as error:
            data = failed(target) if failed else None
            yield Outcome(target, ok=False, data=data, error=error.as_dict() | {"target": target}), error
        else:
            yield Outcome(target, ok=True, data=data, new_id=new_id(data) if new_id else None), None


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
    raise SomeFailedError(f"{len(failed)} of {len(errors)} failed.")
