"""`hpcli customer permit`: set an end user's permissions."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from hpcli.api.operations.customer import DETAIL, LIST, PERMIT
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.site import SEARCH
from hpcli.client.handover_permissions import parse_permission_request
from hpcli.client.rows import needed, site_label
from hpcli.commands.customer.permit_change import PermitChange, adjust_permissions, set_permissions
from hpcli.commands.customer.permit_file import permit_customers_of_file
from hpcli.commands.framework.import_report import check_report
from hpcli.commands.framework.options import ACCOUNT, SITE, ImportFile, ReportFile
from hpcli.commands.framework.shared_devices import DevicePermissions, PermissionsFile, read_shared_devices
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.plurals import first_of
from hpcli.run.context import Context

_FORM = "SERIAL:PERMISSIONS[:CHANNELS]"
Requests = list[str] | None


@calls(PERMIT, DETAIL, SEARCH, SEARCH_DEVICES, LIST)
@one("--from FILE has many")
def permit_customer(
    ctx: Context,
    site: Annotated[str | None, SITE] = None,
    account: Annotated[str | None, ACCOUNT] = None,
    device: DevicePermissions = None,
    permissions: PermissionsFile = None,
    only: Annotated[
        bool, typer.Option("--only", help="Remove the permissions on all other devices.")
    ] = False,
    add: Annotated[
        Requests, typer.Option("--add", help="Give more permissions; may be repeated.", metavar=_FORM)
    ] = None,
    take: Annotated[
        Requests, typer.Option("--take", help="Take permissions away; may be repeated.", metavar=_FORM)
    ] = None,
    file: ImportFile = None,
    report: ReportFile = None,
) -> None:
    """Set the permissions of end users on devices.

    With --device the new permissions replace the current ones of each named device; --add
    and --take change only those that are named. Other devices keep theirs. The command
    first shows the difference; permissions unknown to hpcli appear as numbers.
    `hpcli site handover --help` explains the syntax.

    Columns of a file are site, account, device, and permissions, or add and take; several
    rows may be about one end user. --dry-run shows what changes (~), is as it is (=) or is
    not possible (!); a second run does only what is missing.

    $ hpcli customer permit "Bäckerei Grünwald" maria.gruenwald@baeckerei.example --device Q10254783:arm,disarm
    $ hpcli customer permit "Bäckerei Grünwald" maria.gruenwald@baeckerei.example --take Q10254783:bypass
    $ hpcli customer permit --from permits.csv --dry-run
    """
    check_report(report, file)
    is_given = any((device, permissions is not None, add, take))
    if file is not None:
        if site is not None or is_given or only:
            raise UsageError("With --from, end users and permissions come from the file.")
        permit_customers_of_file(ctx, file, report)
        return
    if site is None or account is None:
        raise UsageError(
            "Give a site and an account, or --from FILE.",
            hint="`hpcli customer permit --help` explains both.",
        )
    if not is_given:
        raise UsageError(
            "No device is given.", hint="Use --device SERIAL:PERMISSIONS or --permissions @FILE."
        )
    row = ctx.lookups.site_named(site)
    site_id = needed(row, "id")
    if add or take:
        if device or permissions is not None or only:
            raise UsageError(
                "--add and --take cannot be used together with --device, --permissions or --only."
            )
        change = _adjusted(ctx, site_id, account, add, take)
    else:
        change = _set(ctx, site_id, account, device, permissions, only=only)
    _send(ctx, change, site_label(row))


def _adjusted(ctx: Context, site_id: str, account: str, add: Requests, take: Requests) -> PermitChange:
    more, less = ([parse_permission_request(text) for text in texts or ()] for texts in (add, take))
    return adjust_permissions(ctx, site_id, account, ctx.client.customer.show(site_id, account), more, less)


def _set(
    ctx: Context, site_id: str, account: str, device: Requests, permissions: str | None, *, only: bool
) -> PermitChange:
    before: Sequence[Any] = ctx.client.customer.show(site_id, account)
    wanted = read_shared_devices(ctx, site_id, device, permissions, before)
    if not wanted:
        raise UsageError(
            "No device is given.", hint="Use --device SERIAL:PERMISSIONS, or name devices in the file."
        )
    return set_permissions(site_id, account, before, wanted, only=only)


def _send(ctx: Context, change: PermitChange, site: str) -> None:
    """Show what changes, ask, and send it."""
    account, lines = change.account, change.lines
    if not lines:
        ctx.change(
            account, lambda: None, f"{account} already has exactly these permissions; nothing was changed."
        )
        return
    for line in lines:
        ctx.info(f"  {line}")
    ctx.confirm(f"Change the permissions of {account} on '{site}' ({first_of(lines)})?")
    ctx.change(account, lambda: change.send(ctx), f"Changed the permissions of {account} on '{site}'.")
