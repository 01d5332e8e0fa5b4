"""What the commands that speak to devices share: numbers, names of fields, one call for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from hpcli.errors import UsageError
from hpcli.run.context import Context


def message_fields(message: str, *path: str, also: Sequence[str] = ()) -> Callable[[], tuple[str, ...]]:
    """Return the names that `--fields` takes for rows of a message of appendix A.5.

    Args:
        message: its name, such as `JSON_ZoneList`.
        path: where a row stands in it.
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
        yield prefix + name
        if not field.is_list:
            yield from _names(field.children, f"{prefix}{name}.")


def read_numbers(ctx: Context, values: Iterable[str], what: str) -> list[int]:
    """Return numbers that count from 1: repeated, with commas, `-` or `@FILE`.

    Raises:
        UsageError: one is no number, or 0.
    """
    return [read_number(text, what) for text in ctx.inputs.read_list(values, what)]


def read_number(text: str, what: str) -> int:
    """Return a number that counts from 1."""
    if not text.isdecimal() or not text.isascii():
        article = "An" if what.startswith(tuple("aeiou")) else "A"
        raise UsageError(f"'{text}' is no {what}.", hint=f"{article} {what} is a number from 1.")
    if int(text) == 0:
        raise UsageError(f"There is no {what} 0.", hint=f"{what.capitalize()}s count from 1.")
    return int(text)


def change_together(
    ctx: Context,
    numbers: Sequence[int],
    change: Callable[[Sequence[int]], Any],
    done: Callable[[str, Any], str],
) -> None:
    """Make one call for several targets; each is reported with its outcome.

    Where the device lacks some of them, it refused the whole call: it is made again for the others.
    """
    from hpcli.client.device.numbers import NoSuchNumberError
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

    shown = numbers[:1] if ctx.settings.get("dry-run") else numbers
    ctx.each([str(number) for number in shown], attempt, done)
