"""`hpcli device time`: set the clock, who sets it, its NTP server, its time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final

from hpcli.api.operations.device.time import SET_TIME
from hpcli.client.device.isapi import ANY_ISAPI, DeviceUser
from hpcli.client.device.messages import content_of
from hpcli.commands.device.clock_words import BY_HAND, MODES, ahead_words, compare_with, read_ntp_content
from hpcli.errors import DryRun, UsageError
from hpcli.parse import parse_time
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.client.device.time import ComparedClock
    from hpcli.isapi.clock_changes import NtpServer


_OWN_ZONE: Final = "its current zone"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants of a clock.

    Attributes:
        moment: the time to set, as typed.
        mode: who shall set it, in the device's word.
        server: NTP server.
        zone: time zone.
        zone_name: its IANA name.
    """

    moment: str | None
    mode: str | None
    server: NtpServer | None
    zone: tzinfo | None
    zone_name: str

    @property
    def is_by_hand(self) -> bool:
        """Whether the time itself is set."""
        return self.moment is not None or self.mode == "manual"


def read_wish(ctx: Context, moment: str | None, mode: str | None, ntp: str | None, zone: str | None) -> Wish:
    """Return what the options mean.

    Raises:
        UsageError: a wrong value, or options that exclude each other.
    """
    from hpcli.isapi.clock_changes import parse_ntp_server
    from hpcli.reference.timezones import load_zone
    from hpcli.run.settings import choose

    wanted = MODES[choose(mode, tuple(MODES), "--mode")] if mode is not None else None
    if moment is not None:
        parse_time(moment, ctx.run.now())  # a wrong one is refused before the first call
        if ntp is not None or wanted not in (None, "manual"):
            other = "--ntp" if ntp is not None else f"--mode {mode}"
            raise UsageError(
                f"--set and {other} cannot be used together.", hint="Use --set with --mode manual."
            )
    if ntp is not None and wanted not in (None, "NTP"):
        raise UsageError(f"--ntp and --mode {mode} cannot be used together.")
    server = parse_ntp_server(ntp) if ntp is not None else None
    place = load_zone(zone.strip(), "--zone") if zone is not None else None
    return Wish(moment, wanted or ("NTP" if server else None), server, place, (zone or "").strip())


def change_clock(ctx: Context, serial: str, wish: Wish, user: DeviceUser) -> None:
    """Change a device's clock as wished.

    Raises:
        UsageError: a time for a device that does not set its clock by hand.
    """
    plain = ctx.client.device.time.read(serial, user=user)
    mode = content_of(plain, "Time").get("timeMode")
    ctx.run.changes.note_before(SET_TIME, serial, content_of(plain, "Time"))
    if wish.moment is not None and wish.mode is None and mode not in BY_HAND:
        raise UsageError(
            f"{serial}: {mode} sets the clock of this device, so it was not changed.",
            hint=f"`hpcli device time {serial} --set {wish.moment} --mode manual` turns {mode} off; "
            "--ntp HOST sets another NTP server.",
        )
    if wish.is_by_hand or (wish.mode is None and mode in BY_HAND):
        _set_by_hand(ctx, serial, wish, plain, user)
    else:
        _set_mode(ctx, serial, wish, plain, user)


def _set_mode(ctx: Context, serial: str, wish: Wish, plain: Mapping[str, Any], user: DeviceUser) -> None:
    from hpcli.isapi.clock_changes import NTP_FIELDS, ntp_server_of

    client = ctx.client.device.time
    mode = str(content_of(plain, "Time").get("timeMode") or "")
    wanted = wish.mode or mode
    present = read_ntp_content(ctx, serial, user) if wish.server else {}
    old = ntp_server_of(present)
    parts = [
        *([f"the NTP server to {wish.server}{f' (now {old})' if old else ''}"] if wish.server else []),
        *([f"the mode to {wanted} (now {mode or 'unknown'})"] if wanted != mode else []),
        *([f"the time zone to {wish.zone_name}"] if wish.zone else []),
    ]
    if not parts:
        ctx.info(f"{serial} is set by {mode} already.")
        return
    said = " and ".join(parts)
    ctx.confirm(f"Set {said} at {serial}?")

    def change() -> None:
        server = wish.server
        if server is not None:
            if old is not None:
                kept = {name: present[name] for name in NTP_FIELDS if name in present}
                ctx.run.changes.note_before(ANY_ISAPI["PUT"], serial, kept)
            ctx.send(lambda: client.set_ntp_server(serial, server, present, user=user))
        if wanted != mode or wish.zone is not None:
            client.set_mode(serial, plain, wanted, ctx.run.now(), wish.zone, user=user)
        elif ctx.settings.get("dry-run"):
            raise DryRun(ctx.run.plans.pop())

    ctx.change(serial, change, f"{serial}: set {said.replace(' (now ', ' (before: ')}.")


