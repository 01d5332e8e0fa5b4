"""Error codes of the platform (Guide A.1 and field notes)."""

from dataclasses import dataclass
from functools import cache

from hpcli.reference.data import read_rows


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One LAP, EVZ or VMS code; `kind` is one of the kinds in hpcli.errors, `hint` may be empty."""

    code: str
    kind: str
    description: str
    hint: str


@cache
def platform_errors() -> dict[str, ErrorEntry]:
    """Return all known codes, keyed by code."""
    return {row[0]: ErrorEntry(*row) for row in read_rows("errors.tsv")}


def platform_error(code: str) -> ErrorEntry | None:
    """Return what `code` means, in any case; None if it is not listed."""
    return platform_errors().get(code.strip().upper())
