"""Make the screen of `alarms tail` and `alarms history`."""

from __future__ import annotations

from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.event.sites import Devices
    from hpcli.alarms.screen.screen import Screen


def make_screen(ctx: Context, sites: Devices, journal: Path | None) -> Screen:
    """Return the screen of this run.

    Args:
        ctx: of the command.
        sites: knows devices.
        journal: the journal file, if it is not the default one; paths of pictures begin at its folder.
    """
    from hpcli.alarms.screen.screen import Screen

    run = ctx.run
    is_limited = run.options.width is not None
    return Screen(
        run.options,
        sites,
        width=lambda: run.width if is_limited else None,
        height=lambda: get_terminal_size().lines,
        spoken=lambda: run.messages.written,
        now=run.now,
        folder=journal.expanduser().parent if journal else run.session.alarms_folder,
    )
