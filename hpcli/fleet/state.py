"""What is known of an account: the rows of the platform, site by site, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hpcli.errors import HpcliError

Row = Mapping[str, Any]

OFFLINE = 0
"""`deviceOnlineStatus` of a device that is not connected (§3.21)."""


class Parts(NamedTuple):
    """What to read of a site beside its row and those of its devices.

    Attributes:
        managers: its managers.
        customers: its end users.
        accounts: the end users whose permissions are read, with folded names; None for all.
        since: since when devices are offline.
        channels: the channels of its devices.
    """

    managers: bool = True
    customers: bool = True
    accounts: frozenset[str] | None = None
    since: bool = True
    channels: bool = False


NOTHING = Parts(managers=False, customers=False, since=False)


@dataclass
class SiteState:
    """What is known of a site; None where a part was not read.

    Attributes:
        row: of §3.6.
        devices: rows of §3.21.
        managers: rows of §3.10.
        customers: rows of §3.12.
        permissions: account to the items of §3.13.
        since: serial to the time since when a device is offline, where the health report says it.
        channels: serial to the rows of §3.22.
        errors: part to why it could not be read.
    """

    row: Row
    devices: list[Row] = field(default_factory=list)
    managers: Sequence[Row] | None = None
    customers: Sequence[Row] | None = None
    permissions: dict[str, Sequence[Row]] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    channels: dict[str, Sequence[Row]] = field(default_factory=dict)
    errors: dict[str, HpcliError] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.row.get("id") or "")

    @property
    def name(self) -> str:
        """Its name; its id where the platform left the name out."""
        return str(self.row.get("siteName") or self.id)

    def kept(self) -> dict[str, Any]:
        """Return the parts that were read, as data."""
        return {
            "managers": self.managers,
            "customers": self.customers,
            "permissions": self.permissions,
            "since": self.since,
            "channels": self.channels,
        }

    def take(self, kept: Mapping[str, Any]) -> None:
        """Take over parts that were read before."""
        self.managers, self.customers = kept["managers"], kept["customers"]
        self.permissions, self.since = dict(kept["permissions"]), dict(kept["since"])
        self.channels = dict(kept["channels"])


@dataclass
class AccountState:
    """What is known of an account.

    Attributes:
        sites: in the order of the list.
        homeless: devices whose site is not in the list.
        gaps: sentences about rows of lists that the platform counted but did not send.
        is_of_centre: the devices are those that report to a receiving centre, whose list does not name it (§3.37).
    """

    sites: list[SiteState]
    homeless: list[Row] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    is_of_centre: bool = False

    @property
    def devices(self) -> Iterable[tuple[SiteState | None, Row]]:
        """The devices, each with its site."""
        for site in self.sites:
            for device in site.devices:
                yield site, device
        for device in self.homeless:
            yield None, device

    @property
    def failures(self) -> list[tuple[SiteState, str, HpcliError]]:
        """The parts that could not be read: site, part, error."""
        return [(site, part, error) for site in self.sites for part, error in site.errors.items()]
