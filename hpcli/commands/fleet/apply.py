"""`hpcli fleet apply`: make the account as a file says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from hpcli.api.operations.arc import DISABLE, ENABLE, SET_ACCOUNT, SET_EVENTS
from hpcli.api.operations.customer import PERMIT, REMOVE
from hpcli.api.operations.device.devices import ADD as ADD_DEVICE
from hpcli.api.operations.device.devices import DELETE as DELETE_DEVICE
from hpcli.api.operations.device.devices import UPDATE as UPDATE_DEVICE
from hpcli.api.operations.site import ADD, ASSIGN, DELETE, UPDATE
from hpcli.commands.fleet.planning import (
    READS,
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
from hpcli.commands.framework.import_plan import print_plan, prints_plan
from hpcli.commands.framework.long_work import announce
from hpcli.commands.framework.verb import calls
from hpcli.errors import HpcliError, PlatformError, UsageError
from hpcli.fleet.plan import Plan
from hpcli.fleet.steps import DONE, Options, PlanRow, Work
from hpcli.plurals import quantity
from hpcli.run.context import Context

_SHOWN: Final = 50
_WAITING: Final = 0
"""`permission` of an answer about a receiving centre: the end user has to approve (§3.38)."""


@calls(
    ADD, UPDATE, DELETE, ASSIGN, ADD_DEVICE, UPDATE_DEVICE, DELETE_DEVICE, PERMIT, REMOVE, ENABLE, DISABLE,
    SET_ACCOUNT, SET_EVENTS, *READS,
    asks=True,
)  # fmt: skip
def apply_file(
    ctx: Context,
    file: FleetFile,
    codes: CodesOption = None,
    to_other_account: OtherAccountOption = False,
    prune: PruneOption = False,
    prune_sites: PruneSitesOption = False,
    expect_deletes: Annotated[
        int | None,
        typer.Option(
            "--expect-deletes", help="How many things may be removed, with --yes.", min=0, metavar="N"
        ),
    ] = None,
) -> None:
    """Make the account as a file says.

    Sites, their names and addresses, devices, managers, permissions of end users and what
    reports to a receiving centre are made as the file says; a key that is missing leaves
    things alone. Nothing is removed without --prune. Handing over and sharing are never
    applied. A device that is not there is added only with its code (--codes).

    The plan is made anew and shown, and you type the name of the account's profile, or y
    if environment variables name the account. Unattended, --yes prints each change once
    it is made, and needs --expect-deletes if anything is removed. Repeat an interrupted
    command: it does what is left. `fleet plan` shows the plan alone.

    $ hpcli fleet apply fleet.json
    $ hpcli fleet apply fleet.json --prune --yes --expect-deletes 0
    """
    plan, options = make_plan(
        ctx, file, codes, to_other_account=to_other_account, prune=prune, prune_sites=prune_sites
    )
    is_printed = prints_plan(ctx)
    is_asked = not ctx.settings.get("yes") or ctx.settings.get("dry-run")
    if is_asked and not is_printed:  # else each change is said once, when it is made
        _show(ctx, plan)
    if not plan.steps:
        ctx.info(f"{nothing_words(plan)} Nothing was sent.")
    tell_notes(ctx, plan)
    if plan.steps:
        _check_deletes(ctx, plan, expect_deletes)
        _ask(ctx, plan)
        _make(ctx, plan, options)
        if is_printed:
            print_plan(ctx, [row.words for row in plan.rows])
    else:
        ctx.run.printer.results([])
    raise_problems(plan)


def _show(ctx: Context, plan: Plan) -> None:
    """Write the plan; a long one in part, as questions have to stay in sight."""
    rows = plan.rows
    for row in rows[:_SHOWN]:
        ctx.info(row.words)
    if len(rows) > _SHOWN:
        ctx.info(f"… and {len(rows) - _SHOWN} more; `hpcli fleet plan` shows all.")


def _check_deletes(ctx: Context, plan: Plan, expected: int | None) -> None:
    """Refuse to remove another number of things than was expected; what is left of a run was checked when it began.

    Raises:
        UsageError: it is another number, or none is given and nobody is asked.
    """
    if ctx.run.job.only is not None or ctx.settings.get("dry-run"):
        return
    count = plan.deletes
    if expected is not None and expected != count:
        raise UsageError(f"The plan removes {quantity(count, 'thing')}, not {expected}; nothing was sent.")
    if expected is None and count and ctx.settings.get("yes"):
        raise UsageError(
            f"The plan removes {quantity(count, 'thing')}, and nobody is asked.",
            hint=f"Look at it with `hpcli fleet plan`, then add --expect-deletes {count}.",
        )


def _ask(ctx: Context, plan: Plan) -> None:
    """Let the user type the name of the account, that of its profile; one that has no name is a yes or no."""
    name = ctx.settings.profile_name
    whose = "of HPCLI_APP_KEY" if name is None else f"'{name}'"
    removed = f", and remove {quantity(plan.deletes, 'thing')}" if plan.deletes else ""
    made = quantity(len(plan.rows) - plan.deletes, "change")
    ctx.confirm(f"Make {made}{removed} in the account {whose}?", typed=name)


def _make(ctx: Context, plan: Plan, options: Options) -> None:
    steps = {step.target: step for step in plan.steps}
    announce(ctx, len(steps), "change")
    failed: set[str] = set()
    changes = ctx.run.changes
    work = Work(
        ctx.client,
        options.codes,
        changes.note_before,
        changes.name,
        lambda serial, number: _keep_number(ctx, serial, number),
        is_pruning=options.prune,
    )

    def make(target: str) -> Any:
        step = steps[target]
        if step.needs in failed:
            failed.add(target)
            raise PlatformError(f"'{step.needs}' was not done, so this was not sent.")
        try:
            return step.make(work)
        except HpcliError:
            failed.add(target)
            raise

    def done(target: str, data: Any) -> str:
        is_waiting = isinstance(data, dict) and data.get("permission", 1) == _WAITING
        made.extend(steps[target].rows)
        waits = "; waits for the approval of the end user" if is_waiting else ""
        return f"{steps[target].done_words}{waits}."

    made: list[PlanRow] = []
    try:
        ctx.each(steps, make, done)
    finally:
        if made:
            ctx.info(f"Done: {_counted(made)}.")


def _counted(rows: Sequence[PlanRow]) -> str:
    """Return how many things were added, changed and removed."""
    counts = Counter(row.action for row in rows)
    return ", ".join(f"{counts[action]} {word}" for action, word in DONE.items() if counts[action])


def _keep_number(ctx: Context, serial: str, number: str) -> None:
    """Remember an account number for the events of `alarms tail`."""
    from hpcli.alarms.tail.account_numbers import AccountNumbers

    numbers = AccountNumbers(ctx.run.session.alarms_folder)
    ctx.keep("The account number", lambda: numbers.keep(serial, number))
