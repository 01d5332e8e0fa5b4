"""JMESPath expressions of `--query`."""

from collections.abc import Callable
from typing import Any

from hpcli.errors import UsageError

_HELP = "See https://jmespath.org; quote the expression for your shell."


def compile_query(expression: str) -> Callable[[Any], Any]:
    """Compile a JMESPath expression into a function from value to value.

    Raises:
        UsageError: the expression is wrong; the message names the position. The returned function raises it for
            data that the expression cannot handle.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        compiled = jmespath.compile(expression)
    except JMESPathError as error:
        raise UsageError(_place(expression, error), hint=_HELP) from error
    except RecursionError as error:
        raise UsageError("The --query expression is nested too deeply.", hint=_HELP) from error
    _check_calls(compiled.parsed)

    def search(value: Any) -> Any:
        try:
            return compiled.search(value)
        except JMESPathError as error:
            raise UsageError(
                f"The --query expression cannot be applied to the data: {error}.", hint=_HELP
            ) from error

    return search


def _place(expression: str, error: Exception) -> str:
    position = getattr(error, "lex_position", None)
    if position is None:
        return "The --query expression is empty."
    if position >= len(expression):
        return f"The --query expression is incomplete, after character {len(expression)}: {expression!r}."
    rest = expression[position:]
    return f"The --query expression has an error at character {position + 1}: {rest!r}."


def _check_calls(node: Any, parent: str = "") -> None:
    """Find errors that JMESPath reports only with data, after the calls were made."""
    if not isinstance(node, dict):
        return
    kind = node["type"]
    if kind == "function_expression":
        _check_function(node["value"])
    if kind == "expref" and parent != "function_expression":
        raise UsageError("The --query expression has a `&` outside a function's brackets.", hint=_HELP)
    for child in node["children"]:
        _check_calls(child, kind)


def _check_function(name: str) -> None:
    from jmespath.functions import Functions

    known = Functions.FUNCTION_TABLE
    if name not in known:
        raise UsageError(
            f"The --query expression calls {name}(), which is not a JMESPath function.",
            hint=f"Functions: {', '.join(sorted(known))}.",
        )
