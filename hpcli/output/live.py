"""Redraw a table in place on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from hpcli.output.table_spec import Options, Row, View
from hpcli.output.tables import table_lines


@contextmanager
def live_table(stream: TextIO, options: Options, view: View) -> Iterator[Callable[[Iterable[Row]], None]]:
    """Yield a function that draws rows over the previous ones; the last ones stay on the screen."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(file=stream, force_terminal=True, highlight=False, markup=False, width=options.width)
    with Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False) as screen:

        def draw(rows: Iterable[Row]) -> None:
            lines = "".join(table_lines(rows, view.columns, options)).rstrip("\n")
            screen.update(Text.from_ansi(lines), refresh=True)

        yield draw
