"""`hpcli fleet plan`: what `fleet apply` would do."""

from hpcli.commands.fleet.planning import (
    READS,
    ROWS,
    CodesOption,
    FleetFile,
    OtherAccountOption,
    PruneOption,
    PruneSitesOption,
    make_plan,
    nothing_words,
    raise_problems,
    tell_notes,
)
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(*READS)
@lists
def show_plan(
    ctx: Context,
    file: FleetFile,
    codes: CodesOption = None,
    to_other_account: OtherAccountOption = False,
    prune: PruneOption = False,
    prune_sites: PruneSitesOption = False,
) -> None:
    """Show what would make the account as a file says.

    Each row is something to add, change or remove; an account that is as the file says has
    none. Lines with ! on stderr name what is not made, and why: versions and models, which
    nobody can set, or devices without a code. The exit code is 9 if the file contradicts
    itself or asks for what cannot be. What only the account has is counted.

    $ hpcli fleet plan fleet.json
    $ hpcli fleet plan fleet.json --prune --where 'action = remove'
    """
    plan, _ = make_plan(
        ctx, file, codes, to_other_account=to_other_account, prune=prune, prune_sites=prune_sites
    )
    ctx.show([row.as_dict() for row in plan.rows], ROWS, empty=nothing_words(plan))
    tell_notes(ctx, plan)
    raise_problems(plan)
