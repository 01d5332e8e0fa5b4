"""Words that have an order of their own, such as low, normal, high, critical: the alphabet says nothing about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.errors import UsageError

if TYPE_CHECKING:
    from hpcli.reference.codes import CodeList

_OF_CODES: Final = {"signalStrengthWord": ("noSignal", "weak", "middle", "strong")}
"""Values of code lists that have an order, from the least to the most."""


class Ranks(NamedTuple):
    """The values of a closed list from the least to the most, and the list with further words for them."""

    values: tuple[str, ...]
    codes: CodeList | None = None

    def place(self, value: Any) -> int | None:
        """Return where a value, or a word for it, stands among the others; None for one that is not in the list."""
        code = None if self.codes is None else self.codes.find(value) or self.codes.named(str(value))
        wanted = str(value if code is None else code.value).casefold()
        return next((at for at, one in enumerate(self.values) if one.casefold() == wanted), None)

    def check(self, text: str, what: str) -> None:
        """Check that a typed value has a place.

        Raises:
            UsageError: it has no place; the message lists the values that have one.
        """
        if self.place(text) is None:
            from hpcli.reference.choices import refuse_word

            raise refuse_word(text, self.values, what=what)


def ranks_of_codes(codes: CodeList | None) -> Ranks | None:
    """Return the order of a code list, None where its codes have none."""
    values = None if codes is None else _OF_CODES.get(codes.name)
    return None if values is None else Ranks(values, codes)


def refuse_order(name: str, operator: str, option: str, words: tuple[str, ...]) -> UsageError:
    """Return the error for a comparison of words that are not more or less than each other."""
    listed = f": {', '.join(words)}" if len(words) <= _WORDS_SHOWN else ""
    return UsageError(
        f"{option}: the values of {name} have no order, so {operator} cannot compare them.",
        hint=f"Use = or != with one of its values{listed}; repeat {option} to exclude several.",
    )


_WORDS_SHOWN: Final = 20
