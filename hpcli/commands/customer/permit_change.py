"""What a change of an end user's permissions replaces, and how it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpcli.api.operations.customer import PERMIT
from hpcli.client.handover_permissions import PermissionRequest, differences, merge
from hpcli.client.relative_permissions import adjusted
from hpcli.errors import UsageError
from hpcli.run.context import Context


@dataclass(frozen=True, slots=True)
class PermitChange:
    """A change of the permissions of one end user of a site."""

    site_id: str
    account: str
    before: Sequence[Mapping[str, Any]]
    after: Sequence[Mapping[str, Any]]

    @property
    def lines(self) -> list[str]:
        """A line for each device that changes."""
        return differences(self.before, self.after)

    def send(self, ctx: Context) -> None:
        """Make the change."""
        ctx.run.changes.note_before(
            PERMIT, f"{self.site_id} {self.account}", {"sharedHc": {"shareDevices": list(self.before)}}
        )
        ctx.client.customer.permit(self.site_id, self.account, self.after)


def set_permissions(
    site_id: str,
    account: str,
    before: Sequence[Mapping[str, Any]],
    wanted: Sequence[Mapping[str, Any]],
    *,
    only: bool,
) -> PermitChange:
    """Return the change that sets the permissions of the named devices."""
    return PermitChange(site_id, account, before, merge(before, wanted, only=only))


def adjust_permissions(
    ctx: Context,
    site_id: str,
    account: str,
    before: Sequence[Mapping[str, Any]],
    add: Sequence[PermissionRequest],
    take: Sequence[PermissionRequest],
) -> PermitChange:
    """Return the change that gives and takes permissions.

    Raises:
        UsageError: see `adjusted`; or nothing would be left.
    """
    after = adjusted(before, add, take, ctx.client.device.known(site_id=site_id))
    if not after:
        raise UsageError(
            f"{account} would have no permission left.", hint="`hpcli customer remove` removes an end user."
        )
    return PermitChange(site_id, account, before, after)
