"""`hpcli device time`: show or set the clock of a device."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH
from hpcli.api.operations.device.time import READ_TIME, SET_TIME
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import content_of
from hpcli.client.device.time import LARGEST_DRIFT, ComparedClock, clock_row, compare_clocks
from hpcli.commands.framework.device_messages import message_fields
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.times import clock_of
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View, show_duration
from hpcli.parse import parse_serial, parse_time
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.isapi.clock import ClockReading


def _drift_words(value: Any, _row: Mapping[str, Any]) -> str:
    if value is None:
        return "unknown"
    if abs(value) < 1:
        return "right"
    return f"{show_duration(abs(value))} {'ahead' if value > 0 else 'behind'}"


def _ahead(amount: timedelta) -> str:
    return _drift_words(amount.total_seconds(), {})


def _drift_tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return None if value is None else "bad" if abs(value) > LARGEST_DRIFT else "good"


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
    content = content_of(ctx.client.device.time.read(name, user=user), "Time")
    clocks = _compared(ctx, content, lambda: clock_of(ctx.client.device.find(name).get("timeZone")))
    row = clock_row(name, content, clocks.reading.checked(), clocks.now)
    ctx.show_one(row, CLOCK)
    if words := _zone_words(name, clocks.reading, content):
        ctx.info(words)
    drift = row["driftSeconds"]
    if clocks.computer_ahead:
        of = " of" if clocks.computer_ahead > timedelta(0) else ""
        right = "; the device is right" if _is_right(drift) else f"{of} the platform's"
        ctx.info(f"This computer's clock is {_ahead(clocks.computer_ahead)}{right}.")
    if drift is not None and not _is_right(drift):
        ctx.info(
            f"The clock of {name} is {_drift_words(drift, row)}. `hpcli device time {name} --set now` sets it."
        )


def _compared(
    ctx: Context, content: Mapping[str, Any], site_zone: Callable[[], tzinfo | None]
) -> ComparedClock:
    return compare_clocks(content, ctx.run.now(), ctx.client.transport.platform_time(), site_zone)


def _is_right(drift: float | None) -> bool:
    return drift is not None and abs(drift) <= LARGEST_DRIFT


def _zone_words(serial: str, reading: "ClockReading", content: Mapping[str, Any]) -> str:
    """Tell what is not known of a clock's zone, and where its offset comes from instead."""
    from hpcli.masking import quote_line

    if not content.get("localTime"):
        return f"{serial} does not report its time."
    if reading.unread_zone:
        problem = f'The time zone of {serial} cannot be read: "{quote_line(reading.unread_zone, 80)}".'
        if reading.offset is None:
            return f"{problem} The drift of its clock is unknown."
        source = "of its site's time zone" if reading.is_by_site else "that it sends"
        return f"{problem} The drift is computed with the offset {source}."
    if reading.offset is None:
        missing = "when it has summer time" if content.get("timeZone") else "its time zone"
        return f"{serial} does not report {missing}, so its drift is unknown."
    return ""


def _set_clock(ctx: Context, serial: str, text: str, user: DeviceUser) -> None:
    from hpcli.isapi.clock import with_time
    from hpcli.reference.timezones import clock_by_number

    client = ctx.client.device.time
    parse_time(text, ctx.run.now())  # a wrong one is refused before the first call
    site = clock_by_number(ctx.client.device.find(serial).get("timeZone"))
    zone = site.zone if site else None
    plain = client.read(serial, user=user)
    content = content_of(plain, "Time")
    clocks, asked_at = _compared(ctx, content, lambda: zone), ctx.run.now()
    wanted = parse_time(text, clocks.now)
    local = with_time(plain["Time"], wanted, zone)  # refuses an unknown zone before anybody is asked
    if clocks.computer_ahead and wanted != parse_time(text, asked_at):
        ctx.info(f"This computer's clock is {_ahead(clocks.computer_ahead)}; the platform's time is used.")
    if site and not site.is_exact:
        ctx.info(
            f"This computer does not know the rules of the site's time zone: its listed offset {site.name} is used, "
            "without summer time."
        )
    where = site.name if site else "its current zone"
    mode = content.get("timeMode")
    ends = f" This turns {mode} off." if mode not in (None, "manual") else ""
    here = f"here {_clock_text(wanted, None)}"
    ctx.confirm(f"Set the clock of {serial} to {_shown(wanted, local, zone)} ({where}; {here})?{ends}")
    # Time passes while the question waits for an answer.
    late = ctx.run.now() - asked_at
    target = wanted + (late if text.strip().lower() == "now" else timedelta(0))
    ctx.change(
        serial,
        lambda: client.set(serial, plain, target, zone, user=user),
        f"{serial} now shows {_shown(target, with_time(plain['Time'], target, zone), zone)} ({where}).",
    )
    if mode not in (None, "manual") and not ctx.settings.get("dry-run"):
        ctx.info(f"{mode} is now off; the clock is set manually.")


def _shown(moment: datetime, local: Mapping[str, Any], zone: tzinfo | None) -> str:
    """Return the time that a device will show; without its site's zone, by its own."""
    if zone is not None:
        return _clock_text(moment, zone)
    text = local["localTime"]
    return str(text["#text"] if isinstance(text, Mapping) else text).replace("T", " ")


def _clock_text(moment: datetime, zone: tzinfo | None) -> str:
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")
