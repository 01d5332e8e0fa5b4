"""`hpcli device upgrade`: upgrade the firmware of devices."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.devices import PIN, SEARCH
from hpcli.api.operations.device.upgrade import CHECK, PROGRESS, START
from hpcli.client.device.devices import PANEL
from hpcli.client.device.upgrade import WAIT_SECONDS
from hpcli.client.paging import count_of
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.options import AsPassword, AsUser, SerialArgument, Wait
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.framework.waiting import reporting_progress, wait_seconds
from hpcli.errors import UsageError
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.reference.codes import code_list
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context

CHECKS = View(
    noun="state",
    id="deviceSerial",
    columns=(Column("SERIAL", "deviceSerial"), code_column("FIRMWARE", "isNeedUpgrade", "isNeedUpgrade")),
)


def _percent(value: Any, _row: Mapping[str, Any]) -> str:
    return "" if value is None else f"{value} %"


PROGRESSES = View(
    noun="upgrade",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        code_column("STATE", "statue", "upgradeStatue"),
        Column("PROGRESS", "progress", show=_percent),
        Column("ERROR", "errorDesc", wide=True, wraps=True),
        Column("CODE", "error"),
    ),
    fields=lambda: answer_fields(PROGRESS.method, PROGRESS.path),
)


@calls(CHECK)
@many("serial", selected=True)
def check_firmware(ctx: Context, serial: SerialArgument) -> None:
    """Check for newer firmware.

    $ hpcli device upgrade check Q10254783
    """
    answer = ctx.client.device.upgrade.check(serial)
    ctx.show_one({"deviceSerial": parse_serial(serial), **answer}, CHECKS)


@calls(PROGRESS)
@many("serial", selected=True)
def show_progress(ctx: Context, serial: SerialArgument) -> None:
    """Show the progress of an upgrade.

    $ hpcli device upgrade progress G20420177
    """
    answer = ctx.client.device.upgrade.progress(serial)
    ctx.show_one({"deviceSerial": parse_serial(serial), **answer}, PROGRESSES)


@calls(START, PIN, SEARCH, PROGRESS)
@many("serial", selected=True, question="Upgrade {targets}? They restart.", needs_rows=True)
def start_upgrade(
    ctx: Context,
    serial: SerialArgument,
    as_user: AsUser = None,
    as_password_stdin: AsPassword = False,
    pin_stdin: Annotated[
        bool, typer.Option("--pin-stdin", help="Read the panel's PIN from stdin instead of fetching it.")
    ] = False,
    wait: Wait = False,
    wait_timeout: Annotated[
        str | None,
        typer.Option("--wait-timeout", help="Maximum time to wait; 60m by default.", metavar="DURATION"),
    ] = None,
) -> None:
    """Start an upgrade to the newest firmware.

    The device restarts. First-generation panels need a device user and a password
    (--as, --as-password-stdin). For other panels the PIN is fetched or read
    (--pin-stdin), if needed with a user (--as). Other devices need neither.

    $ hpcli device upgrade start Q10254801 --yes
    $ hpcli device upgrade start Q10254783 --wait --yes
    """
    limit = wait_seconds(wait_timeout, WAIT_SECONDS, is_waiting=wait)
    target = parse_serial(serial)
    begin = partial(
        ctx.client.device.upgrade.start,
        target,
        **_proof(ctx, target, as_user, as_password_stdin=as_password_stdin, pin_stdin=pin_stdin),
    )
    ctx.confirm(f"Upgrade {target}? It restarts.")
    words = (
        f"{target} has the new firmware."
        if wait
        else f"{target} is upgrading; `hpcli device upgrade progress {target}` shows the progress."
    )
    ctx.change(target, lambda: _upgrade(ctx, target, begin, limit if wait else None), words)


def _proof(
    ctx: Context, serial: str, as_user: str | None, *, as_password_stdin: bool, pin_stdin: bool
) -> dict[str, str]:
    """Return the credentials a device needs: user name and password, a panel's PIN, or nothing (§3.28)."""
    if pin_stdin and not as_password_stdin:
        user = {"username": as_user} if as_user is not None else {}
        return user | {"pin": ctx.inputs.read_secret("PIN", from_stdin=True, option="--pin-stdin")}
    if pin_stdin:
        raise UsageError(
            "A password and a PIN cannot be used together.",
            hint="Leave out --as-password-stdin or --pin-stdin.",
        )
    if as_user is not None:
        password = ctx.inputs.read_secret(
            f"Password of {as_user}", from_stdin=as_password_stdin, option="--as-password-stdin"
        )
        return {"username": as_user, "password": password}
    if as_password_stdin:
        raise UsageError("--as-password-stdin needs --as USER.")
    if ctx.lookups.device(serial).get("deviceCategory") != PANEL:
        return {}
    if ctx.settings.get("dry-run"):
        return {"pin": "PIN"}  # a query would count: 100 a day
    pin = ctx.client.device.pin(serial)
    return {"pin": pin} if pin else {}


def _upgrade(ctx: Context, serial: str, begin: Callable[[], Any], limit: float | None) -> Any:
    """Start the upgrade; with a limit, wait for its end."""
    answer = begin()
    if limit is None:
        return answer
    states = code_list("upgradeStatue")
    with reporting_progress(ctx, serial) as report:
        return ctx.client.device.upgrade.wait(
            serial,
            limit=limit,
            progress=lambda state: report.update(
                count_of(state.get("progress")), 100, states.label(state.get("statue"))
            ),
        )
