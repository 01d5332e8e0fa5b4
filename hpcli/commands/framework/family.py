"""What families and verbs of the command line have in common: common options, help, the calls they make."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from typer._click.types import INT, FloatRange, IntRange
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command_from_info
from typer.models import CommandInfo

from hpcli.errors import UsageError
from hpcli.parse import naming
from hpcli.run.context import Context
from hpcli.run.settings import COMMON, Setting

if TYPE_CHECKING:
    from typer._click import HelpFormatter
    from typer._click.core import Command, Parameter
    from typer._click.core import Context as ClickContext

    from hpcli.api.operation import Operation

Function = TypeVar("Function", bound=Callable[..., Any])

_FEW = 8
"""So many verbs fit into a hint."""

COMMON_LINE = "Common options (-o, --query, --profile, --dry-run …): `hpcli help options`."


def common_options(*, hidden: bool) -> list[TyperOption]:
    """Return the options that stand before the family and after the verb; the later one wins, -v adds up."""
    return [_common_option(setting, hidden=hidden) for setting in COMMON]


def _common_option(setting: Setting, *, hidden: bool) -> TyperOption:
    def store(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        if value is None or value is False or value == 0 or ctx.resilient_parsing:
            return
        flags = ctx.obj.settings.flags
        with naming(setting.flags[0]):
            flags[setting.key] = (
                flags.get(setting.key, 0) + value if setting.key == "verbose" else setting.read(value)
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


class _Decimals(FloatRange):
    """A range of numbers with decimals that reads likewise."""

    def __init__(self, bounds: FloatRange) -> None:
        super().__init__(bounds.min, bounds.max)

    def _describe_range(self) -> str:
        return f"from {self.min:g}" if self.max is None else f"from {self.min:g} to {self.max:g}"


class _Range(IntRange):
    """A range that reads `from 1 to 10` in help and errors, not `1<=x<=10`."""

    def __init__(self, bounds: IntRange) -> None:
        super().__init__(bounds.min, bounds.max)

    def convert(self, value: Any, param: Parameter | None, ctx: ClickContext | None) -> Any:
        """Return the number; what is none is told in words, not by the name of a type."""
        try:
            int(value)
        except ValueError:
            self.fail(f"'{value}' is no whole number.", param, ctx)
        return super().convert(value, param, ctx)

    def _describe_range(self) -> str:
        return f"from {self.min}" if self.max is None else f"from {self.min} to {self.max}"


class Verb(TyperCommand):
    """A command: its own options in its help, the common ones accepted too."""

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
        self.params += common_options(hidden=True)

    @property
    def calls(self) -> tuple[Operation, ...]:
        """The operations of the platform that this command may send."""
        return tuple(getattr(self.callback, "hpcli_calls", ()))

    @property
    def asks(self) -> bool:
        """Whether a person is asked before the command sends a change."""
        return getattr(self.callback, "hpcli_asks", False) or any(call.asks for call in self.calls)

    def collect_usage_pieces(self, ctx: ClickContext) -> list[str]:
        """Return the usage; what is required stands there without Typer's braces."""
        pieces = super().collect_usage_pieces(ctx)
        return [piece[1:-1] if piece.startswith("{") else piece for piece in pieces]

    def format_help_text(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """Write the docstring without its examples, sentences filled to the terminal."""
        for paragraph in self._paragraphs:
            if not paragraph.startswith("$ "):
                formatter.write_paragraph()
                formatter.write(_fill(paragraph, formatter.width))

    def format_epilog(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """End with the line about the common options and the examples, which keep their lines."""
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


class Group(TyperGroup):
    """A family on the command line; a verb is built when it is used."""

    def __init__(self, family: Family) -> None:
        super().__init__(name=family.name, help=family.summary, no_args_is_help=True, rich_markup_mode=None)
        self._members = family.members

    def list_commands(self, _ctx: ClickContext) -> list[str]:
        """Return the verbs and inner families as they were declared."""
        return list(self._members)

    def get_command(self, _ctx: ClickContext, cmd_name: str) -> Command | None:
        """Build one verb or inner family."""
        member = self._members.get(cmd_name)
        if member is None:
            return None
        return member.build() if isinstance(member, Family) else _build_verb(cmd_name, member)

    def format_commands(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """List the verbs without building them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(member)) for name, member in self._members.items()])

    def parse_args(self, ctx: ClickContext, args: list[str]) -> list[str]:
        """Read the arguments; an option between family and verb belongs elsewhere."""
        common = {flag for setting in COMMON for flag in setting.flags}
        word = args[0].partition("=")[0] if args else ""
        option = word if word.startswith("--") else word[:2]  # `-ojson`, `-vv`
        if option in common:
            raise UsageError(
                f"{option} cannot stand between '{ctx.info_name}' and its verb.",
                hint=f"Put {option} before '{ctx.info_name}' or behind the verb.",
            )
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: ClickContext, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Find the verb; name the nearest where there is none."""
        if args[0] not in self._members and not args[0].startswith("-"):
            raise no_such_command(args[0], self._members, ctx.command_path)
        return super().resolve_command(ctx, args)


class Family:
    """A group of verbs, one API family.

    Args:
        name: as it is typed.
        summary: one line for the list of families; the help may say more.
    """

    def __init__(self, name: str, summary: str) -> None:
        self.name = name
        self.summary = summary
        self.members: dict[str, Callable[..., Any] | Family] = {}

    def verb(self, name: str, *calls: Operation, asks: bool = False) -> Callable[[Function], Function]:
        """Register a function as a verb.

        Args:
            name: the verb.
            calls: the operations it may send.
            asks: a person is asked though no call says so: what it changes is on this computer.
        """

        def register(function: Function) -> Function:
            self.members[name] = _with_calls(function, calls)
            function.__dict__["hpcli_asks"] = asks
            return function

        return register

    def family(self, name: str, summary: str) -> Family:
        """Add a family inside this one, such as `device upgrade`."""
        inner = Family(name, summary)
        self.members[name] = inner
        return inner

    def include(self, inner: Family) -> None:
        """Add a family that has a file of its own."""
        self.members[inner.name] = inner

    def build(self) -> Command:
        """Return the command of the family."""
        return Group(self)


class Single:
    """A verb that stands alone, such as `hpcli explain`."""

    def __init__(self) -> None:
        self._name = ""
        self._function: Callable[..., Any] = _nothing

    def verb(self, name: str, *calls: Operation) -> Callable[[Function], Function]:
        """Register the one function."""

        def register(function: Function) -> Function:
            self._name, self._function = name, _with_calls(function, calls)
            return function

        return register

    def build(self) -> Command:
        """Return the command."""
        return _build_verb(self._name, self._function)


def no_such_command(name: str, known: Iterable[str], where: str) -> UsageError:
    """Return the error of a family or verb that does not exist; its hint names the nearest, or all of a few."""
    import difflib

    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    if near or len(names) > _FEW:
        meant = f"Did you mean '{near[0]}'? " if near else ""
        hint = f"{meant}`{where} --help` lists them."
    else:
        hint = f"`{where}` has {', '.join(names)}."
    return UsageError(f"There is no command '{where} {name}'.", hint=hint)


def _with_calls(function: Function, calls: Sequence[Operation]) -> Function:
    function.__dict__["hpcli_calls"] = tuple(calls)
    return function


def _build_verb(name: str, function: Callable[..., Any]) -> Command:
    info = CommandInfo(name=name, cls=Verb, callback=function)
    return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)


def _summary(member: Callable[..., Any] | Family) -> str:
    text = member.summary if isinstance(member, Family) else member.__doc__ or ""
    return text.strip().partition("\n")[0]


def _nothing() -> None:
    """Stand for the function of a `Single` that is still to be registered."""
