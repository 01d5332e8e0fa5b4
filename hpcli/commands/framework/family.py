"""A family of verbs, declared as data; a verb is imported when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from hpcli.commands.framework.common_options import help_on_stdout
from hpcli.commands.framework.verb import build_verb
from hpcli.errors import UsageError
from hpcli.run.settings import COMMON

if TYPE_CHECKING:
    from typer._click import HelpFormatter
    from typer._click.core import Command
    from typer._click.core import Context as ClickContext
    from typer.core import TyperOption

_FEW = 8
"""The most verbs that a hint lists."""


class Family:
    """The verbs of a family: name to the place of the function and the summary.

    A place is `module:function`, with a module of the family's folder. The summary equals the first line of the
    function's docstring, which help and man pages show; a test checks this.

    Args:
        members: verb to place and summary, or to a nested family such as `device upgrade`.
        summary: one line for a nested family; the registry has those of the top level.
    """

    def __init__(self, members: Mapping[str, tuple[str, str] | Family], summary: str = "") -> None:
        self.members = members
        self.summary = summary

    def build(self, name: str, summary: str, package: str) -> Command:
        """Return the command of the family.

        Args:
            name: the word that the user types.
            summary: one line for the help.
            package: the package of its modules.
        """
        return Group(self, name, summary, package)


class Single:
    """A verb that stands alone, such as `hpcli explain`."""

    def __init__(self, place: str) -> None:
        self.place = place

    def build(self, name: str, _summary: str, package: str) -> Command:
        """Return the command."""
        return build_verb(name, find_function(package, self.place))


def find_function(package: str, place: str) -> Callable[..., Any]:
    """Import the function at `module:function` of a package."""
    module, _, function = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(f"{package}.{module}"), function)
    return found


class Group(TyperGroup):
    """A family on the command line; a verb is imported and built when it is used."""

    def __init__(self, family: Family, name: str, summary: str, package: str) -> None:
        super().__init__(name=name, help=summary, no_args_is_help=True, rich_markup_mode=None)
        self._members = family.members
        self._package = package

    def list_commands(self, _ctx: ClickContext) -> list[str]:
        """Return the verbs and inner families as they were declared."""
        return list(self._members)

    def get_command(self, _ctx: ClickContext, cmd_name: str) -> Command | None:
        """Build one verb or inner family."""
        member = self._members.get(cmd_name)
        if member is None:
            return None
        if isinstance(member, Family):
            return member.build(cmd_name, member.summary, self._package)
        return build_verb(cmd_name, find_function(self._package, member[0]))

    def get_help_option(self, ctx: ClickContext) -> TyperOption | None:
        """Return `--help`, which writes to the stdout of the run."""
        return help_on_stdout(super().get_help_option(ctx))

    def format_commands(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(member)) for name, member in self._members.items()])

    def parse_args(self, ctx: ClickContext, args: list[str]) -> list[str]:
        """Parse the arguments; refuse a common option between family and verb."""
        common = {flag for setting in COMMON for flag in setting.flags}
        word = args[0].partition("=")[0] if args else ""
        option = word if word.startswith("--") else word[:2]  # `-ojson`, `-vv`
        if option in common:
            raise UsageError(
                f"{option} cannot be used between '{ctx.info_name}' and its verb.",
                hint=f"Put {option} before '{ctx.info_name}' or after the verb.",
            )
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: ClickContext, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Find the verb; if it does not exist, suggest the nearest."""
        if args[0] not in self._members and not args[0].startswith("-"):
            raise no_such_command(args[0], self._members, ctx.command_path)
        return super().resolve_command(ctx, args)


def no_such_command(name: str, known: Iterable[str], where: str) -> UsageError:
    """Return the error for an unknown family or verb; the hint names the nearest, or all of a few."""
    from hpcli.reference.choices import did_you_mean, nearest

    names = list(known)
    near = nearest(name, names)
    if near or len(names) > _FEW:
        hint = f"{did_you_mean(near)}`{where} --help` lists them."
    else:
        hint = f"`{where}` has {', '.join(names)}."
    return UsageError(f"There is no command '{where} {name}'.", hint=hint)


def _summary(member: tuple[str, str] | Family) -> str:
    return member.summary if isinstance(member, Family) else member[1]
