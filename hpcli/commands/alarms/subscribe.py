"""`hpcli alarms subscribe` and `unsubscribe`: choose whose alarms this account receives."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from hpcli.api.operations.alarms import SUBSCRIBE, UNSUBSCRIBE
from hpcli.commands.framework.batches import change_in_batches
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.plurals import counted
from hpcli.run.context import Context

_Serials = Annotated[
    list[str] | None,
    typer.Argument(help="Device serials; - reads them from stdin, @FILE from a file.", metavar="SERIAL..."),
]


_All = Annotated[bool, typer.Option("--all", help="All devices, including devices added later.")]


@calls(SUBSCRIBE)
@many("serials", selected=True, is_own=True)
def subscribe(ctx: Context, serials: _Serials = None, everything: _All = False) -> None:
    """Subscribe this account to the alarms of devices.

    hpcli remembers the subscription; `alarms tail` renews it at each start.

    $ hpcli alarms subscribe --all
    $ hpcli alarms subscribe Q10254783 Q10254801
    """
    wanted = _subscribed_devices(ctx, serials, everything=everything)

    def change(some: Sequence[str] | None) -> None:
        ctx.client.alarms.subscribe(some)
        _remember(ctx, some, is_on=True)

    _set_each(ctx, wanted, change, "Subscribed to")


@calls(UNSUBSCRIBE)
@many("serials", selected=True, is_own=True)
def unsubscribe(ctx: Context, serials: _Serials = None, everything: _All = False) -> None:
    """Unsubscribe this account from the alarms of devices.

    This affects every reader of the account.

    $ hpcli alarms unsubscribe Q10254801
    $ hpcli alarms unsubscribe --all --yes
    """
    wanted = _subscribed_devices(ctx, serials, everything=everything)
    named = "all devices" if wanted is None else counted(wanted, "device")
    ctx.confirm(f"Unsubscribe from {named}, for everyone who reads alarms with this key?")

    def change(some: Sequence[str] | None) -> None:
        ctx.client.alarms.unsubscribe(some)
        _remember(ctx, some, is_on=False)

    _set_each(ctx, wanted, change, "Unsubscribed from")


def _subscribed_devices(ctx: Context, serials: list[str] | None, *, everything: bool) -> list[str] | None:
    """Return the named devices, None for all.

    Raises:
        UsageError: serials and `--all` are both given, or neither is.
    """
    if bool(serials) == everything:
        raise UsageError("Give either serials or --all.", hint="`hpcli device list` shows serials.")
    if not serials:
        return None
    return [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]


def _set_each(
    ctx: Context, serials: list[str] | None, change: Callable[[Sequence[str] | None], None], done: str
) -> None:
    """Send one call for all devices; if the platform refuses it, by halves, to report each."""
    if serials is None:
        ctx.each(["all"], lambda _: change(None), lambda _target, _data: f"{done} all devices.")
        return
    change_in_batches(ctx, serials, change, lambda serial, _: f"{done} {serial}.", size=len(serials))


def _remember(ctx: Context, serials: Sequence[str] | None, *, is_on: bool) -> None:
    from hpcli.alarms.tail.subscription import Subscription, keep_subscription, load_subscription
    from hpcli.alarms.tail.subscription_check import expect_no_longer

    folder = ctx.run.session.alarms_folder

    def store() -> None:
        known = load_subscription(folder) or Subscription()
        if not is_on:
            expect_no_longer(folder, serials)
        keep_subscription(
            folder, known.with_subscribed(serials) if is_on else known.with_unsubscribed(serials)
        )

    ctx.keep("The subscription, which `alarms tail` sets again,", store)
