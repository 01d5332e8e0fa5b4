"""Filter devices by state, category and name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hpcli.names import folded
from hpcli.parse import naming
from hpcli.reference.codes import in_category

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow


def matching(
    rows: Iterator[DeviceRow], *, offline: bool, category: str | None, search: str | None
) -> Iterator[DeviceRow]:
    """Keep the devices that are offline, of a category, or match a name; the platform cannot filter by these."""
    with naming("--category"):
        is_wanted = in_category(category) if category else None
    words = folded(search or "")
    for row in rows:
        if offline and row.get("deviceOnlineStatus") != 0:
            continue
        if is_wanted is not None and not is_wanted(row):
            continue
        if not words or words in folded(
            f"{row.get('deviceName')} {row.get('deviceSerial')} {row.get('deviceType')}"
        ):
            yield row
