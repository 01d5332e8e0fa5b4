"""Rows that a comparison of `--where` leaves out because they have no value: how many, and how to get them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from hpcli.plurals import quantity


class LeftOut(NamedTuple):
    """Why rows were left out that nobody could compare.

    Attributes:
        name: of the condition.
        option: that has it.
        noun: what a row is.
        due: what rows are that should have a value, such as `offline`; empty for one that need not.
    """

    name: str
    option: str
    noun: str
    due: str = ""


def left_out_words(left_out: Counter[LeftOut]) -> Iterator[str]:
    """Return how many rows were left out because a comparison found no value, and how to get them."""
    for name, option, noun in dict.fromkeys(one[:3] for one in left_out):
        counts = {one.due: count for one, count in left_out.items() if one[:3] == (name, option, noun)}
        count = sum(counts.values())
        has, was, them = ("has", "was", "it") if count == 1 else ("have", "were", "them")
        due = ", ".join(f"{number} of them {word}" for word, number in counts.items() if word)
        yield (
            f"{quantity(count, noun)} {has} no {name} and {was} left out{f' ({due})' if due else ''}; "
            f"{option} '{name} = \"\"' shows {them}."
        )
