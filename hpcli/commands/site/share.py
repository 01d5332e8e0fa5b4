"""`hpcli site share`, `unshare`, `handover`, `app-access`: giving a site to partners and end users."""

from shlex import quote
from typing import Annotated

import typer

from hpcli.client.handover_permissions import account_entry
from hpcli.client.site import share_terms
from hpcli.commands.framework.options import SiteArgument, complete_codes
from hpcli.commands.framework.shared_devices import DeviceWishes, PermissionsFile, read_shared_devices
from hpcli.errors import UsageError
from hpcli.parse import naming
from hpcli.reference import code_list
from hpcli.run.context import Context
from hpcli.run.settings import choose


def share_site(
    ctx: Context,
    site: SiteArgument,
    email: Annotated[str, typer.Option(help="An employee of the partner company.", metavar="EMAIL")],
    duration: Annotated[
        str,
        typer.Option(
            "--for",
            help="1h, 2h, 4h, 8h, 24h or permanent.",
            metavar="DURATION",
            autocompletion=complete_codes("applyTimeType"),
        ),
    ],
    note: Annotated[str | None, typer.Option(help="Shown to that employee.", metavar="TEXT")] = None,
) -> None:
    """Share a site with an installation partner.

    Only a site that is not handed over yet can be shared.

    $ hpcli site share "Neubau Kiefernweg 7" --email partner@example.org --for 4h
    """
    with naming("--for"):  # what is wrong is told before anybody is asked
        code_list("applyTimeType").value_of(duration)
    with naming("--email"):
        share_terms(email, duration)
    row = ctx.client.site.find(site)
    name, site_id = str(row["siteName"]), str(row["id"])
    ctx.confirm(f"Share the site '{name}' with {email} ({duration})?")
    ctx.change(
        site_id,
        lambda: ctx.client.site.share(site_id, email, duration=duration, note=note),
        f"Offered '{name}' to {email}; `hpcli site show {quote(site)}` tells when it is shared.",
    )


def unshare_site(ctx: Context, site: SiteArgument) -> None:
    """End the sharing of a site with a partner.

    $ hpcli site unshare "Harbour View Hotel"
    """
    row = ctx.client.site.find(site)
    name, site_id = str(row["siteName"]), str(row["id"])
    ctx.confirm(f"End the sharing of the site '{name}'?")
    ctx.change(site_id, lambda: ctx.client.site.unshare(site_id), f"'{name}' is no longer shared.")


def hand_over(
    ctx: Context,
    site: SiteArgument,
    account: Annotated[
        list[str],
        typer.Option(
            help="E-mail address or phone number of an end user; may be repeated.", metavar="ACCOUNT"
        ),
    ],
    device: DeviceWishes = None,
    permissions: PermissionsFile = None,
    note: Annotated[str | None, typer.Option(help="Remark.", metavar="TEXT")] = None,
) -> None:
    """Hand a site over to end users by sharing its devices.

    You stay the owner of the devices. PERMISSIONS are live, playback, talk, alarm, call, ptz,
    share; on a panel arm, disarm, bypass, logs and more: a wrong one names those that are
    possible. Without CHANNELS (on a panel AREAS) they are for all.

    $ hpcli site handover 東京倉庫 --account yamada@example.jp --device E61958062:live,playback:1,2
    $ hpcli site handover 東京倉庫 --account +81312345678 --device C94115305:live,call --yes
    """
    accounts = ctx.inputs.read_list(account, "account")
    with naming("--account"):  # what is wrong is told before anybody is asked
        for text in accounts:
            account_entry(text)
    row = ctx.client.site.find(site)
    name, site_id = str(row["siteName"]), str(row["id"])
    devices = read_shared_devices(ctx, site_id, device, permissions)
    if not devices:
        raise UsageError(
            "No device is to be shared.", hint="Give --device SERIAL:PERMISSIONS or --permissions @FILE."
        )
    people = ", ".join(accounts)
    ctx.confirm(f"Hand '{name}' over to {people} with {len(devices)} of its devices?")
    ctx.change(
        site_id,
        lambda: ctx.client.site.hand_over(site_id, accounts, devices, note=note),
        f"Offered '{name}' to {people}; `hpcli customer list {quote(site)}` tells who accepted.",
    )


def set_app_access(
    ctx: Context,
    site: SiteArgument,
    switch: Annotated[
        str, typer.Argument(help="on or off.", metavar="on|off", autocompletion=lambda: ["on", "off"])
    ],
) -> None:
    """Let end users operate a site's devices in the app.

    The site must be handed over; the switch is for all its devices.

    $ hpcli site app-access "Bäckerei Grünwald" off
    """
    word = choose(switch, ("on", "off"), "The app access")
    row = ctx.client.site.find(site)
    name, site_id = str(row["siteName"]), str(row["id"])
    ctx.confirm(f"Switch the end users' app access to '{name}' {word}?")
    ctx.change(
        site_id,
        lambda: ctx.client.site.set_app_access(site_id, is_on=word == "on"),
        f"App access to '{name}' is {word}.",
    )
