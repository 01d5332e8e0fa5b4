"""A verb of the command line: its help, its options and the calls it declares."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from typer._click.types import FloatRange, IntRange
from typer.core import TyperCommand
from typer.main import get_command_from_info
from typer.models import CommandInfo

from hpcli.commands.framework.common_options import (
    COMMON_LINE,
    common_options,
    help_on_stdout,
    own_first,
)
from hpcli.commands.framework.lists import is_list, list_options, with_excel_value
from hpcli.commands.framework.target_dispatch import for_each_target
from hpcli.commands.framework.targets import (
    Targets,
    prepare,
    reason_for_one,
    targets_of,
    without_argument,
)
from hpcli.errors import HpcliError, UsageError
from hpcli.run.context import Context
from hpcli.run.settings import METRICS

if TYPE_CHECKING:
    from typer._click import HelpFormatter
    from typer._click.core import Command, Parameter
    from typer._click.core import Context as ClickContext
    from typer.core import TyperOption

    from hpcli.api.operation import Operation

_TARGETS = ("SERIAL", "DEVICE", "SITE", "PERSON", "UUID")

Function = TypeVar("Function", bound=Callable[..., Any])


def calls(
    *operations: Operation, asks: bool = False, names_profile: bool = False
) -> Callable[[Function], Function]:
    """Declare the calls that a verb may send.

    Args:
        operations: the calls of the platform.
        asks: the verb asks for confirmation although no call requires it: it changes something on this computer.
        names_profile: --profile may name a profile that does not exist yet.
    """

    def declare(function: Function) -> Function:
        function.__dict__["hpcli_calls"] = operations
        function.__dict__["hpcli_asks"] = asks
        function.__dict__["hpcli_names_profile"] = names_profile
        return function

    return declare


def metrics(function: Function) -> Function:
    """Declare that a verb takes `-o prometheus`: it looks at `ctx.wants_metrics`."""
    function.__dict__["hpcli_metrics"] = True
    return function


def build_verb(name: str, function: Callable[..., Any]) -> Command:
    """Return the command of a function, a copy of its own: a run may leave out a parameter."""
    return copy(_built(name, function))


@cache
def _built(name: str, function: Callable[..., Any]) -> Command:
    info = CommandInfo(name=name, cls=Verb, callback=for_each_target(function))
    return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)


class Verb(TyperCommand):
    """A command: its help shows its own options; it accepts the common ones too."""

    context_class = Context

    def __init__(self, name: str | None, **attributes: Any) -> None:
        super().__init__(name, **{**attributes, "rich_markup_mode": None})
        for parameter in self.params:
            if isinstance(parameter.type, IntRange):
                parameter.type = _Range(parameter.type)
            elif isinstance(parameter.type, FloatRange):
                parameter.type = _Decimals(parameter.type)
        if any(call.is_for_device for call in self.calls):
            from hpcli.commands.framework.device_user import device_user_options

            self.params += device_user_options()
        if self.targets:
            self.params += prepare(self.params, self.targets)
        if self.lists:
            self.params += list_options(self.params)
        self.params += own_first(common_options(hidden=True), self.params)

    @property
    def calls(self) -> tuple[Operation, ...]:
        """The platform operations that this command may send."""
        return tuple(getattr(self.callback, "hpcli_calls", ()))

    @property
    def asks(self) -> bool:
        """Whether the command asks for confirmation before it sends a change."""
        return getattr(self.callback, "hpcli_asks", False) or any(call.asks for call in self.calls)

    @property
    def lists(self) -> bool:
        """Whether the command prints a list: it takes --where, --sort, --count-by and --limit."""
        return is_list(self.callback)

    @property
    def targets(self) -> Targets | None:
        """How the command takes several targets, None if it does not."""
        return targets_of(self.callback)

    @property
    def reason_for_one(self) -> str | None:
        """Why the command takes one device or site only."""
        return reason_for_one(self.callback)

    def parse_args(self, ctx: ClickContext, args: list[str]) -> list[str]:
        """Read the command line; where targets are selected, their argument is left out."""
        args = with_excel_value(args) if self.lists else args
        if self.targets is None or not self.targets.selected:
            return super().parse_args(ctx, args)
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        self.params = without_argument(self.params, self.targets, given)
        rest = super().parse_args(ctx, args)
        ctx.params.setdefault(self.targets.parameter, None)
        return rest

    def invoke(self, ctx: ClickContext) -> Any:
        """Check the chosen profile and config.toml, then run the command."""
        is_for_metrics = ctx.obj.settings.flags.get("output") == METRICS
        if is_for_metrics and not getattr(self.callback, "hpcli_metrics", False):
            raise UsageError(
                f"`{ctx.command_path}` has no metrics for -o prometheus.",
                hint="`hpcli alarms status` and `hpcli health report` have.",
            )
        ctx.obj.verb = ctx.command_path.partition(" ")[2]
        ctx.obj.begin(may_name_new_profile=getattr(self.callback, "hpcli_names_profile", False))
        if ctx.obj.settings.flags.get("output") == "xlsx":
            from hpcli.output.workbook import check_library

            _ = ctx.obj.options  # refuses what does not go with it, such as a terminal, before the first call
            check_library()
        try:
            return super().invoke(ctx)
        except HpcliError as error:
            error.target = error.target or self._only_target(ctx)
            raise

    def _only_target(self, ctx: ClickContext) -> str | None:
        """Return what the command was about, as typed, if it was about one thing only."""
        for parameter in self.params:
            if str(parameter.metavar).removesuffix("...") in _TARGETS:
                value = ctx.params.get(parameter.name or "")
                words = [value] if isinstance(value, str) else list(value or ())
                is_one = len(words) == 1 and words[0] != "-" and not words[0].startswith("@")
                return words[0].strip() if is_one and "," not in words[0] else None
        return None

    def get_help_option(self, ctx: ClickContext) -> TyperOption | None:
        """Return `--help`, which writes to the stdout of the run."""
        return help_on_stdout(super().get_help_option(ctx))

    def collect_usage_pieces(self, ctx: ClickContext) -> list[str]:
        """Return the usage, without Typer's braces around required arguments."""
        pieces = super().collect_usage_pieces(ctx)
        return [piece[1:-1] if piece.startswith("{") else piece for piece in pieces]

    def format_help_text(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """Write the docstring without its examples, filled to the width of the terminal."""
        for paragraph in self._paragraphs:
            if not paragraph.startswith("$ "):
                formatter.write_paragraph()
                formatter.write(_fill(paragraph, formatter.width))

    def format_epilog(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """End with the line about the common options and the examples, unfilled."""
        formatter.write(f"\n{COMMON_LINE}\n")
        examples = [paragraph for paragraph in self._paragraphs if paragraph.startswith("$ ")]
        if examples:
            lines = "\n".join(examples).splitlines()
            formatter.write("\nExamples:\n" + "".join(f"  {line}\n" for line in lines))

    @property
    def _paragraphs(self) -> list[str]:
        return inspect.cleandoc(self.help or "").split("\n\n")


def _fill(paragraph: str, width: int) -> str:
    lines = paragraph.splitlines()
    if any(line.startswith(("$ ", " ")) for line in lines) or ":  " in paragraph:
        return "".join(f"  {line}\n" for line in lines)
    return (
        textwrap.fill(
            " ".join(lines), width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        + "\n"
    )


class _Decimals(FloatRange):
    """A range of decimal numbers that reads `from 0.5 to 10`."""

    def __init__(self, bounds: FloatRange) -> None:
        super().__init__(bounds.min, bounds.max)

    def _describe_range(self) -> str:
        return f"from {self.min:g}" if self.max is None else f"from {self.min:g} to {self.max:g}"


class _Range(IntRange):
    """A range that reads `from 1 to 10` in help and errors, not `1<=x<=10`."""

    def __init__(self, bounds: IntRange) -> None:
        super().__init__(bounds.min, bounds.max)

    def convert(self, value: Any, param: Parameter | None, ctx: ClickContext | None) -> Any:
        """Return the number; the error says so in words, not by the name of a type."""
        try:
            int(value)
        except ValueError:
            self.fail(f"'{value}' is not a whole number.", param, ctx)
        return super().convert(value, param, ctx)

    def _describe_range(self) -> str:
        return f"from {self.min}" if self.max is None else f"from {self.min} to {self.max}"
