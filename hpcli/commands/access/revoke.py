"""`hpcli access revoke`: revoke persons' access to devices."""

from collections.abc import Sequence
from typing import Annotated

import typer

from hpcli.api.operations.access.permissions import REVOKE, STATUS
from hpcli.client.checks import check_serials
from hpcli.client.person.person import check_person_ids
from hpcli.client.rows import needed
from hpcli.commands.access.options import PersonOption
from hpcli.commands.framework.batches import change_in_batches
from hpcli.commands.framework.options import SERIALS
from hpcli.commands.framework.persons import described, naming_unknown, person_names, read_person_ids
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.plurals import counted
from hpcli.run.context import Context


@calls(REVOKE, STATUS)
@many("serials", is_own=True)
def revoke_access(
    ctx: Context,
    person: PersonOption,
    serials: Annotated[list[str] | None, SERIALS] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="All devices that the persons have access to.")
    ] = False,
) -> None:
    """Revoke persons' access to devices.

    The persons stay on the platform; `person delete` deletes them.

    $ hpcli access revoke C94115305 --person 638b2584a96b9818d6decde85f0dc6cc --yes
    $ hpcli access revoke --everywhere --person 638b2584a96b9818d6decde85f0dc6cc --yes
    """
    if bool(serials) == everywhere:
        raise UsageError("Give either serials or --everywhere.")
    named = check_serials(ctx.inputs.read_list(serials, "serial")) if serials else []
    persons = check_person_ids(read_person_ids(ctx, person))
    names = person_names(ctx, persons)
    who = described(names)
    targets = named or _devices_of(ctx, persons)
    if not targets:
        ctx.info(f"{who[:1].upper()}{who[1:]} has no access to any device, or there is no such person.")
        ctx.run.printer.results([])
        return
    ctx.confirm(f"Revoke the access of {who} to {counted(targets, 'device')}?")

    def revoke(some: Sequence[str]) -> None:
        with naming_unknown(ctx, names):
            ctx.client.access.revoke(some, persons)

    change_in_batches(
        ctx,
        targets,
        revoke,
        lambda serial, _data: f"Revoked the access of {who} to {serial}.",
    )


def _devices_of(ctx: Context, persons: Sequence[str]) -> list[str]:
    """Return the serials of the devices that persons have, or are about to have, access to."""
    rows = ctx.client.access.status(persons)
    return list(dict.fromkeys(needed(row, "deviceSerial") for row in rows))
