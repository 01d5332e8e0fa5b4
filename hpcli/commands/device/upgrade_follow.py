"""Follow upgrades until they end: one live line a device on a terminal, elsewhere a line for each step."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from hpcli.api.operations.device.upgrade import START
from hpcli.client.device.upgrade import DONE, FAILED, upgrade_refusal
from hpcli.errors import DeviceError, HpcliError, LocalError, NetworkError, TimeLimitError
from hpcli.local.change_records import Query
from hpcli.output import Column, View, show_duration
from hpcli.parse import epoch_milliseconds
from hpcli.plurals import quantity
from hpcli.reference.codes import code_list
from hpcli.run.context import Context
from hpcli.run.parallel import fan_out
from hpcli.run.streams import has_color

if TYPE_CHECKING:
    from hpcli.commands.framework.target_context import TargetContext

_QUICK_ROUNDS: Final = 3
_QUICK_SECONDS, _SECONDS = 1.0, 5.0
_SLICE_SECONDS: Final = 0.25
_LONGEST: Final = timedelta(hours=2)
"""An upgrade that began earlier is another one."""
_NO_ANSWER: Final = "no answer"
End = Mapping[str, Any] | HpcliError | None
"""The last state of an upgrade, the error that ended it, or None for one that goes on."""


@dataclass
class Upgrade:
    """One upgrade that is followed."""

    serial: str
    name: str
    installed: str
    began: float
    step: str = ""
    percent: object = None
    newest: str = ""
    end: End = None
    ended: float | None = None
    is_start_known: bool = True

    @property
    def versions(self) -> str:
        """The versions, as far as they are known."""
        return f"{self.installed} → {self.newest}" if self.newest else self.installed

    def row(self, now: float) -> dict[str, Any]:
        """Return its line of the live table."""
        took = (self.ended or now) - self.began
        return {
            "deviceSerial": self.serial,
            "deviceName": self.name,
            "version": self.versions,
            "step": self.step,
            "progress": "" if self.percent is None else f"{self.percent} %",
            "time": show_duration(took) if self.is_start_known else f"over {show_duration(took)}",
        }


_LIVE = View(
    noun="upgrade",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True, priority=1),
        Column("VERSION", "version", wide=True, wraps=True, width=20),
        Column("STEP", "step", style=lambda value, _row: {"Done": "good", "Failed": "bad"}.get(value)),
        Column("DONE", "progress"),
        Column("TIME", "time"),
    ),
)


def follow_upgrades(ctx: Context, serials: Sequence[str], limit: float) -> dict[str, End]:
    """Wait until upgrades end, or the user stops waiting; return how each ended.

    Args:
        ctx: the command's context.
        serials: devices whose upgrades were started.
        limit: seconds to wait at most.

    Raises:
        KeyboardInterrupt: the user stopped waiting for the only one.
    """
    began = ctx.run.clock()
    upgrades = [make_upgrade(ctx, serial, began) for serial in _known(ctx, serials)]
    try:
        with _drawing(ctx, upgrades) as draw:
            _follow(ctx, upgrades, began + limit, draw)
    except KeyboardInterrupt:
        _say_how_to_follow(ctx, [upgrade.serial for upgrade in upgrades if upgrade.end is None])
        raise
    return {upgrade.serial: upgrade.end for upgrade in upgrades}


def follow_targets(
    ctx: Context, started: Iterable[TargetContext], limit: float, *, is_change: bool
) -> Generator[TargetContext, None, None]:
    """Yield the targets of a verb when the upgrades of all of them have ended, with how they ended as their outcome."""
    held = list(started)
    serials = [own.target.name for own in held if own.error is None]
    ends = follow_upgrades(ctx, serials, limit) if serials else {}
    for own in held:
        end = ends.get(own.target.name)
        if end is not None and is_change:
            _keep_outcome(ctx, own, end)
        elif isinstance(end, HpcliError):
            own.error = end
        elif end is not None:
            own.rows[:] = [{"target": own.target.name, "deviceSerial": own.target.name, **end}]
        elif own.made:  # it goes on, which is said once for all
            own.made = [(outcome, error, "") for outcome, error, _ in own.made]
        yield own
    if ctx.run.job.stop.signal is not None:
        _say_how_to_follow(ctx, [serial for serial, end in ends.items() if end is None])


def _keep_outcome(ctx: Context, own: TargetContext, end: Mapping[str, Any] | HpcliError) -> None:
    """Put the end of an upgrade in the place of its start."""
    outcome, _, _ = own.made[0]
    if isinstance(end, HpcliError):
        failed = outcome._replace(ok=False, data=None, error=end.as_dict() | {"target": own.target.name})
        own.made, own.error = [(failed, end, "")], end
        ctx.run.settle(own.target.name, end)
    else:
        own.made = [(outcome._replace(data=dict(end)), None, f"{own.target.name} has the new firmware.")]


def _known(ctx: Context, serials: Sequence[str]) -> Sequence[str]:
    """Look the devices up, for their names and versions; what is not known is left out of the lines."""
    try:
        ctx.lookups.find_devices(serials)
    except HpcliError as error:
        ctx.warn(f"The names and versions of the devices are not known: {error}")
    return serials


def make_upgrade(ctx: Context, serial: str, began: float) -> Upgrade:
    """Return an upgrade that is followed from a moment of the clock on, as far as nothing says when it began."""
    row = ctx.lookups.known_device(serial)
    names = str(row.get("deviceName") or ""), str(row.get("deviceVersion") or "")
    before = _seconds_since_start(ctx, serial)
    return Upgrade(serial, *names, began - (before or 0.0), is_start_known=before is not None)


def _seconds_since_start(ctx: Context, serial: str) -> float | None:
    """Return how long ago this computer started the upgrade of a device; None where it is not known to have done so."""
    query = Query(
        since=epoch_milliseconds(ctx.run.now() - _LONGEST),
        targets=[serial],
        operations=[START.path],
        is_sandbox=ctx.settings.is_sandbox,
    )
    try:
        found = [one for one in ctx.run.changes.log.read(query) if one["outcome"] != "failed"]
    except LocalError:  # only the time is less exact
        return None
    return max(0.0, ctx.run.now().timestamp() - found[0]["began"] / 1000) if found else None


def _follow(ctx: Context, upgrades: Sequence[Upgrade], deadline: float, draw: Callable[[], None]) -> None:
    """Ask about those under way, again and again, until all have ended, the time is over, or the user stops it."""
    run, rounds = ctx.run, 0
    while under_way := [upgrade for upgrade in upgrades if upgrade.end is None]:
        _ask_once(ctx, under_way, draw)
        if run.clock() >= deadline:
            for upgrade in upgrades:
                if upgrade.end is None:
                    upgrade.end = _out_of_time(upgrade.serial)
            return
        rounds += 1
        pause = _QUICK_SECONDS if rounds <= _QUICK_ROUNDS else _SECONDS
        pause = min(max(pause, len(under_way) / ctx.settings.get("call-rate")), deadline - run.clock())
        end = run.clock() + pause
        while run.clock() < end and any(upgrade.end is None for upgrade in upgrades):
            if run.job.stop.is_set:
                return
            run.sleep(min(_SLICE_SECONDS, max(0.0, end - run.clock())))
            draw()


def _ask_once(ctx: Context, under_way: Sequence[Upgrade], draw: Callable[[], None]) -> None:
    """Ask how far each upgrade is; one whose device does not answer, as it restarts, is asked again later."""
    client, states = ctx.client.device, code_list("upgradeStatue")
    replies = fan_out(
        under_way,
        lambda upgrade: client.upgrade.progress(upgrade.serial),
        at_once=min(len(under_way), ctx.settings.get("concurrency")),
    )
    for reply in replies:
        upgrade = reply.item
        if reply.result is None:
            if isinstance(reply.error, DeviceError | NetworkError):
                upgrade.step = _NO_ANSWER
            else:
                upgrade.end, upgrade.ended = reply.error, ctx.run.clock()
            continue
        state = reply.result
        upgrade.step, upgrade.percent = states.label(state.get("statue")), state.get("progress")
        if state.get("statue") in (DONE, FAILED):
            is_done = state.get("statue") == DONE
            upgrade.end = dict(state) if is_done else upgrade_refusal(state)
            upgrade.ended = ctx.run.clock()
            upgrade.newest = _version_now(ctx, upgrade) if is_done else ""
        draw()


def _version_now(ctx: Context, upgrade: Upgrade) -> str:
    """Return the firmware that a device has after its upgrade; empty where it is not known, or still the same."""
    try:
        row = next(iter(ctx.client.device.list(serial=upgrade.serial, limit=1)), None)
    except HpcliError:
        return ""
    version = str(row.get("deviceVersion") or "") if row else ""
    return "" if version == upgrade.installed else version


def _out_of_time(serial: str) -> TimeLimitError:
    return TimeLimitError(
        f"The upgrade of {serial} is not done yet.",
        hint=f"It goes on by itself: `hpcli device upgrade progress {serial} --wait`.",
    )


@contextmanager
def _drawing(ctx: Context, upgrades: Sequence[Upgrade]) -> Iterator[Callable[[], None]]:
    """Yield a function that shows how far the upgrades are."""
    run = ctx.run
    if run.messages.is_json or not run.stderr.isatty() or ctx.settings.get("quiet"):
        yield _Steps(ctx, upgrades).say
        return
    from hpcli.output.live import live_table

    options = run.options._replace(
        width=run.width,
        color=has_color(run.stderr, run.settings.get("color"), run.environment),
        is_terminal=True,
    )
    with live_table(run.stderr, options, _LIVE) as show:
        yield lambda: show([upgrade.row(run.clock()) for upgrade in upgrades])


@dataclass
class _Steps:
    """Says each step once."""

    ctx: Context
    upgrades: Sequence[Upgrade]
    _said: dict[str, str] = field(default_factory=dict)

    def say(self) -> None:
        """Say the steps that are new."""
        for upgrade in self.upgrades:
            if upgrade.step and self._said.get(upgrade.serial) != upgrade.step:
                self._said[upgrade.serial] = upgrade.step
                versions = f" ({upgrade.versions})" if upgrade.newest else ""
                percent = "" if upgrade.percent in (None, "") else f", {upgrade.percent} %"
                self.ctx.info(f"{upgrade.serial}: {upgrade.step}{percent}{versions}.")


def _say_how_to_follow(ctx: Context, left: Sequence[str]) -> None:
    """Say that upgrades go on, and how to follow them; several are named in a file."""
    if not left:
        return
    where, file = left[0], None
    if len(left) > 1:
        from hpcli.local.rest_file import write_rest

        name = f"{ctx.run.now():%Y-%m-%dT%H%M%S}-upgrades"
        try:
            file = str(write_rest(ctx.run.settings.state_dir, name, left, ()))
            where = f"@{file}"
        except LocalError as error:
            ctx.warn(str(error))
            where = ",".join(left)
    goes, them = ("goes", "it") if len(left) == 1 else ("go", "them")
    ctx.run.messages.rest(
        f"{quantity(len(left), 'upgrade')} {goes} on in the background; stopping hpcli does not stop {them}. "
        f"Follow {them} again: hpcli device upgrade progress {where} --wait",
        left=len(left),
        file=file,
    )
