"""What families and verbs of the command line have in common: common options, help, the calls they make."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from typer._click.types import INT, IntRange
from typer.core import TyperCommand, TyperGroup, TyperOption

from hpcli.context import Context
from hpcli.errors import UsageError
from hpcli.settings import COMMON, Setting

if TYPE_CHECKING:
    from typer._click import HelpFormatter
    from typer._click.core import Context as ClickContext
    from typer._click.core import Parameter

    from hpcli.client.operation import Operation

Function = TypeVar("Function", bound=Callable[..., Any])

COMMON_LINE = "Common options (-o, --fields, --query, --profile, --dry-run …): `hpcli help options`."


def common_options(*, hidden: bool) -> list[TyperOption]:
    """Return the options that stand before the family and after the verb; the later one wins, -v adds up."""
    return [_common_option(setting, hidden=hidden) for setting in COMMON]


def _common_option(setting: Setting, *, hidden: bool) -> TyperOption:
    def store(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        if value is None or value is False or value == 0 or ctx.resilient_parsing:
            return
        flags = ctx.obj.settings.flags
        flags[setting.key] = (
            flags.get(setting.key, 0) + value if setting.key == "verbose" else setting.read(value)
        )

    counts = setting.key == "verbose"
    switch: dict[str, Any] = {"count": True, "type": INT} if counts else {"is_flag": True}
    return TyperOption(
        param_decls=[f"common_{setting.key.replace('-', '_')}", *setting.flags],
        callback=store,
        expose_value=False,
        help=setting.help,
        hidden=hidden,
        show_default=False,
        autocompletion=_completion(setting),
        **(switch if setting.is_switch else {"metavar": setting.metavar}),
    )


def _completion(setting: Setting) -> Callable[..., Any] | None:
    if setting.choices:
        return lambda _ctx, _args, start: [word for word in setting.choices if word.startswith(start)]
    return None


class _Range(IntRange):
    """A range that reads `from 1 to 10` in help and errors, not `1<=x<=10`."""

    def __init__(self, bounds: IntRange) -> None:
        super().__init__(bounds.min, bounds.max)

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
        self.params += common_options(hidden=True)

    @property
    def calls(self) -> tuple[Operation, ...]:
        """The operations of the platform that this command may send."""
        return tuple(getattr(self.callback, "hpcli_calls", ()))

    @property
    def asks(self) -> bool:
        """Whether a person is asked before the command sends a change."""
        return any(operation.asks for operation in self.calls)

    def format_help_text(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """Write the docstring as it stands, so that its examples keep their lines."""
        formatter.write_paragraph()
        for line in inspect.cleandoc(self.help or "").splitlines():
            formatter.write(f"  {line}".rstrip() + "\n")

    def format_epilog(self, _ctx: ClickContext, formatter: HelpFormatter) -> None:
        """End with the line about the common options."""
        formatter.write(f"\n{COMMON_LINE}\n")


class Group(TyperGroup):
    """A family; names near a wrong verb, and tells where common options go."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "rich_markup_mode": None})

    def parse_args(self, ctx: ClickContext, args: list[str]) -> list[str]:
        """Read the arguments; an option between family and verb belongs elsewhere."""
        common = {flag for setting in COMMON for flag in setting.flags}
        if args and args[0].partition("=")[0] in common:
            option = args[0].partition("=")[0]
            raise UsageError(
                f"{option} cannot stand between '{ctx.info_name}' and its verb.",
                hint=f"Put {option} before '{ctx.info_name}' or behind the verb.",
            )
        return super().parse_args(ctx, args)


class Family(typer.Typer):
    """A group of verbs, one API family.

    Args:
        name: as it is typed.
        summary: one line for the list of families; the help may say more.
    """

    def __init__(self, name: str, summary: str) -> None:
        super().__init__(name=name, help=summary, cls=Group, **_PLAIN)
        self.callback()(_nothing)

    def verb(self, name: str, *calls: Operation) -> Callable[[Function], Function]:
        """Register a function as a verb.

        Args:
            name: the verb.
            calls: the operations it may send.
        """
        return _register(self, name, calls)

    def family(self, name: str, summary: str) -> Family:
        """Add a family inside this one, such as `device upgrade`."""
        inner = Family(name, summary)
        self.add_typer(inner, name=name)
        return inner


class Single(typer.Typer):
    """A verb that stands alone, such as `hpcli explain`."""

    def __init__(self) -> None:
        super().__init__(**_PLAIN)

    def verb(self, name: str, *calls: Operation) -> Callable[[Function], Function]:
        """Register the one function."""
        return _register(self, name, calls)


_PLAIN: dict[str, Any] = {
    "add_completion": False,
    "no_args_is_help": True,
    "pretty_exceptions_enable": False,  # locals hold secrets
    "rich_markup_mode": None,
}


def _register(app: typer.Typer, name: str, calls: Sequence[Operation]) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        function.__dict__["hpcli_calls"] = tuple(calls)
        app.command(name, cls=Verb)(function)
        return function

    return register


def _nothing() -> None:
    """Keep a family of one verb a group."""
