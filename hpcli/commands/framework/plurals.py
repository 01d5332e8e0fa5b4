"""How several targets are named in questions and messages."""

from collections.abc import Sequence

_NAMED = 10


def listed(numbers: Sequence[object], one: str) -> str:
    """Return `zone 3` or `zones 3, 6`."""
    return f"{one}{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def counted(targets: Sequence[str], one: str) -> str:
    """Return the one target, or `3 devices (Q1, Q2, Q3)`; of many the first ten are named."""
    if len(targets) == 1:
        return targets[0]
    more = ", …" if len(targets) > _NAMED else ""
    return f"{len(targets)} {one}s ({', '.join(targets[:_NAMED])}{more})"
