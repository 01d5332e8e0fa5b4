"""The table of settings."""

from __future__ import annotations

from typing import Any

from hpcli.output import Column, View
from hpcli.run.context import Context
from hpcli.run.settings import Setting, Settings

VALUES = View(
    noun="setting",
    id="key",
    columns=(
        Column("KEY", "key"),
        Column("VALUE", "value", show=lambda value, _row: written(value)),
        Column("FROM", "source", priority=1),
        Column("MEANING", "help", wide=True, wraps=True, priority=2),
    ),
    fields=lambda: ("key", "value", "source", "help", "choices"),
)


def setting_row(ctx: Context, setting: Setting) -> dict[str, Any]:
    """Return a setting with its value and its source."""
    flags = {key: value for key, value in ctx.settings.flags.items() if key == "profile"}
    value, source = Settings(ctx.settings.environment, flags).locate(setting.key)
    return {
        "key": setting.key,
        "value": value if isinstance(value, bool) or value is None else setting.text_of(value),
        "source": source,
        "help": setting.help,
        "choices": list(setting.choices),
    }


def written(value: Any) -> str:
    """Return a value as config.toml stores it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
