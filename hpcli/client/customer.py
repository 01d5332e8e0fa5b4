"""End users whom sites are handed over to (Guide §3.12–3.16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.customer import DETAIL, LIST, PERMIT, REMOVE, REPLACE
from hpcli.client.calls import Calls
from hpcli.client.checks import check_count
from hpcli.client.handover_permissions import account_entry, is_shared_device
from hpcli.errors import ProtocolError, UsageError
from hpcli.names import named

if TYPE_CHECKING:
    from hpcli.api.rows.customer import CustomerRow, SharedDevice


class CustomerCalls(Calls):
    """Calls about end users."""

    def list(self, site_id: str) -> Sequence[CustomerRow]:
        """Return the end users of a site: [{hcAccount, type, status}]. Guide §3.12."""
        return self._read(LIST, {"siteId": site_id})

    def known(self, site_id: str) -> Sequence[CustomerRow]:
        """Return the end users of a site that has some, or had.

        Raises:
            ProtocolError: the platform does not say who they are.
        """
        return self._read(LIST, {"siteId": site_id}, is_needed=True)

    def show(self, site_id: str, account: str) -> Sequence[SharedDevice]:
        """Return the devices of an end user and what is allowed on them. Guide §3.13.

        Returns:
            [{deviceSerial, ax2PermissionDetails: {ax2Permission: [int], areaPermission: [str]} for panels of the
            AX Pro series, else otherPermissionDetails: [{permission: int, channelNo: [str]}]}], with all that the
            platform says beside.

        Raises:
            NotFoundError: the site has no such end user.
            ProtocolError: the platform does not say which devices the end user has.
        """
        return self.shared_devices(site_id, str(self._entry(site_id, account)["hcAccount"]))

    def shared_devices(self, site_id: str, account: str) -> Sequence[SharedDevice]:
        """Return the devices of an end user, whose account is spelt as the site has it, with one call.

        Raises like `show`.
        """
        devices = self._read(DETAIL, {"siteId": site_id, "hcAccount": account}, is_needed=True)
        if not all(is_shared_device(entry) for entry in devices):
            raise ProtocolError(f"The platform does not say which devices {account} has.")
        return devices

    def replace(self, site_id: str, old: str, new: str) -> None:
        """Put another account in the place of an end user's. Guide §3.14.

        Raises:
            ConflictError: the new account is there already (LAP064003, LAP064007).
            UsageError: old and new are the same, or one is not an account.
        """
        body = {**replacement(old, new), "oldShareHc": self._entry(site_id, old)}
        self._change(REPLACE, {"siteId": site_id, **body})

    def permit(self, site_id: str, account: str, devices: Sequence[Mapping[str, Any]]) -> None:
        """Set what an end user may do on devices. Guide §3.15.

        The guide does not say whether devices left out keep their permissions: name all, see
        `handover_permissions.merge`.

        Args:
            site_id: the site.
            account: the end user.
            devices: {deviceSerial, ax2PermissionDetails or otherPermissionDetails}, see
                `handover_permissions.shared_device`.
        """
        shared = {**self._entry(site_id, account), "shareDevices": [dict(device) for device in devices]}
        self._change(PERMIT, {"siteId": site_id, "sharedHc": shared})

    def remove(self, site_id: str, accounts: Sequence[str]) -> None:
        """Take a site away from end users. Guide §3.16."""
        entries = [self._entry(site_id, account) for account in check_count("account", accounts)]
        self._change(REMOVE, {"siteId": site_id, "hcAccounts": [entry["hcAccount"] for entry in entries]})

    def _entry(self, site_id: str, account: str) -> dict[str, Any]:
        """Return {hcAccount, type} of an end user, in the Unicode normal form in which the site has it."""
        entry = account_entry(account)
        if account.isascii():
            return entry
        found = named(self.list(site_id), "hcAccount", str(entry["hcAccount"]))
        return {**entry, "hcAccount": str(found[0]["hcAccount"])} if found else entry


def replacement(old: str, new: str) -> dict[str, Any]:
    """Return {oldShareHc, newShareHc} of §3.14.

    Raises:
        UsageError: old and new are the same, or one is not an account.
    """
    before, after = account_entry(old), account_entry(new)
    if before == after:
        raise UsageError("The old and the new account are the same.")
    return {"oldShareHc": before, "newShareHc": after}
