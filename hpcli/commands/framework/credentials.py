"""Show `subStatus` in tables: which of person, card, face and fingerprint are done (Guide §3.47, §3.51).

The guide states one order of the bits and uses another in its example; the example counts (errata 141). The raw
number stands beside the words, because the order of person and face is inferred.
"""

from collections.abc import Mapping
from typing import Any

from hpcli.reference.codes import code_list


def done_parts(codes: str) -> "list[tuple[int, str]]":
    """Return bit and name of each part, from a code list of bits."""
    return [(int(code.value or 0), code.name) for code in code_list(codes).codes]


def show_done(value: Any, _row: Mapping[str, Any]) -> str:
    """Show the parts that are done: `person, card (3)`."""
    if not isinstance(value, int):
        return ""
    names = [name for bit, name in done_parts("privilegeSubStatusBits") if value & bit]
    return f"{', '.join(names) or 'nothing'} ({value})"


def missing_parts(value: Any) -> list[str]:
    """Return the names of the parts that are not done."""
    if not isinstance(value, int):
        return []
    return [name for bit, name in done_parts("privilegeSubStatusBits") if not value & bit]
