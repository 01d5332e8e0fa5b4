"""The site of a device, as events need it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Site:
    """Where a device is.

    Attributes:
        id: of the site; None, like the name, for a device that stands at none.
        time_zone: a number of Guide A.2, also as digits, an IANA name, or a tzinfo.
        is_panel: the device is a security panel.
    """

    id: str | None
    name: str | None
    time_zone: object = None
    is_panel: bool = False


class Sites(Protocol):
    """Where devices are, from a cached device list: `tail.site_lookup`."""

    def site_of(self, serial: str) -> Site | None:
        """Return the site of a device, None if it is unknown."""


class Devices(Sites, Protocol):
    """Where devices are and what they are called."""

    def name_of(self, serial: str) -> str | None:
        """Return the name of a device, None if it is unknown or has none."""

    def zones(self) -> list[object]:
        """Return the time zones of all sites, each once."""
