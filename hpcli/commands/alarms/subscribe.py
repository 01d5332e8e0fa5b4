"""`hpcli alarms subscribe` and `unsubscribe`: whose alarms come to this account."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from hpcli.api.operations.alarms import SUBSCRIBE, UNSUBSCRIBE

# Verbs with many options have files of their own.
from hpcli.commands.framework.verb import calls
from hpcli.errors import PlatformError, UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context

_Serials = Annotated[
    list[str] | None,
    typer.Argument(help="Device serials; - reads them from stdin, @FILE from a file.", metavar="SERIAL..."),
]


_All = Annotated[bool, typer.Option("--all", help="All devices, those added later too.")]


@calls(SUBSCRIBE)
def subscribe(ctx: Context, serials: _Serials = None, everything: _All = False) -> None:
    """Have the alarms of devices sent to this account.

    What is set here is remembered; `alarms tail` sets it again at each start.

    $ hpcli alarms subscribe --all
    $ hpcli alarms subscribe Q10254783 Q10254801
    """
    wanted = _subscribed_devices(ctx, serials, everything=everything)

    def change(some: Sequence[str] | None) -> None:
        ctx.client.alarms.subscribe(some)
        _remember(ctx, some, is_on=True)

    _set_each(ctx, wanted, change, "Subscribed to")


@calls(UNSUBSCRIBE)
def unsubscribe(ctx: Context, serials: _Serials = None, everything: _All = False) -> None:
    """End the alarms of devices for every reader of this account.

    $ hpcli alarms unsubscribe Q10254801
    $ hpcli alarms unsubscribe --all --yes
    """
    wanted = _subscribed_devices(ctx, serials, everything=everything)
    named = "all devices" if wanted is None else ", ".join(wanted)
    ctx.confirm(f"End the alarms of {named} for everybody who reads them with this key?")

    def change(some: Sequence[str] | None) -> None:
        ctx.client.alarms.unsubscribe(some)
        _remember(ctx, some, is_on=False)

    _set_each(ctx, wanted, change, "Unsubscribed from")


def _subscribed_devices(ctx: Context, serials: list[str] | None, *, everything: bool) -> list[str] | None:
    """Return the devices named, None for all.

    Raises:
        UsageError: both serials and `--all` are given, or neither.
    """
    if bool(serials) == everything:
        raise UsageError("Give serials or --all, one of the two.", hint="`hpcli device list` shows serials.")
    if not serials:
        return None
    return [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]


def _set_each(
    ctx: Context, serials: list[str] | None, change: Callable[[Sequence[str] | None], None], done: str
) -> None:
    """Send one call for all devices; where the platform refuses it, one for each, so that each is told."""
    if serials is None:
        ctx.each(["all"], lambda _: change(None), lambda _target, _data: f"{done} all devices.")
        return
    try:
        change(serials)
    except PlatformError:
        ctx.each(serials, lambda serial: change([serial]), lambda serial, _: f"{done} {serial}.")
    else:
        ctx.each(serials, lambda _: None, lambda serial, _: f"{done} {serial}.")


def _remember(ctx: Context, serials: Sequence[str] | None, *, is_on: bool) -> None:
    from hpcli.alarms.tail.subscription import Subscription, keep_subscription, load_subscription

    folder = ctx.run.session.alarms_folder
    known = load_subscription(folder) or Subscription()
    keep_subscription(folder, known.with_subscribed(serials) if is_on else known.with_unsubscribed(serials))
