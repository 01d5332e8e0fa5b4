"""Refuse a word that is not in a list, and say which one was probably meant."""

from collections.abc import Sequence

from hpcli.errors import UsageError

_NAMES_SHOWN = 40


def refuse_word(text: str, names: Sequence[str], *, more: str | None = None) -> UsageError:
    """Return the error for `text`, which is none of `names`.

    Args:
        text: what was given.
        names: the valid words, in the order to show them.
        more: where to find the whole list, named when it is too long to show.
    """
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in names}
    near = [by_folded[match] for match in get_close_matches(text.casefold(), by_folded, n=3, cutoff=0.6)]
    hints = [f"Did you mean {' or '.join(near)}?"] if near else []
    if more:
        hints.append(more)
    listed = f"one of: {', '.join(names)}" if len(names) <= _NAMES_SHOWN else "a known name"
    return UsageError(f'"{text}" is not {listed}.', hint=" ".join(hints) or None)
