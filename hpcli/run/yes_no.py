"""Yes and no in a file, as people and spreadsheets of several languages write them."""

from __future__ import annotations

from functools import cache

from hpcli.errors import UsageError
from hpcli.reference.data import read_rows


def read_yes_no(text: str, what: str) -> bool:
    """Return whether a cell says yes.

    Args:
        text: the cell.
        what: its column, for the message.

    Raises:
        UsageError: it says neither yes nor no.
    """
    meaning = _words().get(text.strip().casefold())
    if meaning is None:
        raise UsageError(f"{what} is '{text}', not yes or no.")
    return meaning == "yes"


@cache
def _words() -> dict[str, str]:
    return {word.casefold(): meaning for word, meaning in read_rows("yes_no.tsv")}
