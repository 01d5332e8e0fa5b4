"""The root of the command line: the families, the common options, the first steps."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup, TyperOption

from hpcli import __version__
from hpcli.commands.framework.common_options import common_options, help_on_stdout
from hpcli.commands.framework.family import no_such_command
from hpcli.commands.registry import FAMILIES

if TYPE_CHECKING:
    from typer._click import HelpFormatter
    from typer._click.core import Command
    from typer._click.core import Context as ClickContext

    from hpcli.run.context import Run

_SUMMARY = "Administer Hik-Partner Pro: sites, devices, alarms, people."
_FIRST_STEPS = """\
No account is set up here yet. First steps:
  $ hpcli demo                        a tour on the bundled stand-in platform
  $ hpcli --profile sandbox site list
  $ hpcli auth login                  use your own API key
"""
_ACCOUNT_NAMES = ("HPCLI_PROFILE", "HPCLI_APP_KEY")
_NEXT_STEPS = """\
`hpcli FAMILY --help` lists verbs, `hpcli help` lists topics, `hpcli doctor` checks the set-up.
"""


class Root(TyperGroup):
    """The root; the module of a family is imported when the family is used."""

    def list_commands(self, _ctx: ClickContext) -> list[str]:
        """Return the families in the order of the registry."""
        return list(FAMILIES)

    def get_command(self, _ctx: ClickContext, cmd_name: str) -> Command | None:
        """Import a family and return its command."""
        entry = FAMILIES.get(cmd_name)
        if entry is None:
            return None
        app = importlib.import_module(entry.module).app
        command: Command = app.build(cmd_name, entry.summary, entry.module.rpartition(".")[0])
        return command

    def resolve_command(
        self, ctx: ClickContext, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Find the family; if it does not exist, suggest the nearest."""
        if args[0] not in FAMILIES and not args[0].startswith("-"):
            raise no_such_command(args[0], FAMILIES, "hpcli")
        return super().resolve_command(ctx, args)

    def get_help_option(self, ctx: ClickContext) -> TyperOption | None:
        """Return `--help`, which writes to the stdout of the run."""
        return help_on_stdout(super().get_help_option(ctx))

    def format_commands(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """List the families without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in FAMILIES.items()])

    def format_epilog(self, ctx: ClickContext, formatter: HelpFormatter) -> None:
        """End with the first steps if no account is set up, else with the next steps."""
        formatter.write("\n" + (_NEXT_STEPS if _has_account(ctx.obj) else _FIRST_STEPS))


def _has_account(run: Run) -> bool:
    """Whether an account is set up; searches config.toml without parsing it, to keep help fast."""
    if run.settings.flags.get("profile") or any(run.environment.get(name) for name in _ACCOUNT_NAMES):
        return True
    from hpcli.local.own_folder import OwnFolder

    try:
        text = OwnFolder(run.settings.config_dir).read("config.toml", owners=frozenset({0})).decode()
    except (OSError, ValueError):
        return False
    return "[profiles." in text or "default-profile" in text


def build_root() -> Root:
    """Return the root command."""

    def show_version(ctx: ClickContext, _parameter: object, value: bool) -> None:  # noqa: FBT001 - Click calls it
        if value and not ctx.resilient_parsing:
            ctx.obj.stdout.write(f"hpcli {__version__}\n")
            raise typer.Exit

    version = TyperOption(
        param_decls=["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show_version,
        help="Show the version and exit.",
    )
    return Root(
        name="hpcli",
        help=_SUMMARY,
        params=[*common_options(hidden=False), version],
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
