"""Refuse a word that is not in a list, and say which one was probably meant."""

from collections.abc import Iterable, Sequence

from hpcli.errors import UsageError

_NAMES_SHOWN = 40
_NEVER_MEANT = "none"  # whoever mistypes a word among others does not mean to clear the list


def nearest(text: str, names: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return the names that `text` resembles, the nearest first; case and accents make no difference.

    Args:
        text: what was given.
        names: what it may have meant.
        most: how many to return at most.
        cutoff: how like they must be, from 0 to 1.
    """
    import difflib  # only mistakes need it

    by_plain = {_plain(name): name for name in names}
    return [by_plain[match] for match in difflib.get_close_matches(_plain(text), by_plain, most, cutoff)]


def _plain(text: str) -> str:
    """Return a text in small letters, without accents."""
    import unicodedata

    return "".join(
        one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one)
    )


def did_you_mean(names: Iterable[str], form: str = "'{}'") -> str:
    """Return `Did you mean 'a' or 'b'? `, with a blank for the sentence behind it; nothing without names.

    Args:
        names: what was probably meant.
        form: how a name is shown.
    """
    meant = " or ".join(form.format(name) for name in names)
    return f"Did you mean {meant}? " if meant else ""


def refuse_word(text: str, names: Sequence[str], *, what: str = "", more: str | None = None) -> UsageError:
    """Return the error for `text`, which is not one of `names`.

    Args:
        text: what was given.
        names: the valid words, in the order to show them.
        what: option or setting that was given it, named first.
        more: where to find the whole list, named when it is too long to show.
    """
    near = nearest(text, (name for name in names if name != _NEVER_MEANT), most=3)
    hint = f"{did_you_mean(near)}{more or ''}".strip()
    listed = f"one of: {', '.join(names)}" if len(names) <= _NAMES_SHOWN else "a known name"
    where = f"{what}: " if what else ""
    return UsageError(f"{where}'{text}' is not {listed}.", hint=hint or None)
