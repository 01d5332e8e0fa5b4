"""Read the conditions of `--where` and `--pick`: `NAME OP VALUE`."""

from __future__ import annotations

from typing import Final, NamedTuple

from hpcli.errors import UsageError

_OPERATORS: Final = ("==", "!=", "<=", ">=", "!~", "=", "<", ">", "~")
"""The longest first: at one place, the longest match wins. `==`, as `--query` has it, means `=`."""

_FOREIGN: Final = {
    "===": "=", "=~": "~", "~=": "~", "<>": "!=", "!==": "!=", "=<": "<=", "=>": ">=",
}  # fmt: skip
"""Operators of other languages, and ours for them; read by ours, they would leave a sign in the value."""

_HINT: Final = "Write it as 'NAME OP VALUE' with one of = != < <= > >= ~ !~ (contains)."


class Condition(NamedTuple):
    """One `--where`: a name, an operator, and the value as it was typed."""

    name: str
    operator: str
    value: str


def parse_condition(text: str, option: str = "--where") -> Condition:
    """Read `NAME OP VALUE`; the first operator counts, blanks around it do not, quotes round the value are taken off.

    Raises:
        UsageError: there is no operator, or one of another language, or no name.
    """
    places = [place for operator in _OPERATORS if (place := text.find(operator)) >= 0]
    if not places:
        raise UsageError(f"{option} {text!r} has no operator.", hint=_HINT)
    first = min(places)
    operator = next(one for one in _OPERATORS if text.startswith(one, first))
    _refuse_foreign(text, first, option)
    name, value = text[:first].strip(), text[first + len(operator) :].strip()
    if not name:
        raise UsageError(f"{option} {text!r} has no name before {operator}.", hint=_HINT)
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    return Condition(name, "=" if operator == "==" else operator, value)


def _refuse_foreign(text: str, first: int, option: str) -> None:
    typed = next(
        (one for one in sorted(_FOREIGN, key=len, reverse=True) if text.startswith(one, first)), None
    )
    if typed is not None:
        raise UsageError(
            f"{option} {text!r}: {typed} is not an operator.",
            hint=f"Did you mean {_FOREIGN[typed]}? Put a value that begins with such a sign in quotes.",
        )
