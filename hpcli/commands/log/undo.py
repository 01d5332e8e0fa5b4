"""`hpcli log undo`: set the values that were there before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.arc import SET_EVENTS
from hpcli.api.operations.customer import DETAIL, LIST, PERMIT
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.device.devices import UPDATE as UPDATE_DEVICE
from hpcli.api.operations.device.time import READ_TIME, SET_TIME
from hpcli.api.operations.installer import SEARCH as SEARCH_INSTALLERS
from hpcli.api.operations.site import APP_ACCESS, ASSIGN, MANAGERS, SEARCH
from hpcli.api.operations.site import UPDATE as UPDATE_SITE
from hpcli.commands.framework.import_plan import print_plan, prints_plan
from hpcli.commands.framework.old_new import changed_words
from hpcli.commands.framework.verb import calls
from hpcli.commands.log.show import find_changes
from hpcli.commands.log.undo_kinds import (
    Kind,
    UndoStep,
    Values,
    compared_words,
    is_list,
    operation_of,
    steps_of,
)
from hpcli.errors import UsageError
from hpcli.plurals import quantity
from hpcli.run.context import Context


@calls(
    UPDATE_SITE, UPDATE_DEVICE, ASSIGN, PERMIT, APP_ACCESS, SET_TIME, SET_EVENTS,
    SEARCH, SEARCH_DEVICES, SEARCH_INSTALLERS, MANAGERS, DETAIL, LIST, READ_TIME, asks=True,
)  # fmt: skip
def undo_changes(
    ctx: Context,
    numbers: Annotated[list[str], typer.Argument(help="Numbers of changes.", metavar="ID...")],
    force: Annotated[
        bool, typer.Option("--force", help="Undo it even if the value has changed since, or cannot be read.")
    ] = False,
) -> None:
    """Set the values that were there before changes.

    Renamed sites and devices, managers of sites, permissions and app access of end users,
    mode, zone and NTP server of a clock and the events for a receiving centre can be set
    back. Things that were added or removed, access of persons, arming and outputs cannot:
    `fleet apply` with an export from before does what it can. The newest change is undone
    first. A value that is no longer the one that was sent is left alone, and so is one
    that was undone already.

    $ hpcli log undo 1
    """
    wanted = [_number(text) for text in ctx.inputs.read_list(numbers, "change")]
    changes = find_changes(ctx, wanted)
    _check_account(ctx, changes)
    if not force:
        changes = _left_to_undo(ctx, changes)
    steps = [step for change in changes for step in steps_of(ctx, change)]
    lines = _plan(ctx, steps, is_forced=force)
    if steps:
        if not prints_plan(ctx):
            for line in lines:
                ctx.info(line)
        ctx.confirm(f"Undo {quantity(len(changes), 'change')}?")
    by_name = {f"{step.change['id']} {step.label}": step for step in steps}

    def undo(name: str) -> None:
        step = by_name[name]
        kind = step.kind
        now = _check_now(ctx, kind, step, is_forced=force) if not ctx.settings.get("dry-run") else None
        ctx.run.changes.undoes = step.change["id"]
        if step.label != step.target:
            ctx.run.changes.name(step.target.partition(" ")[0], step.label)
        if now is not None:
            ctx.run.changes.note_before(operation_of(step.change), step.target, _body(step, kind, now))
        kind.restore(ctx, step)

    ctx.each(by_name, undo, lambda name, _data: f"Undid {name}.")
    if prints_plan(ctx):
        print_plan(ctx, lines)


def _left_to_undo(ctx: Context, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes that are not undone yet, and name the others: what was sent is gone, as was wanted."""
    left = []
    for change in changes:
        undoer = change["undone_by"]
        if undoer is None or not _stands(ctx, undoer):
            left.append(change)
        else:
            ctx.info(f"= {change['id']}  was undone already, by change {undoer}")
    return left


def _stands(ctx: Context, number: int) -> bool:
    """Return whether what a change sent is still there, as far as the log knows."""
    undoer = find_changes(ctx, [number])[0]["undone_by"]
    return undoer is None or not _stands(ctx, undoer)


def _plan(ctx: Context, steps: list[UndoStep], *, is_forced: bool) -> list[str]:
    """Return a line for each step: what it is now, and what it will be.

    Raises:
        UsageError: a value is no longer the one that was sent; nothing was said of the others yet.
    """
    seen: set[tuple[str, str]] = set()
    lines: list[str] = []
    for step in steps:
        kind = step.kind
        place = step.change["path"], step.target
        if place not in seen:  # an older change of the same value is checked when the newer one is undone
            try:
                _check_now(ctx, kind, step, is_forced=is_forced)
            except UsageError as error:
                raise UsageError(f"{error.message} Nothing was undone.", hint=error.hint) from error
        seen.add(place)
        lines.append(
            f"  {step.change['id']}  {step.label}: {compared_words(kind.sent(step), kind.was(step))}"
        )
    return lines


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"'{text}' is not the number of a change.", hint="`hpcli log list` shows them.")
    return int(text)


def _check_account(ctx: Context, changes: list[dict[str, Any]]) -> None:
    """Refuse changes of another account: the same id may be something else there."""
    account = ctx.run.session.account_id
    for change in changes:
        if change["account"] != account:
            profile = f" (profile '{change['profile']}')" if change["profile"] else ""
            raise UsageError(
                f"Change {change['id']} was made in another account{profile}.",
                hint="Choose its profile with --profile.",
            )


def _check_now(ctx: Context, kind: Kind, step: UndoStep, *, is_forced: bool) -> Values | None:
    """Return the value as it is now.

    Raises:
        UsageError: it is not the one that was sent, or cannot be read, and that is not forced.
    """
    number = step.change["id"]
    if kind.now is None:
        if not is_forced:
            raise UsageError(
                f"The platform does not say whether the value of change {number} is still there.",
                hint="--force sets the value before all the same.",
            )
        return None
    now = kind.now(ctx, step)
    differences = _differences(now, kind.sent(step))
    if differences and not is_forced:
        raise UsageError(
            f"{step.label} has changed since change {number}: {differences}.",
            hint=f"Leave out {number}, or set the value before all the same with --force.",
        )
    return now


def _differences(now: Values, sent: Values) -> str:
    """Return how the present value differs from the one sent, as far as one was sent; lists must be equal."""
    expected = dict.fromkeys(now, None) | dict(sent) if is_list(sent) else dict(sent)
    return changed_words(expected, {label: now.get(label) for label in expected})


def _body(step: UndoStep, kind: Kind, now: Mapping[str, Any]) -> Values:
    """Return the present value in the form in which values before are noted."""
    if "installerPermissionTimes" in step.before:
        times = [{"installerId": name, "expiredDurationTime": end} for name, end in now.items()]
        return {"installerPermissionTimes": times}
    if "sharedHc" in step.before:
        return {"sharedHc": {"shareDevices": step.change["sent"]["sharedHc"]["shareDevices"]}}
    return now if kind.now is not None else {}
