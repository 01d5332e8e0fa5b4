"""The names of employees and managers."""

from collections.abc import Mapping
from typing import Any


def person_name(row: Mapping[str, Any]) -> str:
    """Return the name of an employee (§3.2) or of a manager (§3.10)."""
    names = (
        row.get(f"installer{key[0].upper()}{key[1:]}") or row.get(key) for key in ("firstName", "lastName")
    )
    return " ".join(str(name) for name in names if name)
