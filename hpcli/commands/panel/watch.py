"""`hpcli panel areas --watch`: print areas as they change, in place on a terminal, else block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hpcli.client.device.messages import is_lost
from hpcli.errors import DeviceOfflineError, HpcliError, NetworkError, UsageError
from hpcli.run.signals import until_stopped

if TYPE_CHECKING:
    from hpcli.output import View
    from hpcli.run.context import Context

Rows = list[dict[str, Any]]


def watch_rows(ctx: Context, read: Callable[[], Rows], view: View, every: float) -> None:
    """Print rows again when they change, until Ctrl-C or a signal.

    Args:
        ctx: the command's context.
        read: reads the rows; after the first success, lost connections only cause a warning.
        view: the view of the rows.
        every: seconds between two reads.

    Raises:
        UsageError: the format is json, which cannot be printed bit by bit.
        HpcliError: the device or the platform refused the call.
    """
    if ctx.run.printer.format == "json":
        raise UsageError("-o json prints one complete array, but --watch never ends.", hint="Use -o ndjson.")
    ctx.run.printer.check(view)
    last: Rows | None = None
    trouble = ""
    with until_stopped(is_service=False) as stop, _shown(ctx, view) as show:
        while not stop.is_set:
            try:
                rows = read()
            except HpcliError as error:
                if last is None or not (
                    isinstance(error, DeviceOfflineError | NetworkError) or is_lost(error)
                ):
                    raise
                trouble = _warn_once(ctx, error, trouble)
            else:
                trouble = ""
                if rows != last:
                    show(rows)
                    last = rows
            stop.wait(every)


@contextmanager
def _shown(ctx: Context, view: View) -> Iterator[Callable[[Rows], None]]:
    run = ctx.run
    if run.options.is_terminal and run.printer.format == "table":
        from hpcli.output.live import live_table

        with live_table(run.stdout, run.options, view) as draw:
            yield draw
    else:
        yield lambda rows: _print_block(ctx, rows, view)


def _print_block(ctx: Context, rows: Rows, view: View) -> None:
    run = ctx.run
    run.printer.rows(rows, view)
    if run.printer.format in ("plain", "table"):
        run.printer.text("")


def _warn_once(ctx: Context, error: HpcliError, told: str) -> str:
    if str(error) != told:
        ctx.warn(f"{error} Still watching.")
    return str(error)
