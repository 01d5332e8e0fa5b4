"""Targets: which verbs act on several devices or sites at once, and how these are named or selected.

A verb is written for one target. `@many` declares, as data, that it takes several; the framework then runs it for
each target in parallel and joins what it shows or changes (`target_runs`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from typer.core import TyperArgument, TyperOption

from hpcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

    from typer._click.core import Context as ClickContext
    from typer._click.core import Parameter

    from hpcli.commands.framework.target_context import TargetContext
    from hpcli.run.context import Context

    Started = Generator[TargetContext, None, None]
    Follow = Callable[[Context, Started, Mapping[str, Any]], Started]


Function = TypeVar("Function", bound=Callable[..., Any])

SELECTORS: Final = {"device": ("--site", "--category", "--all", "--pick"), "site": ("--all", "--pick")}
_PREFIX = "targets_"
_HELP = "; several with commas, - reads them from stdin, @FILE from a file."
_ROWS = {"device": "device list", "site": "site list"}


class Targets(NamedTuple):
    """How a verb takes its targets.

    Attributes:
        parameter: the parameter of the function that names one target: serial, device or site.
        selected: whether --all, --pick and others can take the place of names.
        question: asked once before a change of several; `{targets}` and names of parameters stand in it.
        changes_with: parameters that make the verb a change; without them all runs of a changing verb are changes.
        needs_rows: the verb looks up the row of each target, which is done for all together.
        is_own: the verb reads its list itself.
        follow: with the verb's parameters, takes the targets when work on them was begun and yields them when it has
            ended (`--wait`).
        calls: with the verb's parameters, how many calls a target takes, for the time that is said beforehand; one
            without it.
    """

    parameter: str
    selected: bool = False
    question: str = ""
    changes_with: tuple[str, ...] = ()
    needs_rows: bool = False
    is_own: bool = False
    follow: Follow | None = None
    calls: Callable[[Mapping[str, Any]], int] | None = None

    @property
    def kind(self) -> str:
        """What the targets are: device or site."""
        return "site" if self.parameter.startswith("site") else "device"

    @property
    def selectors(self) -> tuple[str, ...]:
        """The options that select targets."""
        return SELECTORS[self.kind] if self.selected else ()


def many(
    parameter: str,
    *,
    selected: bool = False,
    question: str = "",
    changes_with: Sequence[str] = (),
    needs_rows: bool = False,
    is_own: bool = False,
    follow: Follow | None = None,
    calls: Callable[[Mapping[str, Any]], int] | None = None,
) -> Callable[[Function], Function]:
    """Declare that a verb takes several targets; see `Targets`."""

    def declare(function: Function) -> Function:
        function.__dict__["hpcli_targets"] = Targets(
            parameter, selected, question, tuple(changes_with), needs_rows, is_own, follow, calls
        )
        return function

    return declare


def one(reason: str) -> Callable[[Function], Function]:
    """Declare that a verb on a device or site takes one of them only, and why."""

    def declare(function: Function) -> Function:
        function.__dict__["hpcli_one_target"] = reason
        return function

    return declare


def reason_for_one(function: Any) -> str | None:
    """Return why a verb takes one target only; None where it takes several, or has none."""
    found: str | None = getattr(function, "hpcli_one_target", None)
    return found


def targets_of(function: Any) -> Targets | None:
    """Return how a verb takes its targets, None for one target or none."""
    found: Targets | None = getattr(function, "hpcli_targets", None)
    return found


def is_one(words: Sequence[str]) -> bool:
    """Whether one bare word is given; a SITE may have a comma in its name."""
    return len(words) == 1 and words[0] != "-" and not words[0].startswith("@") and "," not in words[0]


def selectors_in(ctx: ClickContext) -> dict[str, Any]:
    """Return the options that select targets, with their values.

    Raises:
        UsageError: there are several, which would not say which devices are meant.
    """
    keys = (flag for flags in SELECTORS.values() for flag in flags)
    found = {flag: ctx.meta[_PREFIX + flag] for flag in keys if ctx.meta.get(_PREFIX + flag)}
    if len(found) > 1:
        raise UsageError(f"{' and '.join(found)} cannot be used together.", hint="Choose one of them.")
    return found


def prepare(parameters: Sequence[Parameter], targets: Targets) -> list[TyperOption]:
    """Let the argument take several words where it is the only one; return the options that select targets."""
    if targets.is_own:
        return []
    arguments = [one for one in parameters if isinstance(one, TyperArgument)]
    argument = next(one for one in arguments if one.name == targets.parameter)
    argument.help = f"{(argument.help or '').removesuffix('.')}{_HELP}"
    if len(arguments) == 1:
        argument.nargs = -1
        argument.metavar = f"{argument.metavar}..."
        argument.required = not targets.selected
    taken = {flag for parameter in parameters for flag in parameter.opts}
    return [_option(flag, targets.kind) for flag in targets.selectors if flag not in taken]


def without_argument(
    parameters: Sequence[Parameter], targets: Targets, given: Mapping[str, Any]
) -> list[Parameter]:
    """Return the parameters without the argument that a selector replaces, so that others keep their places."""
    is_selected = any(given.get(_key(flag)) for flag in targets.selectors)
    one = next(parameter for parameter in parameters if parameter.name == targets.parameter)
    if not is_selected or one.nargs == -1:
        return list(parameters)
    return [parameter for parameter in parameters if parameter is not one]


def _option(flag: str, kind: str) -> TyperOption:
    texts = {
        "--site": ("SITE", "All devices of this site."),
        "--category": (
            "CATEGORY",
            "All devices of this category, such as nvr (with DVRs), dvr, panel.",
        ),
        "--all": (None, f"All {kind}s of the account."),
        "--pick": ("CONDITION", f"All {kind}s for which this holds in `{_ROWS[kind]}`; may be repeated."),
    }
    metavar, text = texts[flag]

    def store(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        if value:
            ctx.meta[_PREFIX + flag] = value

    more: dict[str, Any] = {"is_flag": True} if metavar is None else {"metavar": metavar}
    if flag == "--pick":
        more["multiple"] = True
    if flag == "--category":
        from hpcli.commands.framework.options import complete_categories

        more["autocompletion"] = lambda _ctx, _words, incomplete: complete_categories(incomplete)
    return TyperOption(
        param_decls=[_key(flag), flag],
        callback=store,
        expose_value=False,
        help=text,
        show_default=False,
        **more,
    )


def _key(flag: str) -> str:
    return f"{_PREFIX}{flag.removeprefix('--')}"
