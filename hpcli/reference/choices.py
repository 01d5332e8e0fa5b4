"""Refuse a word that is not in a list, and say which one was probably meant."""

from collections.abc import Sequence

from hpcli.errors import UsageError

_NAMES_SHOWN = 40
_NEVER_MEANT = "none"  # whoever mistypes a word among others does not mean to clear the list


def refuse_word(text: str, names: Sequence[str], *, what: str = "", more: str | None = None) -> UsageError:
    """Return the error for `text`, which is none of `names`.

    Args:
        text: what was given.
        names: the valid words, in the order to show them.
        what: option or setting that was given it, named first.
        more: where to find the whole list, named when it is too long to show.
    """
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in names if name != _NEVER_MEANT}
    near = [
        f"'{by_folded[match]}'" for match in get_close_matches(text.casefold(), by_folded, n=3, cutoff=0.6)
    ]
    hints = [f"Did you mean {' or '.join(near)}?"] if near else []
    if more:
        hints.append(more)
    listed = f"one of: {', '.join(names)}" if len(names) <= _NAMES_SHOWN else "a known name"
    where = f"{what}: " if what else ""
    return UsageError(f"{where}'{text}' is not {listed}.", hint=" ".join(hints) or None)
