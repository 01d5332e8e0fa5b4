"""`hpcli customer permit`: set what an end user may do."""

from typing import Annotated

import typer

from hpcli.api.operations.customer import DETAIL, PERMIT
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.site import SEARCH
from hpcli.client.handover_permissions import differences, merge
from hpcli.commands.framework.options import AccountArgument, SiteArgument
from hpcli.commands.framework.shared_devices import DevicePermissions, PermissionsFile, read_shared_devices
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.run.context import Context


@calls(PERMIT, DETAIL, SEARCH, SEARCH_DEVICES)
def permit_customer(
    ctx: Context,
    site: SiteArgument,
    account: AccountArgument,
    device: DevicePermissions = None,
    permissions: PermissionsFile = None,
    only: Annotated[
        bool, typer.Option("--only", help="Take away the devices that are not named; else they stay.")
    ] = False,
) -> None:
    """Set what an end user may do on devices.

    The permissions of a device that is named are replaced, those of the others go back as they
    were read; the difference is shown first, with what hpcli does not know by its number.
    `hpcli site handover --help` tells how permissions are written.

    $ hpcli customer permit "Bäckerei Grünwald" maria.gruenwald@baeckerei.example --device Q10254783:arm,disarm
    """
    row = ctx.client.site.find(site)
    site_id = str(row["id"])
    if not device and permissions is None:
        raise UsageError(
            "No device is named.", hint="Give --device SERIAL:PERMISSIONS or --permissions @FILE."
        )
    before = ctx.client.customer.show(site_id, account)
    wanted = read_shared_devices(ctx, site_id, device, permissions, before)
    if not wanted:
        raise UsageError("No device is named.", hint="Give --device SERIAL:PERMISSIONS, or a file that does.")
    after = merge(before, wanted, only=only)
    changes = differences(before, after)
    if not changes:
        ctx.change(account, lambda: None, f"{account} may do exactly that already; nothing was changed.")
        return
    for line in changes:
        ctx.info(f"  {line}")
    ctx.confirm(f"Change what {account} may do on '{row['siteName']}'?")
    ctx.change(
        account,
        lambda: ctx.client.customer.permit(site_id, account, after),
        f"Changed what {account} may do on '{row['siteName']}'.",
    )
