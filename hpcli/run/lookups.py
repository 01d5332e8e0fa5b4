"""Look sites and devices up, each once in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpcli.client.rows import needed
from hpcli.names import is_site_id

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow
    from hpcli.client import Client
    from hpcli.errors import HpcliError

Row = Mapping[str, Any]


@dataclass
class Lookups:
    """What a run knows of sites and devices already; threads may share it.

    Args:
        client: returns the client, which is made when the first call goes out.
    """

    client: Callable[[], Client]
    _sites: dict[str, Row] = field(default_factory=dict)
    _devices: dict[str, DeviceRow] = field(default_factory=dict)

    def site(self, site: str) -> Row:
        """Return the row of a site, by id or name.

        Raises:
            NotFoundError: there is none.
            UsageError: several sites have that name.
        """
        known = self._sites.get(site)
        if known is None:
            known = self._sites[site] = self.client().site.find(site)
        return known

    def site_id(self, site: str) -> str:
        """Return the id of a site; an id is returned as it is, without a call. Raises like `site`."""
        return needed(self.site_named(site), "id")

    def site_named(self, site: str) -> Row:
        """Return the row of a site; of one named by id, whose row is not known, the id alone, without a call."""
        name = site.strip()
        return {"id": name} if is_site_id(name) and name not in self._sites else self.site(site)

    def known_site(self, site: str) -> Row:
        """Return the row of a site without a call; an empty one where it is not known."""
        return self._sites.get(site, {})

    def known_device(self, device: str) -> Mapping[str, Any]:
        """Return the row of a device without a call; an empty one where it is not known."""
        return self._devices.get(_key(device), {})

    def site_label(self, site: str) -> str:
        """Return a site as the user should see it: its name where a row is known, else as typed."""
        return str(self._sites.get(site, {}).get("siteName") or site)

    def device(self, device: str) -> DeviceRow:
        """Return the row of a device, by serial or id.

        Raises:
            NotFoundError: there is none.
        """
        known = self._devices.get(_key(device))
        if known is None:
            known = self._devices[_key(device)] = self.client().device.find(device)
        return known

    def knows_site(self, site: str) -> bool:
        """Whether the row of a site is known."""
        return site in self._sites

    def find_sites(self, sites: Sequence[str]) -> dict[str, HpcliError]:
        """Look many sites up with at most one listing of the account; return the errors of those not found."""
        if not sites:
            return {}
        from hpcli.client.find_many import find_sites
        from hpcli.errors import HpcliError

        found = find_sites(self.client(), sites)
        errors = {name: row for name, row in found.items() if isinstance(row, HpcliError)}
        self.keep_sites((name, row) for name, row in found.items() if not isinstance(row, HpcliError))
        return dict(errors)

    def sites_named(self, sites: Sequence[str]) -> list[Row]:
        """Return what `site_named` does for many sites, with at most one listing of the account.

        Raises:
            NotFoundError: a site is not there.
            UsageError: several sites have a name.
        """
        errors = self.find_sites([site for site in sites if not is_site_id(site) and site not in self._sites])
        for error in errors.values():
            raise error
        return [self.site_named(site) for site in sites]

    def find_devices(self, devices: Sequence[str]) -> None:
        """Look many devices up with at most one listing of the account."""
        from hpcli.client.find_many import find_devices

        unknown = [device for device in devices if _key(device) not in self._devices]
        if len(unknown) > 1:
            self.keep_devices(find_devices(self.client(), unknown).values())

    def keep_sites(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Keep rows of sites by the word that named them, and by their ids."""
        for word, row in rows:
            self._sites[word] = row
            if row.get("id"):
                self._sites[str(row["id"])] = row

    def keep_devices(self, rows: Iterable[DeviceRow]) -> None:
        """Keep rows of devices, so that nobody asks for them again."""
        for row in rows:
            for name in (row.get("deviceSerial"), row.get("id")):
                if name:
                    self._devices[_key(str(name))] = row


def _key(device: str) -> str:
    return device.strip().upper()
