"""Columns that show codes by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.output import Column


def code_column(title: str, key: str, codes: str, **more: Any) -> Column:
    """Return a column that shows the codes of a list in `reference` by name."""

    def show(value: Any, _row: Mapping[str, Any]) -> str:
        from hpcli.reference.codes import code_list

        return "" if value is None else code_list(codes).label(value)

    return Column(title, key, show=show, codes=codes, **more)


def show_zone(value: Any, _row: Mapping[str, Any]) -> str:
    """Show a time zone of the platform (A.2) by its name."""
    from hpcli.reference.timezones import zone_name

    return zone_name(value)