def _set_by_hand(ctx: Context, serial: str, wish: Wish, plain: Mapping[str, Any], user: DeviceUser) -> None:
    from hpcli.isapi.clock_changes import with_time

    client, content = ctx.client.device.time, content_of(plain, "Time")
    zone, where = _zone_to_set(ctx, serial, wish, content)
    clocks, asked_at = compare_with(ctx, content, lambda: zone), ctx.run.now()
    is_now = (wish.moment or "now").strip().lower() == "now"
    wanted = _wanted(wish, clocks)
    local = with_time(plain["Time"], wanted, zone)  # refuses an unknown zone before anybody is asked
    if clocks.computer_ahead and wanted != _wanted(wish, replace(clocks, now=asked_at)):
        ctx.info(
            f"This computer's clock is {ahead_words(clocks.computer_ahead)}; the platform's time is used."
        )
    mode = content.get("timeMode")
    ends = f" This turns {mode} off." if mode not in BY_HAND else ""
    here = f"here {_clock_text(wanted, None)}"
    ctx.confirm(f"Set the clock of {serial} to {_shown(wanted, local, zone)} ({where}; {here})?{ends}")
    # Time passes while the question waits for an answer.
    target = wanted + (ctx.run.now() - asked_at if is_now else timedelta(0))
    ctx.change(
        serial,
        lambda: client.set(serial, plain, target, zone, user=user),
        f"{serial} now shows {_shown(target, with_time(plain['Time'], target, zone), zone)} ({where}).",
    )
    if ends and not ctx.settings.get("dry-run"):
        ctx.info(f"{mode} is now off; the clock is set manually.")


def _wanted(wish: Wish, clocks: ComparedClock) -> datetime:
    """Return the time to set; a change of the zone alone leaves the clock as right or wrong as it is."""
    if wish.moment is None and wish.mode is None and clocks.reading.moment is not None:
        return clocks.reading.moment
    return parse_time(wish.moment or "now", clocks.now)


def _zone_to_set(
    ctx: Context, serial: str, wish: Wish, content: Mapping[str, Any]
) -> tuple[tzinfo | None, str]:
    """Return the zone to set, and its name: the one given, that of the device's site, or the device's own (None).

    A change of the mode alone keeps the device's own, as long as that can be read.
    """
    from hpcli.isapi.clock import zone_of
    from hpcli.reference.timezones import clock_by_number

    if wish.zone is not None:
        return wish.zone, wish.zone_name
    own, _ = zone_of(content)
    if wish.moment is None and own is not None and not own.lacks_rules:
        return None, _OWN_ZONE
    site = clock_by_number(ctx.lookups.device(serial).get("timeZone"))
    if site is None:
        return None, _OWN_ZONE
    if not site.is_exact:
        ctx.info(
            f"This computer does not know the rules of the site's time zone: its listed offset {site.name} is used, "
            "without summer time."
        )
    return site.zone, site.name


def _shown(moment: datetime, local: Mapping[str, Any], zone: tzinfo | None) -> str:
    """Return the time that a device will show; without its site's zone, by its own."""
    if zone is not None:
        return _clock_text(moment, zone)
    text = local["localTime"]
    return str(text["#text"] if isinstance(text, Mapping) else text).replace("T", " ")


def _clock_text(moment: datetime, zone: tzinfo | None) -> str:
    return moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")
