"""`hpcli customer permit`: set an end user's permissions."""

from typing import Annotated

import typer

from hpcli.api.operations.customer import DETAIL, LIST, PERMIT
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.site import SEARCH
from hpcli.client.handover_permissions import differences, merge
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.options import AccountArgument, SiteArgument
from hpcli.commands.framework.shared_devices import DevicePermissions, PermissionsFile, read_shared_devices
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.plurals import first_of
from hpcli.run.context import Context


@calls(PERMIT, DETAIL, SEARCH, SEARCH_DEVICES, LIST)
def permit_customer(
    ctx: Context,
    site: SiteArgument,
    account: AccountArgument,
    device: DevicePermissions = None,
    permissions: PermissionsFile = None,
    only: Annotated[
        bool, typer.Option("--only", help="Remove the permissions on all other devices.")
    ] = False,
) -> None:
    """Set an end user's permissions on devices.

    The new permissions replace the current ones of each named device; other devices keep
    theirs. The command first shows the difference; permissions unknown to hpcli appear as
    numbers. `hpcli site handover --help` explains the syntax.

    $ hpcli customer permit "Bäckerei Grünwald" maria.gruenwald@baeckerei.example --device Q10254783:arm,disarm
    """
    row = ctx.lookups.site_named(site)
    site_id = needed(row, "id")
    if not device and permissions is None:
        raise UsageError(
            "No device is given.", hint="Use --device SERIAL:PERMISSIONS or --permissions @FILE."
        )
    before = ctx.client.customer.show(site_id, account)
    wanted = read_shared_devices(ctx, site_id, device, permissions, before)
    if not wanted:
        raise UsageError(
            "No device is given.", hint="Use --device SERIAL:PERMISSIONS, or name devices in the file."
        )
    after = merge(before, wanted, only=only)
    changes = differences(before, after)
    if not changes:
        ctx.change(
            account, lambda: None, f"{account} already has exactly these permissions; nothing was changed."
        )
        return
    for line in changes:
        ctx.info(f"  {line}")
    ctx.run.changes.note_before(PERMIT, f"{site_id} {account}", {"sharedHc": {"shareDevices": before}})
    ctx.confirm(f"Change the permissions of {account} on '{site_label(row)}' ({first_of(changes)})?")
    ctx.change(
        account,
        lambda: ctx.client.customer.permit(site_id, account, after),
        f"Changed the permissions of {account} on '{site_label(row)}'.",
    )
