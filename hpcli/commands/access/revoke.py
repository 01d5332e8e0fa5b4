"""`hpcli access revoke`: revoke persons' access to devices."""

from collections.abc import Sequence

from hpcli.api.operations.access.permissions import REVOKE
from hpcli.client.checks import check_serials
from hpcli.client.person.person import check_person_ids
from hpcli.commands.access.options import PersonOption
from hpcli.commands.framework.batches import change_in_batches
from hpcli.commands.framework.options import SerialsArgument
from hpcli.commands.framework.persons import described, naming_unknown, person_names, read_person_ids
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.plurals import counted
from hpcli.run.context import Context


@calls(REVOKE)
@many("serials", is_own=True)
def revoke_access(ctx: Context, serials: SerialsArgument, person: PersonOption) -> None:
    """Revoke persons' access to devices.

    The persons stay on the platform; `person delete` deletes them.

    $ hpcli access revoke C94115305 --person 638b2584a96b9818d6decde85f0dc6cc --yes
    """
    targets = check_serials(ctx.inputs.read_list(serials, "serial"))
    persons = check_person_ids(read_person_ids(ctx, person))
    names = person_names(ctx, persons)
    who = described(names)
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
