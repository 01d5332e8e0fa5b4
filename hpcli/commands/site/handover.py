"""`hpcli site handover`: share a site's devices with end users."""

from shlex import quote
from typing import Annotated

import typer

from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.site import HANDOVER, SEARCH
from hpcli.client.handover_permissions import account_entry, words_of
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.shared_devices import DevicePermissions, PermissionsFile, read_shared_devices
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.parse import naming
from hpcli.plurals import counted, first_of, quantity
from hpcli.run.context import Context


@calls(HANDOVER, SEARCH, SEARCH_DEVICES)
@one("accounts, devices and permissions belong to one site")
def hand_over(
    ctx: Context,
    site: SiteArgument,
    account: Annotated[
        list[str],
        typer.Option(
            help="E-mail address or phone number of an end user; may be repeated.", metavar="ACCOUNT"
        ),
    ],
    device: DevicePermissions = None,
    permissions: PermissionsFile = None,
    note: Annotated[str | None, typer.Option(help="Remark.", metavar="TEXT")] = None,
) -> None:
    """Hand a site over to end users by sharing its devices.

    You remain the owner of the devices. PERMISSIONS are live, playback, talk, alarm, call,
    ptz, share; for an AX Pro panel arm, disarm, bypass, logs and more. The error for a wrong
    one lists those that are possible. Without CHANNELS (areas of a panel) they apply to all.

    $ hpcli site handover 東京倉庫 --account yamada@example.jp --device E61958062:live,playback:1,2
    $ hpcli site handover 東京倉庫 --account +81312345678 --device C94115305:live,call --yes
    """
    accounts = ctx.inputs.read_list(account, "account")
    with naming("--account"):  # report errors before asking
        for text in accounts:
            account_entry(text)
    row = ctx.lookups.site_named(site)
    name, site_id = site_label(row), needed(row, "id")
    devices = read_shared_devices(ctx, site_id, device, permissions)
    if not devices:
        raise UsageError(
            "There is no device to share.", hint="Use --device SERIAL:PERMISSIONS or --permissions @FILE."
        )
    people = counted(accounts, "end user")
    shared = first_of([f"{entry['deviceSerial']}: {', '.join(words_of(entry))}" for entry in devices])
    ctx.confirm(f"Hand '{name}' over to {people} with {quantity(len(devices), 'device')} ({shared})?")
    ctx.change(
        site_id,
        lambda: ctx.client.site.hand_over(site_id, accounts, devices, note=note),
        f"Offered '{name}' to {people}; `hpcli customer list {quote(site)}` shows who accepted.",
    )
