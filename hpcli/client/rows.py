"""Fields of rows that the platform may leave out: those that a call needs, and names that are only shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.errors import ProtocolError


def needed(row: Mapping[str, Any], name: str) -> str:
    """Return a field of a row that the next call needs.

    Raises:
        ProtocolError: the row does not have it.
    """
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        known = site_label(row) if "siteName" in row else row.get("deviceSerial") or row.get("deviceName")
        of = f" of {known}" if known else ""
        raise ProtocolError(f"The platform's answer has no {name}{of}.")
    return str(value)


def site_label(site: Mapping[str, Any]) -> str:
    """Return the name of a site, its id where the platform left the name out."""
    return str(site.get("siteName") or site.get("id") or "the site")
