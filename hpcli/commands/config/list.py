"""`hpcli config list`: the settings, their values and their sources."""

from __future__ import annotations

from hpcli.commands.config.tables import VALUES, setting_row
from hpcli.commands.framework.lists import lists
from hpcli.run.context import Context
from hpcli.run.settings import SETTINGS


@lists
def list_settings(ctx: Context) -> None:
    """List the settings, their values and their sources.

    $ hpcli config list
    """
    ctx.show([setting_row(ctx, setting) for setting in SETTINGS.values() if setting.in_config], VALUES)
