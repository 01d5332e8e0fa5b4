"""`hpcli config get`: the value of a setting."""

from __future__ import annotations

from hpcli.commands.config.keys import KeyArgument, find_setting
from hpcli.commands.config.tables import VALUES, setting_row, written
from hpcli.run.context import Context


def get_setting(ctx: Context, key: KeyArgument) -> None:
    """Print the value of a setting.

    $ hpcli config get output
    """
    setting = find_setting(key)
    if ctx.settings.flags.get("output"):
        ctx.show_one(setting_row(ctx, setting), VALUES)
    else:
        ctx.show_text(written(setting_row(ctx, setting)["value"]))
