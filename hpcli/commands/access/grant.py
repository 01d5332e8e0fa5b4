"""`hpcli access grant`: give persons access to devices."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hpcli.api.operations.access.permissions import GRANT, STATUS
from hpcli.client.access.permissions import FAILED, WAIT_SECONDS
from hpcli.client.checks import check_serials
from hpcli.client.device.isapi import told_refusal
from hpcli.client.person.person import check_person_ids
from hpcli.commands.access.options import PersonOption
from hpcli.commands.framework.credentials import missing_parts
from hpcli.commands.framework.options import SerialsArgument, Wait, WaitTimeout
from hpcli.commands.framework.persons import described, naming_unknown, person_names, read_person_ids
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.framework.waiting import reporting_progress, wait_seconds
from hpcli.errors import DeviceError, TimeLimitError
from hpcli.output.outcome_table import Outcome
from hpcli.plurals import counted
from hpcli.run.attempts import Attempt
from hpcli.run.batches import attempt_batches
from hpcli.run.context import Context
from hpcli.run.job import JobInterruptedError


@calls(GRANT, STATUS)
@many("serials", is_own=True)
def grant_access(
    ctx: Context,
    serials: SerialsArgument,
    person: PersonOption,
    wait: Wait = False,
    wait_timeout: WaitTimeout = None,
) -> None:
    """Give persons access to devices, at any time of day.

    $ hpcli access grant C94115305 --person 638b2584a96b9818d6decde85f0dc6cc --wait --yes
    """
    limit = wait_seconds(wait_timeout, WAIT_SECONDS, is_waiting=wait)
    targets = check_serials(ctx.inputs.read_list(serials, "serial"))
    persons = check_person_ids(read_person_ids(ctx, person))
    names = person_names(ctx, persons)
    ctx.confirm(f"Give {described(names)} access to {counted(targets, 'device')}?")
    ctx.report(
        _grant(ctx, targets, names, limit if wait else None),
        lambda serial, _data: _done(serial, names, is_settled=wait),
        is_one=len(targets) == 1,
    )


def _grant(
    ctx: Context, serials: Sequence[str], names: Mapping[str, str], limit: float | None
) -> Iterator[Attempt]:
    """Grant access on each device; with a limit, wait for all devices together."""
    persons = list(names)

    def grant(some: Sequence[str]) -> None:
        with naming_unknown(ctx, names):
            ctx.client.access.grant(some, persons)

    attempts: list[Attempt] = []
    sending = attempt_batches(serials, grant, ctx.run.plans, job=ctx.run.job)
    if limit is None:
        yield from sending
        return
    try:
        for attempt in sending:
            attempts.append(attempt)  # noqa: PERF402 - those before a Ctrl-C are needed
    except JobInterruptedError:
        yield from attempts
        raise
    granted = [outcome.target for outcome, error in attempts if error is None]
    if not granted:
        yield from attempts
        return
    rows = _wait(ctx, granted, persons, limit)
    for attempt in attempts:
        yield _settled(attempt, rows, names)


def _wait(
    ctx: Context, serials: Sequence[str], persons: Sequence[str], limit: float
) -> list[dict[str, Any]] | TimeLimitError:
    """Return the states of the persons on the devices, or the time limit error."""
    with reporting_progress(ctx, "Applying") as report:
        try:
            return ctx.client.access.wait(
                serials,
                persons,
                limit=limit,
                progress=lambda state: report.update(
                    state["done"], state["total"], f"{state['done']} of {state['total']} done"
                ),
            )
        except TimeLimitError as error:
            return error


def _settled(
    attempt: Attempt, rows: list[dict[str, Any]] | TimeLimitError, names: Mapping[str, str]
) -> Attempt:
    """Return the final outcome of one device."""
    outcome, refused = attempt
    if refused is not None:
        return attempt
    if isinstance(rows, TimeLimitError):
        return Outcome(outcome.target, ok=False, error=rows.as_dict()), rows
    own = [row for row in rows if row.get("deviceSerial") == outcome.target]
    failed = [row for row in own if row.get("status") == FAILED]
    if not failed:
        return Outcome(outcome.target, ok=True, data=own), None
    error = _failure(failed, names)
    return Outcome(outcome.target, ok=False, data=own, error=error.as_dict()), error


def _failure(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> DeviceError:
    """Return the first failure of a device, with the number of others."""
    first = rows[0]
    refused = told_refusal(str(first.get("error") or ""), "the device did not accept the person")
    parts = ", ".join(missing_parts(first.get("subStatus")))
    name = names.get(str(first.get("personId")), first.get("personId"))
    others = f" {len(rows) - 1} more failed." if len(rows) > 1 else ""
    return DeviceError(f"{name} ({parts}): {refused.message}{others}", code=refused.code, hint=refused.hint)


def _done(serial: str, names: Mapping[str, str], *, is_settled: bool) -> str:
    if is_settled:
        return f"Gave {described(names)} access to {serial}."
    return f"Giving {described(names)} access to {serial}; `hpcli access status ID` shows when it is done."
