"""Wait for work on the platform (`--wait`, `--wait-timeout`) and show its progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpcli.errors import UsageError
from hpcli.parse import parse_duration
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.output.progress import ProgressBar


class ProgressReport:
    """Shows how far the work is: a bar on a terminal, else a line for each change of state."""

    def __init__(self, ctx: Context, label: str, bar: ProgressBar, *, has_bar: bool) -> None:
        self._ctx = ctx
        self._label = label
        self._bar = bar
        self._has_bar = has_bar
        self._done = 0
        self._words = ""

    def update(self, done: int, total: int, words: str) -> None:
        """Show how far the work is.

        Args:
            done: steps done so far.
            total: all steps.
            words: the state in words, such as `Downloading`.
        """
        self._bar.advance(done - self._done, total=total)
        self._done = done
        if words and words != self._words and not self._has_bar:
            self._ctx.info(f"{self._label}: {words}.")
        self._words = words


@contextmanager
def reporting_progress(ctx: Context, label: str) -> Iterator[ProgressReport]:
    """Show progress on stderr while the block waits."""
    from hpcli.output.progress import progress

    run = ctx.run
    is_free = run.stderr.isatty() and not ctx.is_one_of_many
    is_shown = is_free and not run.messages.is_json and not ctx.settings.get("quiet")
    with progress(run.stderr, label, is_shown=is_shown) as bar, run.messages.above(bar.info):
        yield ProgressReport(ctx, label, bar, has_bar=is_shown)


def wait_seconds(given: str | None, default: float, *, is_waiting: bool) -> float:
    """Return the seconds of --wait-timeout.

    Raises:
        UsageError: it is not a duration, or is given without --wait.
    """
    if given is None:
        return default
    if not is_waiting:
        raise UsageError("--wait-timeout needs --wait.")
    return parse_duration(given).total_seconds()
