"""`hpcli customer`: end users whom sites are handed over to."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.client.customer import DETAIL, LIST, PERMIT, REMOVE, REPLACE, replacement
from hpcli.client.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.client.handover_permissions import account_entry, differences, merge, words_of
from hpcli.client.site import SEARCH
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import AccountArgument, SiteArgument, several
from hpcli.commands.framework.shared_devices import DeviceWishes, PermissionsFile, read_shared_devices
from hpcli.errors import UsageError
from hpcli.output import Column, View
from hpcli.reference import answer_fields
from hpcli.run.context import Context, coded

app = Family("customer", "End users whom sites are handed over to.")

CUSTOMERS = View(
    noun="end user",
    id="hcAccount",
    columns=(
        Column("ACCOUNT", "hcAccount", wide=True),
        coded("KIND", "type", "accountType", priority=1),
        coded("STATE", "status", "customerStatus"),
    ),
    fields=lambda: answer_fields(LIST.method, LIST.path),
)


def _permissions(_value: Any, row: Mapping[str, Any]) -> str:
    return ", ".join(words_of(row))


SHARED_DEVICES = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("PERMISSIONS", "otherPermissionDetails", show=_permissions, wide=True),
    ),
    fields=lambda: answer_fields(DETAIL.method, DETAIL.path),
)


@app.verb("list", LIST, SEARCH)
def list_customers(ctx: Context, site: SiteArgument) -> None:
    """List the end users of a site.

    $ hpcli customer list "Bäckerei Grünwald"
    """
    site_id = str(ctx.client.site.find(site)["id"])
    ctx.show(ctx.client.customer.list(site_id), CUSTOMERS)


@app.verb("show", DETAIL, SEARCH)
def show_customer(ctx: Context, site: SiteArgument, account: AccountArgument) -> None:
    """Show what an end user may do on which devices.

    Numbers in brackets are channels, on a panel areas; without them it is for all.

    $ hpcli customer show "Bäckerei Grünwald" maria.gruenwald@baeckerei.example
    """
    site_id = str(ctx.client.site.find(site)["id"])
    ctx.show(ctx.client.customer.show(site_id, account), SHARED_DEVICES)


@app.verb("replace", REPLACE, SEARCH)
def replace_customer(
    ctx: Context,
    site: SiteArgument,
    old: Annotated[str, typer.Argument(help="Present account.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="Account to put in its place.", metavar="NEW")],
) -> None:
    """Put another account in the place of an end user's.

    $ hpcli customer replace "Bäckerei Grünwald" +498955501200 +498955501299
    """
    replacement(old, new)  # what is wrong is told before anybody is asked
    row = ctx.client.site.find(site)
    ctx.confirm(f"Replace {old} by {new} on '{row['siteName']}'?")
    ctx.change(
        old,
        lambda: ctx.client.customer.replace(str(row["id"]), old, new),
        f"{new} takes the place of {old} on '{row['siteName']}'.",
    )


@app.verb("permit", PERMIT, DETAIL, SEARCH, SEARCH_DEVICES)
def permit_customer(
    ctx: Context,
    site: SiteArgument,
    account: AccountArgument,
    device: DeviceWishes = None,
    permissions: PermissionsFile = None,
    only: Annotated[
        bool, typer.Option("--only", help="Take away the devices that are not named; else they stay.")
    ] = False,
) -> None:
    """Set what an end user may do on devices.

    The permissions of a device that is named are replaced; the difference is shown first.
    `hpcli site handover --help` tells how permissions are written.

    $ hpcli customer permit "Bäckerei Grünwald" maria.gruenwald@baeckerei.example --device Q10254783:arm,disarm
    """
    row = ctx.client.site.find(site)
    site_id = str(row["id"])
    wanted = read_shared_devices(ctx, site_id, device, permissions)
    if not wanted:
        raise UsageError(
            "No device is named.", hint="Give --device SERIAL:PERMISSIONS or --permissions @FILE."
        )
    before = ctx.client.customer.show(site_id, account)
    after = merge(before, wanted, only=only)
    changes = differences(before, after)
    if not changes:
        ctx.change(account, lambda: None, f"{account} may do exactly that already; nothing was changed.")
        return
    for line in changes:
        ctx.say(f"  {line}")
    ctx.confirm(f"Change what {account} may do on '{row['siteName']}'?")
    ctx.change(
        account,
        lambda: ctx.client.customer.permit(site_id, account, after),
        f"Changed what {account} may do on '{row['siteName']}'.",
    )


@app.verb("remove", REMOVE, SEARCH)
def remove_customers(
    ctx: Context,
    site: SiteArgument,
    accounts: Annotated[list[str], several("E-mail addresses or phone numbers", "ACCOUNT")],
) -> None:
    """Take a site away from end users.

    $ hpcli customer remove "Bäckerei Grünwald" +498955501200
    """
    names = ctx.inputs.read_list(accounts, "account")
    for name in names:
        account_entry(name)  # what is wrong is told before anybody is asked
    row = ctx.client.site.find(site)
    ctx.confirm(f"Take '{row['siteName']}' away from {', '.join(names)}?")
    ctx.each(
        names,
        lambda name: ctx.client.customer.remove(str(row["id"]), [name]),
        lambda name, _data: f"{name} has no access to '{row['siteName']}' any more.",
    )
