"""`hpcli config set`: set or unset a setting."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hpcli.auth.account import REGIONS
from hpcli.commands.config.keys import KeyArgument, find_setting
from hpcli.commands.config.tables import written
from hpcli.errors import UsageError
from hpcli.parse import naming
from hpcli.run.account import check_not_sandbox
from hpcli.run.context import Context
from hpcli.run.settings import Setting


def set_setting(
    ctx: Context,
    key: KeyArgument,
    value: Annotated[str | None, typer.Argument(help="Value of the setting.", metavar="[VALUE]")] = None,
    unset: Annotated[
        bool, typer.Option("--unset", help="Remove the value; the default then applies.")
    ] = False,
) -> None:
    """Set or unset a setting.

    Without --profile the value applies to all profiles.

    $ hpcli config set output json
    $ hpcli config set timeout 90s
    $ hpcli config set output --unset
    """
    setting = find_setting(key)
    if (value is None) != unset:
        raise UsageError(f"Give a value for {setting.key}, or use --unset.")
    new = None if value is None else _checked(setting, value)
    name = ctx.settings.flags.get("profile")
    if ctx.settings.get("dry-run"):
        ctx.info("Nothing was written.")
        return
    if name:
        check_not_sandbox(ctx.settings, "settings")
        _save_for_profile(ctx, str(name), setting.key, new)
    else:
        ctx.settings.profiles.write_setting(f"settings.{setting.key}", new)
    where = f" of profile '{name}'" if name else ""
    ctx.info(
        f"{setting.key}{where} is now unset."
        if new is None
        else f"{setting.key}{where} is now {written(new)}."
    )


def _save_for_profile(ctx: Context, name: str, key: str, value: Any) -> None:
    profiles = ctx.settings.profiles
    profile = profiles.get(name)
    settings = {other: kept for other, kept in profile.settings.items() if other != key}
    if value is not None:
        settings[key] = value
    # Three settings are fields of a profile; the fields are saved.
    match key:
        case "base-url":
            profile = profile._replace(base_url=value or REGIONS["general"])
        case "device":
            profile = profile._replace(device=value)
        case "user-level":
            profile = profile._replace(user_level=value)
    profiles.save(profile._replace(settings=settings))


def _checked(setting: Setting, text: str) -> Any:
    """Return the value as config.toml stores it, checked by the setting."""
    with naming(setting.key):
        value = setting.read(text)
    return value if setting.is_switch or setting.choices else text.strip()
