"""`hpcli config`: settings that hold for every command."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from hpcli.auth.account import REGIONS
from hpcli.commands.framework.family import Family
from hpcli.commands.help.topics import show_value
from hpcli.errors import UsageError
from hpcli.output import Column, View
from hpcli.parse import naming
from hpcli.run.account import check_not_sandbox
from hpcli.run.context import Context
from hpcli.run.settings import SETTINGS, Setting, Settings, choose

app = Family("config", "Settings that hold for every command.")

KeyArgument = Annotated[str, typer.Argument(help="Key of the setting.", metavar="KEY")]

VALUES = View(
    noun="setting",
    id="key",
    columns=(
        Column("KEY", "key"),
        Column("VALUE", "value", show=lambda value, _row: _written(value)),
        Column("FROM", "source", priority=1),
        Column("MEANING", "help", wide=True, priority=2),
    ),
    fields=lambda: ("key", "value", "source", "help", "choices"),
)


@app.verb("list")
def list_settings(ctx: Context) -> None:
    """List the settings, their values and where these come from.

    $ hpcli config list
    """
    ctx.show([_row(ctx, setting) for setting in SETTINGS.values() if setting.in_config], VALUES)


@app.verb("get")
def get_setting(ctx: Context, key: KeyArgument) -> None:
    """Print the value of a setting.

    $ hpcli config get output
    """
    setting = _find(key)
    if ctx.settings.flags.get("output"):
        ctx.show_one(_row(ctx, setting), VALUES)
    else:
        ctx.show_text(_written(_row(ctx, setting)["value"]))


@app.verb("set")
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
    setting = _find(key)
    if (value is None) != unset:
        raise UsageError(f"Give a value for {setting.key}, or --unset.")
    written = None if value is None else _checked(setting, value)
    name = ctx.settings.flags.get("profile")
    if ctx.settings.get("dry-run"):
        ctx.say("Nothing was written.")
        return
    if name:
        check_not_sandbox(ctx.settings, "settings of its own")
        _save_for_profile(ctx, str(name), setting.key, written)
    else:
        ctx.settings.profiles.write_setting(f"settings.{setting.key}", written)
    where = f" of profile '{name}'" if name else ""
    ctx.say(
        f"{setting.key}{where} has no value of its own now."
        if written is None
        else f"{setting.key}{where} is {_written(written)} now."
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


def _find(key: str) -> Setting:
    keys = tuple(setting.key for setting in SETTINGS.values() if setting.in_config)
    return SETTINGS[choose(key, keys, "")]


def _checked(setting: Setting, text: str) -> Any:
    """Return the value as it is written to config.toml, once the setting can read it."""
    with naming(setting.key):
        value = setting.read(text)
    return value if setting.is_switch or setting.choices else text.strip()


def _row(ctx: Context, setting: Setting) -> dict[str, Any]:
    flags = {key: value for key, value in ctx.settings.flags.items() if key == "profile"}
    value, source = Settings(ctx.settings.environment, flags).locate(setting.key)
    return {
        "key": setting.key,
        "value": value if isinstance(value, bool) or value is None else show_value(setting, value),
        "source": source,
        "help": setting.help,
        "choices": list(setting.choices),
    }


def _written(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
