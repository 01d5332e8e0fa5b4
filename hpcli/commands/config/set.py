"""`hpcli config set`: set a setting, for all profiles or for one."""

from __future__ import annotations

from dataclasses import replace
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
    value: Annotated[str | None, typer.Argument(help="Its value.", metavar="[VALUE]")] = None,
    unset: Annotated[
        bool, typer.Option("--unset", help="Forget the value, so that the default holds.")
    ] = False,
) -> None:
    """Set a setting, for all profiles or with --profile for one.

    $ hpcli config set output json
    $ hpcli config set timeout 90s
    $ hpcli config set output --unset
    """
    setting = find_setting(key)
    if (value is None) != unset:
        raise UsageError(f"Give a value for {setting.key}, or --unset.")
    new = None if value is None else _checked(setting, value)
    name = ctx.settings.flags.get("profile")
    if ctx.settings.get("dry-run"):
        ctx.info("Nothing was written.")
        return
    if name:
        check_not_sandbox(ctx.settings, "settings of its own")
        _save_for_profile(ctx, str(name), setting.key, new)
    else:
        ctx.settings.profiles.write_setting(f"settings.{setting.key}", new)
    where = f" of profile '{name}'" if name else ""
    ctx.info(
        f"{setting.key}{where} has no value of its own now."
        if new is None
        else f"{setting.key}{where} is {written(new)} now."
    )


def _save_for_profile(ctx: Context, name: str, key: str, value: Any) -> None:
    profiles = ctx.settings.profiles
    profile = profiles.get(name)
    settings = {other: kept for other, kept in profile.settings.items() if other != key}
    if value is not None:
        settings[key] = value
    # Three settings are fields of a profile, and the fields are what is saved.
    match key:
        case "base-url":
            profile = replace(profile, base_url=value or REGIONS["general"])
        case "device":
            profile = replace(profile, device=value)
        case "user-level":
            profile = replace(profile, user_level=value)
    profiles.save(replace(profile, settings=settings))


def _checked(setting: Setting, text: str) -> Any:
    """Return the value as it is written to config.toml, once the setting can read it."""
    with naming(setting.key):
        value = setting.read(text)
    return value if setting.is_switch or setting.choices else text.strip()
