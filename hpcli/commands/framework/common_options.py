"""The options that every command takes, before the family and after the verb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer._click.types import INT
from typer.core import TyperOption

from hpcli.parse import naming
from hpcli.run.settings import COMMON, Setting

if TYPE_CHECKING:
    from typer._click.core import Context as ClickContext
    from typer._click.core import Parameter

COMMON_LINE = "Common options (-o, --query, --profile, --dry-run …): `hpcli help options`."


def common_options(*, hidden: bool) -> list[TyperOption]:
    """Return the options accepted before the family and after the verb; the later one wins, -v adds up."""
    return [_common_option(setting, hidden=hidden) for setting in COMMON]


def _common_option(setting: Setting, *, hidden: bool) -> TyperOption:
    def store(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        if value is None or value is False or value == 0 or ctx.resilient_parsing:
            return
        flags = ctx.obj.settings.flags
        with naming(setting.flags[0]):
            flags[setting.key] = (
                flags.get(setting.key, 0) + value if setting.key == "verbose" else setting.read_flag(value)
            )

    counts = setting.key == "verbose"
    switch: dict[str, Any] = {"count": True, "type": INT} if counts else {"is_flag": True}
    return TyperOption(
        param_decls=[f"common_{setting.key.replace('-', '_')}", *setting.flags],
        callback=store,
        expose_value=False,
        help=setting.sentence,
        hidden=hidden,
        show_default=False,
        **(switch if setting.is_switch else {"metavar": setting.metavar}),
    )


def own_first(options: Sequence[TyperOption], own: Sequence[Parameter]) -> list[TyperOption]:
    """Return the common options but those whose flag a verb has itself, such as `--reason` of `alarms hold`."""
    taken = {flag for parameter in own for flag in parameter.opts}
    return [option for option in options if not taken.intersection(option.opts)]


def help_on_stdout(option: TyperOption | None) -> TyperOption | None:
    """Make a command's `--help` write to the stdout of its run; Click writes to that of the process."""

    def show(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        if value and not ctx.resilient_parsing:
            ctx.obj.stdout.write(f"{ctx.get_help()}\n")
            raise typer.Exit

    if option is not None:
        option.callback = show
    return option
