"""What kind of values a JSON name has, where they have an order of their own: times, durations, numbers, versions."""

from typing import Literal, Self

Kind = Literal["time", "duration", "number", "version", "boolean"]


class FieldName(str):
    """A JSON name of a row that knows the kind of its values.

    Attributes:
        kind: None for text and codes.
    """

    __slots__ = ("kind",)

    kind: Kind | None

    def __new__(cls, name: str, kind: Kind | None = None) -> Self:
        """Make the name."""
        made = super().__new__(cls, name)
        made.kind = kind
        return made


def kind_of_name(name: str) -> Kind | None:
    """Return the kind of the values of a name, None where nothing is known of them."""
    return name.kind if isinstance(name, FieldName) else None
