"""The argument that names a setting."""

from __future__ import annotations

from typing import Annotated

import typer

from hpcli.run.settings import SETTINGS, Setting, choose

KeyArgument = Annotated[str, typer.Argument(help="Key of the setting.", metavar="KEY")]


def find_setting(key: str) -> Setting:
    """Return the setting of a key."""
    keys = tuple(setting.key for setting in SETTINGS.values() if setting.in_config)
    return SETTINGS[choose(key, keys, "")]
