"""Code shared by commands that send messages to devices: numbers, field names, one call for many targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from hpcli.errors import UsageError
from hpcli.reference.value_kinds import FieldName, Kind
from hpcli.run.context import Context

_KINDS: Final[Mapping[str, Kind]] = {
    "integer": "number", "float": "number", "boolean": "boolean", "datetime": "time"
}  # fmt: skip

_BYPASSED_ALREADY = "bypassStatus"


def message_fields(message: str, *path: str, also: Sequence[str] = ()) -> Callable[[], tuple[str, ...]]:
    """Return the names that `--fields` accepts for the rows of a message of appendix A.5.

    Args:
        message: its name, such as `JSON_ZoneList`.
        path: where the rows are in the message.
        also: names that hpcli adds.
    """

    def names() -> tuple[str, ...]:
        from hpcli.isapi.definitions import messages

        field = messages()[message].document
        for name in path:
            field = field.children[name]
        return (*also, *_names(field.children))

    return names


def _names(children: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield dotted names; lists inside a row are named, not entered."""
    for name, field in children.items():
        yield FieldName(prefix + name, None if field.values else _KINDS.get(field.kind))
        if not field.is_list:
            yield from _names(field.children, f"{prefix}{name}.")


def read_numbers(ctx: Context, values: Iterable[str], what: str) -> list[int]:
    """Return numbers that count from 1, given repeatedly, with commas, as `-` or as `@FILE`.

    Raises:
        UsageError: a value is not a number, or is 0.
    """
    return [read_number(text, what) for text in ctx.inputs.read_list(values, what)]


def read_number(text: str, what: str) -> int:
    """Return a number that counts from 1."""
    if not text.isdecimal() or not text.isascii():
        article = "an" if what.startswith(tuple("aeiou")) else "a"
        raise UsageError(
            f"'{text}' is not {article} {what}.", hint=f"{article.capitalize()} {what} is a number from 1."
        )
    if int(text) == 0:
        raise UsageError(f"There is no {what} 0.", hint=f"{what.capitalize()}s count from 1.")
    return int(text)


def change_together(
    ctx: Context,
    numbers: Sequence[int],
    change: Callable[[Sequence[int]], Any],
    done: Callable[[str, Any], str],
    *,
    noun: str,
) -> None:
    """Make one call for several targets and report the outcome of each.

    A device that lacks some of the targets refuses the whole call; the call is then repeated for the others. If it
    refuses for another reason, which may be that of one target only, each target gets a call of its own.
    """
    from hpcli.client.device.numbers import FINAL_REFUSALS, NoSuchNumberError
    from hpcli.isapi.errors import DeviceRefusedError
    from hpcli.run.attempts import once

    send = once(lambda: change(numbers))
    rest: list[Callable[[], Any]] = []

    def attempt(target: str) -> Any:
        try:
            return send()
        except NoSuchNumberError as error:
            if int(target) in error.numbers:
                raise error.only(int(target)) from None
            if not rest:
                others = [number for number in numbers if number not in error.numbers]
                rest.append(once(lambda: change(others)))
            return rest[0]()
        except DeviceRefusedError as refused:
            if len(numbers) == 1 or refused.name in FINAL_REFUSALS:
                raise
            return change_alone(int(target))

    def change_alone(number: int) -> Any:
        try:
            return change([number])
        except DeviceRefusedError as refused:
            if refused.name == _BYPASSED_ALREADY:
                return None
            raise

    shown = numbers[:1] if ctx.settings.get("dry-run") else numbers
    ctx.each([str(number) for number in shown], attempt, done, named=lambda number: f"{noun} {number}")
