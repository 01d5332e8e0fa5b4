"""The result of a check of `hpcli doctor`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "problem", "note", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check.

    Attributes:
        check: name of the check.
        state: ok, problem, note (works, but worth a look) or skipped.
        result: finding in words.
        hint: suggested fix, if any.
    """

    check: str
    state: State
    result: str
    hint: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


class SkippedError(Exception):
    """An earlier failure makes the check impossible."""
