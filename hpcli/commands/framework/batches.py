"""Change several targets with one call, and report each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hpcli.client.retries import is_there_already
from hpcli.errors import HpcliError, NotFoundError
from hpcli.names import folded
from hpcli.run.batches import BATCH_SIZE, attempt_batches
from hpcli.run.context import Context


def change_in_batches(
    ctx: Context,
    targets: Sequence[str],
    send: Callable[[Sequence[str]], object],
    done: Callable[[str, Any], str],
    *,
    read_present: Callable[[], Iterable[object]] | None = None,
    size: int = BATCH_SIZE,
) -> None:
    """Change several targets with one call; see `attempt_batches`.

    Args:
        ctx: the command's context.
        targets: identifiers.
        send: makes the change for some of them.
        done: target and data to the line that reports success.
        read_present: for a change that removes them: returns those that are there before it. If one of these is gone
            in a half, the first call, which was refused, has removed it; others were never there.
        size: targets of one call.

    Raises:
        SomeFailedError: some failed; if all failed alike, their own error.
    """
    run = ctx.run
    is_looked_up = read_present is not None and len(targets) > 1 and not ctx.settings.get("dry-run")
    present = {folded(str(one)) for one in read_present()} if read_present and is_looked_up else set()

    def is_done(target: str, error: HpcliError) -> bool:
        if read_present is None:
            return is_there_already(error)
        return isinstance(error, NotFoundError) and error.code is not None and folded(target) in present

    attempts = attempt_batches(targets, send, run.plans, is_done=is_done, job=run.job, size=size)
    ctx.report(attempts, done, is_one=len(targets) == 1)
