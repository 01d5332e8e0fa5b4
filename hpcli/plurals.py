"""Name one or several targets in questions and messages."""

from collections.abc import Sequence

_NAMED = 5


def quantity(count: int, one: str, several: str | None = None) -> str:
    """Return `1 event` or `3 events`, with the plural given where an s does not make it."""
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def listed(numbers: Sequence[object], one: str) -> str:
    """Return `zone 3` or `zones 3, 6`."""
    return f"{one}{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def numbered(numbers: Sequence[object], one: str) -> str:
    """Return `zone 3`, `zones 3, 6`, or `12 zones (1, 2, 3, 4, 5, …)`, for a question."""
    return listed(numbers, one) if len(numbers) <= _NAMED else counted([str(n) for n in numbers], one)


def first_of(parts: Sequence[str]) -> str:
    """Return the first five parts, separated by semicolons."""
    return "; ".join([*parts[:_NAMED], *(["…"] if len(parts) > _NAMED else [])])


def counted(targets: Sequence[str], one: str) -> str:
    """Return the one target, or `3 devices (Q1, Q2, Q3)` with at most five names."""
    if len(targets) == 1:
        return targets[0]
    more = ", …" if len(targets) > _NAMED else ""
    return f"{quantity(len(targets), one)} ({', '.join(targets[:_NAMED])}{more})"
