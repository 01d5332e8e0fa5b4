"""`hpcli device upgrade`: upgrade the firmware of devices."""

from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import PIN, SEARCH
from hpcli.api.operations.device.upgrade import CHECK, PROGRESS, START
from hpcli.client.device.devices import PANEL
from hpcli.client.device.upgrade import WAIT_SECONDS
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.options import AsPassword, AsUser, SerialArgument, Wait
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.framework.waiting import wait_seconds
from hpcli.errors import HpcliError, UsageError
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.commands.framework.target_context import TargetContext

    Started = Generator[TargetContext, None, None]

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


WaitTimeout = Annotated[
    str | None,
    typer.Option("--wait-timeout", help="Maximum time to wait; 60m by default.", metavar="DURATION"),
]


def _follow(ctx: Context, done: "Started", values: Mapping[str, Any], *, is_change: bool) -> "Started":
    """Wait for the upgrades of many devices together, so that none waits for a place."""
    if not values.get("wait") or ctx.settings.get("dry-run"):
        return done
    from hpcli.commands.device.upgrade_follow import follow_targets

    limit = wait_seconds(values.get("wait_timeout"), WAIT_SECONDS, is_waiting=True)
    return follow_targets(ctx, done, limit, is_change=is_change)


@calls(PROGRESS, SEARCH)
@many("serial", selected=True, follow=partial(_follow, is_change=False))
def show_progress(
    ctx: Context, serial: SerialArgument, wait: Wait = False, wait_timeout: WaitTimeout = None
) -> None:
    """Show the progress of an upgrade.

    --wait follows it to its end: a live line for each device on a terminal, elsewhere a
    line for each step.

    $ hpcli device upgrade progress G20420177
    $ hpcli device upgrade progress G20420177 --wait
    """
    limit = wait_seconds(wait_timeout, WAIT_SECONDS, is_waiting=wait)
    name = parse_serial(serial)
    answer: Mapping[str, Any] = ctx.client.device.upgrade.progress(name)
    if wait and not ctx.is_one_of_many:
        answer = _wait(ctx, name, limit)
    ctx.show_one({"deviceSerial": name, **answer}, PROGRESSES)


def _wait(ctx: Context, serial: str, limit: float) -> Mapping[str, Any]:
    """Follow the only upgrade to its end.

    Raises:
        HpcliError: it failed, or was not done in time.
    """
    from hpcli.commands.device.upgrade_follow import follow_upgrades

    end = follow_upgrades(ctx, [serial], limit)[serial]
    if isinstance(end, HpcliError):
        raise end
    return end or {}


@calls(START, PIN, SEARCH, PROGRESS)
@many(
    "serial",
    selected=True,
    question="Upgrade {targets}? They restart.",
    needs_rows=True,
    follow=partial(_follow, is_change=True),
)
def start_upgrade(
    ctx: Context,
    serial: SerialArgument,
    as_user: AsUser = None,
    as_password_stdin: AsPassword = False,
    pin_stdin: Annotated[
        bool, typer.Option("--pin-stdin", help="Read the panel's PIN from stdin instead of fetching it.")
    ] = False,
    wait: Wait = False,
    wait_timeout: WaitTimeout = None,
) -> None:
    """Start an upgrade to the newest firmware.

    The device restarts. First-generation panels need a device user and a password
    (--as, --as-password-stdin). For other panels the PIN is fetched or read
    (--pin-stdin), if needed with a user (--as). Other devices need neither.

    --wait follows the upgrades to their ends. Ctrl-C lets them go on, and says how to
    follow them again.

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
    is_waiting = wait and not ctx.is_one_of_many  # many are waited for together
    words = (
        f"{target} has the new firmware."
        if is_waiting
        else f"{target} is upgrading; `hpcli device upgrade progress {target}` shows the progress."
    )
    ctx.change(target, lambda: _upgrade(ctx, target, begin, limit if is_waiting else None), words)


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
    return _wait(ctx, serial, limit)
