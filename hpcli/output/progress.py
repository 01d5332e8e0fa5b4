"""A progress bar on a terminal's stderr for slow work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

# Quick work shows no bar: it would only flash, and importing Rich would take as long as the work.
_PATIENCE = 1.0


class ProgressBar:
    """A bar that appears after a second of work.

    Args:
        stream: stderr.
        label: name of the work, such as `Reading devices`.
        total: number of steps, None if unknown.
        is_shown: if false, everything but `info` does nothing.
        clock: monotonic seconds.
    """

    def __init__(
        self, stream: TextIO, label: str, total: int | None, *, is_shown: bool, clock: Callable[[], float]
    ) -> None:
        self._stream = stream
        self._label = label
        self._total = total
        self._is_shown = is_shown
        self._clock = clock
        self._start = clock()
        self._done = 0
        self._bar: Progress | None = None

    def advance(self, steps: int = 1, *, total: int | None = None) -> None:
        """Count completed steps; a new total replaces the first."""
        self._done += steps
        self._total = total if total is not None else self._total
        if not self._is_shown:
            return
        if self._bar is None and self._clock() - self._start >= _PATIENCE:
            self._bar = self._draw()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done, total=self._total)

    def info(self, line: str) -> None:
        """Print a line above the bar, without markup."""
        if self._bar is None:
            self._stream.write(line + "\n")
            self._stream.flush()
        else:
            from rich.text import Text

            self._bar.console.print(Text.from_ansi(line), soft_wrap=True)

    def close(self) -> None:
        """Remove the bar from the screen."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self) -> "Progress":
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(file=self._stream, force_terminal=True, highlight=False, markup=False),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        bar.add_task(self._label, total=self._total, completed=self._done)
        bar.start()
        return bar


@contextmanager
def progress(
    stream: TextIO,
    label: str,
    total: int | None = None,
    *,
    is_shown: bool,
    clock: Callable[[], float] = monotonic,
) -> Iterator[ProgressBar]:
    """Show progress while the block runs.

    Args:
        stream: stderr.
        label: name of the work.
        total: number of steps, None if unknown.
        is_shown: stderr is a terminal, the format is neither json nor ndjson, and `--quiet` is not given.
        clock: monotonic seconds.
    """
    bar = ProgressBar(stream, label, total, is_shown=is_shown, clock=clock)
    try:
        yield bar
    finally:
        bar.close()
