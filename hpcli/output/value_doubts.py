"""Values of conditions that no row can have: a list of codes is closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hpcli.output.row_filter import find_source, is_word

if TYPE_CHECKING:
    from hpcli.output.conditions import Condition
    from hpcli.output.table_spec import View


def doubt_value(condition: Condition, view: View) -> Iterator[str]:
    """Yield what is wrong with a value that its name never has, nothing for any other."""
    from hpcli.reference.choices import did_you_mean, nearest

    source = find_source(condition.name, view, "--where")
    words = source.closed
    if source.codes is not None and words == source.codes.names:
        is_known = source.codes.named(condition.value) or source.codes.find(condition.value)
        words = () if is_known else (*words, *(code.label for code in source.codes.codes))
    value = condition.value
    if not words or not value or value in words:
        return
    if source.column is not None and any(is_word(word, value) for word in words):
        return
    meant = did_you_mean(nearest(value, words)) or f"Its values are {', '.join(words)}."
    yield f"--where: {condition.name} is never '{value}'. {meant.strip()}"
