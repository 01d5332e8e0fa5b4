"""`hpcli device time`: show or set the clock of a device."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH
from hpcli.api.operations.device.time import READ_TIME, SET_TIME
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import content_of
from hpcli.commands.framework.device_messages import message_fields
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.times import clock_of
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View, show_duration
from hpcli.parse import parse_serial, parse_time
from hpcli.run.context import Context

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_LARGEST_DRIFT = 60.0


def _drift_words(value: Any, _row: Mapping[str, Any]) -> str:
    if value is None:
        return ""
    if abs(value) < 1:
        return "right"
    return f"{show_duration(abs(value))} {'ahead' if value > 0 else 'behind'}"


def _drift_tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return None if value is None else "bad" if abs(value) > _LARGEST_DRIFT else "good"


CLOCK = View(
    noun="clock",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("DEVICE TIME", "deviceTime"),
        Column("DRIFT", "driftSeconds", show=_drift_words, style=_drift_tone),
        Column("SET BY", "timeMode"),
        Column("LOCAL TIME", "localTime", priority=2),
        Column("ZONE", "timeZone", priority=1, wide=True),
    ),
    fields=message_fields("XML_Time", "Time", also=("deviceSerial", "deviceTime", "driftSeconds")),
)


@calls(READ_TIME, SET_TIME, SEARCH)
def show_clock(
    ctx: Context,
    serial: SerialArgument,
    moment: Annotated[
        str | None,
        typer.Option(
            "--set",
            help="Set the clock to now or a time; without an offset, in this computer's zone.",
            metavar="now|TIME",
        ),
    ] = None,
) -> None:
    """Show or set the clock of a device.

    --set uses the time zone of the device's site and turns NTP off.

    $ hpcli device time Q10254783
    $ hpcli device time Q10254783 --set now --yes
    """
    user = device_user(ctx, serial)
    name = parse_serial(serial)
    if moment is not None:
        _set_clock(ctx, name, moment, user)
        return
    row = ctx.client.device.time.show(name, ctx.run.now(), user=user)
    ctx.show_one(row, CLOCK)
    drift = row["driftSeconds"]
    if drift is None:
        ctx.info(f"{name} does not report its time zone, so its drift is unknown.")
    elif abs(drift) > _LARGEST_DRIFT:
        ctx.info(
            f"The clock of {name} is {_drift_words(drift, row)}. `hpcli device time {name} --set now` sets it."
        )


def _set_clock(ctx: Context, serial: str, text: str, user: DeviceUser) -> None:
    from zoneinfo import ZoneInfo

    client = ctx.client.device.time
    asked_at = ctx.run.now()
    wanted = parse_time(text, asked_at)
    known = clock_of(ctx.client.device.find(serial).get("timeZone"))
    zone = ZoneInfo(known) if known else None
    plain = client.read(serial, user=user)
    where = known or "its current zone"
    mode = content_of(plain, "Time").get("timeMode")
    ends = f" This turns {mode} off." if mode not in (None, "manual") else ""
    here = f"here {_clock_text(wanted, None)}"
    ctx.confirm(f"Set the clock of {serial} to {_clock_text(wanted, zone)} ({where}; {here})?{ends}")
    # Time passes while the question waits for an answer.
    late = ctx.run.now() - asked_at
    target = wanted + (late if text.strip().lower() == "now" else timedelta(0))
    ctx.change(
        serial,
        lambda: client.set(serial, plain, target, zone, user=user),
        f"{serial} now shows {_clock_text(target, zone)} ({where}).",
    )
    if mode not in (None, "manual") and not ctx.settings.get("dry-run"):
        ctx.info(f"{mode} is now off; the clock is set manually.")


def _clock_text(moment: datetime, zone: "ZoneInfo | None") -> str:
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")
