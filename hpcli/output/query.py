"""JMESPath expressions of `--query`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hpcli.errors import UsageError
from hpcli.output.cells import raw_text
from hpcli.output.table_spec import Column, Row

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


def as_rows(value: Any) -> tuple[Sequence[Row], tuple[Column, ...], bool]:
    """Return the rows of a result, their columns, and whether these have headings.

    Objects are rows with the keys in order of writing as headings, lists are rows without headings, and any other
    value is a row with the column `value`. A result that is not a list is one row; null gives no rows.
    """
    items = value if isinstance(value, list) else [] if value is None else [value]
    if items and all(isinstance(item, dict) for item in items):
        keys = dict.fromkeys(key for item in items for key in item)
        return items, columns_of_keys(keys), True
    if items and all(isinstance(item, list) for item in items):
        rows = [{str(place): cell for place, cell in enumerate(item)} for item in items]
        return rows, columns_of_keys(map(str, range(max(map(len, items))))), False
    return [{"value": item} for item in items], columns_of_keys(["value"]), bool(items)


def columns_of_keys(keys: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of plain objects, whose keys may have dots."""
    return tuple(
        Column(key, key, show=lambda _value, row, key=key: raw_text(row.get(key)), wide=True)  # type: ignore[misc] # mypy infers no lambda with a default
        for key in keys
    )


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
