"""Lists: the options that every verb has that prints rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

from typer._click.types import INT
from typer.core import TyperOption

if TYPE_CHECKING:
    from typer._click.core import Context as ClickContext
    from typer._click.core import Parameter

Function = TypeVar("Function", bound=Callable[..., Any])

WHERE_HELP = (
    "Only rows for which this holds, such as 'state = offline' or 'city = \"\"' (none); may be repeated."
)


def lists(function: Function) -> Function:
    """Declare that a verb prints a list through `ctx.show`: it gets `--where`, `--sort`, `--count-by`, `--limit`."""
    function.__dict__["hpcli_lists"] = True
    return function


def with_excel_value(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with `--excel=auto` for a bare `--excel`: Typer knows no option with an optional value.

    The next argument is its value if it is a separator. A single punctuation mark that is not one counts as its value
    too, so that an error can name it.
    """
    if "--excel" not in arguments:
        return list(arguments)
    from hpcli.run.selection import SEPARATORS

    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    found: list[str] = []
    for at, (one, following) in enumerate(zip_longest(arguments, arguments[1:end], fillvalue="")):
        is_sign = len(following) == 1 and not following.isalnum() and following != "-"
        is_bare = one == "--excel" and at < end and not is_sign and following not in SEPARATORS
        found.append("--excel=auto" if is_bare else one)
    return found


def is_list(function: Any) -> bool:
    """Whether a verb's function is declared to print a list."""
    return bool(getattr(function, "hpcli_lists", False))


def list_options(parameters: Sequence[Parameter]) -> list[TyperOption]:
    """Return the options of a list that the verb does not have itself."""
    taken = {flag for parameter in parameters for flag in parameter.opts}
    return [option for option in _options() if not taken.intersection(option.opts)]


def _options() -> list[TyperOption]:
    return [
        _option("--where", "CONDITION", WHERE_HELP, multiple=True),
        _option(
            "--sort", "NAME[,-NAME]", "Sort by these names; - before one sorts downwards.", multiple=True
        ),
        _option("--count-by", "NAME[,NAME]", "Count the rows by these names instead of printing them."),
        _option("--limit", "N", "Maximum number of rows.", type=INT),
        _option(
            "--excel",
            "[SEPARATOR]",
            "With -o csv: as Excel reads it, with the separator of your locale, or the one given: --excel ';'.",
        ),
    ]


def _option(flag: str, metavar: str, text: str, **more: Any) -> TyperOption:
    key = flag.removeprefix("--").replace("-", "_")
    return TyperOption(
        param_decls=[f"list_{key}", flag],
        callback=_storing(key),
        expose_value=False,
        help=text,
        metavar=metavar,
        show_default=False,
        **more,
    )


def _storing(key: str) -> Callable[[ClickContext, Parameter, Any], None]:
    def store(ctx: ClickContext, _parameter: Parameter, value: Any) -> None:
        if (not value and value != 0) or ctx.resilient_parsing:
            return
        if key == "limit":
            if value < 1:
                from hpcli.errors import UsageError

                raise UsageError("--limit is a whole number from 1.")
            ctx.obj.selection.limit = value
        elif key == "excel":
            ctx.obj.selection.excel = value
        elif key == "count_by":
            ctx.obj.selection.count_by = [name.strip() for name in value.split(",") if name.strip()]
        else:
            getattr(ctx.obj.selection, key).extend(value)

    return store
