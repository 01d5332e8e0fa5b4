"""`hpcli person sync`: copy persons from a device to the platform."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.person.sync import DETAILS, PROGRESS, START
from hpcli.client.paging import count_of
from hpcli.client.person.sync import FAILED, WAIT_SECONDS
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.credentials import show_done
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit, SerialArgument, Wait, WaitTimeout, several
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.framework.waiting import reporting_progress, wait_seconds
from hpcli.errors import PlatformError, SomeFailedError, UsageError
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.reference.codes import code_list
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context

TaskArgument = Annotated[str, typer.Argument(help="Task id that `start` printed.", metavar="TASK")]


TASKS = View(
    noun="task",
    id="syncTaskID",
    columns=(
        code_column("STATE", "taskStates", "taskStates"),
        Column("PERSONS", "totalNum"),
        Column("COPIED", "syncSucceedNum"),
        Column("FAILED", "syncFailedNum"),
    ),
    fields=lambda: ("syncTaskID", *answer_fields(PROGRESS.method, PROGRESS.path)),
)


def _why(value: Any, _row: Mapping[str, Any]) -> str:
    from hpcli.reference.platform_errors import platform_error

    entry = platform_error(str(value or ""))
    return f"{entry.description} ({value})" if entry else str(value or "")


PERSONS = View(
    noun="person",
    id="personId",
    columns=(
        Column("EMPLOYEE", "employeeNo"),
        Column("OUTCOME", "outcome"),
        Column("FAMILY NAME", "familyName", wide=True, priority=1),
        Column("GIVEN NAME", "givenName", wide=True, priority=1),
        code_column("TYPE", "type", "personType", priority=2),
        Column("CARD", "cardNo", priority=3),
        Column("COPIED", "subStatus", show=show_done),
        Column("ERROR", "errorCode", show=_why, wide=True, wraps=True),
        Column("ID", "personId", priority=1),
    ),
    fields=lambda: ("outcome", *answer_fields(DETAILS.method, DETAILS.path)),
)


@calls(START, PROGRESS)
@many("serial")
def start_sync(
    ctx: Context,
    serial: SerialArgument,
    employee_nos: Annotated[list[str] | None, several("Only these employee numbers", "EMPLOYEE_NO")] = None,
    wait: Wait = False,
    wait_timeout: WaitTimeout = None,
) -> None:
    """Start copying the persons of a device.

    This copies names, the face, the first card and its first fingerprint, and
    prints the task id. A device runs one task at a time.

    $ hpcli person sync start C94115305
    $ hpcli person sync start C94116001 10001 10002 --wait
    """
    limit = wait_seconds(wait_timeout, WAIT_SECONDS, is_waiting=wait)
    numbers = ctx.inputs.read_list(employee_nos, "employee number") if employee_nos else None
    target = parse_serial(serial)
    started: list[str] = []

    def start() -> dict[str, Any]:
        started.append(ctx.client.person.sync.start(target, numbers))
        return {"syncTaskID": started[0]}

    ctx.change(
        target,
        start,
        lambda data: f"Copying the persons of {target}: task {data['syncTaskID']}.",
        new_id=lambda data: str(data["syncTaskID"]),
    )
    if wait and started:
        _wait(ctx, started[0], limit)


def _wait(ctx: Context, task: str, limit: float) -> None:
    """Wait for the end of a task.

    Raises:
        PlatformError: the task failed.
        SomeFailedError: some persons were not copied.
    """
    states = code_list("taskStates")

    def show_progress(state: Mapping[str, Any]) -> None:
        done = count_of(state.get("syncSucceedNum")) + count_of(state.get("syncFailedNum"))
        report.update(done, count_of(state.get("totalNum")), states.label(state.get("taskStates")))

    with reporting_progress(ctx, "Persons") as report:
        end = ctx.client.person.sync.wait(task, limit=limit, progress=show_progress)
    hint = f"`hpcli person sync details {task} --failed` shows why."
    failed, total = count_of(end.get("syncFailedNum")), count_of(end.get("totalNum"))
    if end.get("taskStates") == FAILED:
        raise PlatformError("The task failed.", hint=hint)
    ctx.info(f"Copied {count_of(end.get('syncSucceedNum'))} of {total} persons.")
    if failed:
        raise SomeFailedError(f"{failed} of {total} persons were not copied.", hint=hint)


@calls(PROGRESS)
def show_progress(ctx: Context, task: TaskArgument) -> None:
    """Show the progress of a copying task.

    $ hpcli person sync progress 15de226e20e5ce4d98b69e15e995fd77
    """
    ctx.show_one({"syncTaskID": task, **ctx.client.person.sync.progress(task)}, TASKS)


@calls(DETAILS)
@lists
def show_details(
    ctx: Context,
    task: TaskArgument,
    failed: Annotated[bool, typer.Option("--failed", help="Only persons that were not copied.")] = False,
    succeeded: Annotated[bool, typer.Option("--succeeded", help="Only persons that were copied.")] = False,
    limit: Limit = None,
) -> None:
    """List the persons of a task, failures first.

    $ hpcli person sync details 15de226e20e5ce4d98b69e15e995fd77 --failed
    """
    if failed and succeeded:
        raise UsageError("--failed and --succeeded cannot be used together.")
    outcomes = ["failed"] * (not succeeded) + ["succeeded"] * (not failed)

    def rows() -> Iterator[dict[str, Any]]:
        for outcome in outcomes:
            for row in ctx.client.person.sync.details(task, outcome):
                yield {"outcome": outcome, **row}

    ctx.show(rows(), PERSONS, limit=limit)
