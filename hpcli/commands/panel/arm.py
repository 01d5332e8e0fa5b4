"""`hpcli panel arm`: arm areas and wait until they are armed."""

from typing import Annotated, Any

import typer

from hpcli.api.operations.panel import AREAS, ARM, SEARCH_ZONES, ZONES
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.panel import MODES
from hpcli.client.panel_arming import ArmingUnseenError, is_armed_or_arming
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument, WaitTimeout
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.framework.waiting import reporting_progress, wait_seconds
from hpcli.commands.panel.options import (
    AreasArgument,
    OperationCode,
    area_label,
    area_number,
    read_areas,
    read_operation_code,
)
from hpcli.errors import DryRun, HpcliError, UsageError
from hpcli.run.context import Context
from hpcli.run.settings import choose

_ARM_SECONDS = 600.0


@calls(ARM, AREAS, ZONES, SEARCH_ZONES)
@many("serial")
def arm_areas(
    ctx: Context,
    serial: SerialArgument,
    areas: AreasArgument,
    mode: Annotated[
        str,
        typer.Option(
            "--mode",
            help="Mode: away, or stay if people are inside.",
            metavar="MODE",
            autocompletion=lambda: list(MODES),
        ),
    ],
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the result.")] = False,
    wait_timeout: WaitTimeout = None,
    operation_code_stdin: OperationCode = False,
) -> None:
    """Arm areas and wait until they are armed.

    If a zone is open, the error names it; close or bypass the zone.

    $ hpcli panel arm Q10254783 1 --mode away
    $ hpcli panel arm Q10254783 all --mode away --no-wait
    """
    if no_wait and wait_timeout is not None:
        raise UsageError("--no-wait and --wait-timeout cannot be used together.")
    limit = wait_seconds(wait_timeout, _ARM_SECONDS, is_waiting=True)
    mode = choose(mode, MODES, "--mode")
    wanted = read_areas(ctx, areas)
    code = read_operation_code(ctx, from_stdin=operation_code_stdin)
    user = device_user(ctx, serial)
    # Start all before waiting for the first, so that their exit delays run at the same time.
    started = {area: _start_arming(ctx, serial, area, mode, code, user) for area in wanted}

    def finish(area: str) -> list[dict[str, Any]] | None:
        problem = started[area]
        if problem is not None:
            raise problem
        return None if no_wait else _await_armed(ctx, serial, area_number(area), limit, user)

    ctx.each(wanted, finish, lambda area, rows: _armed(area, rows, mode), named=area_label)


def _start_arming(
    ctx: Context, serial: str, area: str, mode: str, code: str | None, user: DeviceUser
) -> HpcliError | DryRun | None:
    try:
        ctx.client.panel.arm(serial, area_number(area), mode, code=code, user=user)
    except (HpcliError, DryRun) as problem:
        return problem
    return None


def _await_armed(
    ctx: Context, serial: str, area: int, limit: float, user: DeviceUser
) -> list[dict[str, Any]] | None:
    """Return the areas once they are armed; None where the panel, which accepted the request, does not show them."""
    with reporting_progress(ctx, "Arming") as report:

        def show_progress(state: dict[str, Any]) -> None:
            rows = state["areas"]
            waiting = [str(row.get("name") or row.get("id")) for row in rows if row.get("arming") == "arming"]
            done = sum(is_armed_or_arming(row) for row in rows) - len(waiting)
            report.update(done, len(rows), ", ".join(waiting))

        try:
            return ctx.client.panel.await_armed(serial, area, limit=limit, user=user, progress=show_progress)
        except ArmingUnseenError as unseen:
            ctx.info(f"{unseen.message} {unseen.hint}")
            return None


def _armed(area: str, rows: list[dict[str, Any]] | None, mode: str) -> str:
    if rows is None:
        return f"{area_label(area)}: arming {mode} has started."
    states = [
        f"{row.get('name') or 'area ' + str(row.get('id'))} is armed {row.get('arming')}" for row in rows
    ]
    return f"{area_label(area)}: {', '.join(states)}."
