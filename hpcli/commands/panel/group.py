"""`hpcli panel`: arm and disarm, look at zones, switch relays."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from hpcli.client.device.isapi import DeviceUser
from hpcli.client.panel import (
    ALL_AREAS,
    AREAS,
    ARM,
    BYPASS,
    CLEAR,
    DISARM,
    MODES,
    RELAYS,
    SEARCH_ZONES,
    SWITCH_RELAYS,
    SWITCHES,
    UNBYPASS,
    ZONES,
)
from hpcli.client.panel_arming import is_armed_or_arming
from hpcli.commands.framework.device_messages import change_together, read_number, read_numbers
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import SerialArgument, WaitTimeout, several
from hpcli.commands.framework.plurals import listed
from hpcli.commands.framework.waiting import wait_seconds, watching
from hpcli.commands.panel import tables as panel_views
from hpcli.errors import DryRun, HpcliError, UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context
from hpcli.run.settings import choose

app = Family("panel", "Alarm panels: arm, disarm, zones, relays.")

AreasArgument = Annotated[list[str], several("Areas from 1, or all", "AREA")]
ZonesArgument = Annotated[list[str], several("Zones from 1", "ZONE")]
Everything = Annotated[bool, typer.Option("--everything", help="Unused ones too.")]
_ARM_SECONDS = 600.0
_SWITCH_WORDS = {state: word for word, state in SWITCHES.items()}


@app.verb("areas", AREAS)
def list_areas(
    ctx: Context,
    serial: SerialArgument,
    watch: Annotated[bool, typer.Option("--watch", help="Show them again whenever they change.")] = False,
    every: Annotated[str, typer.Option(help="How often to look; 5s by default.", metavar="DURATION")] = "5s",
    everything: Everything = False,
) -> None:
    """List the areas of a panel and whether they are armed.

    $ hpcli panel areas Q10254783
    $ hpcli panel areas Q10254783 --watch
    """
    user = device_user(ctx, serial)
    if not watch:
        ctx.show(ctx.client.panel.areas(serial, everything=everything, user=user), panel_views.AREAS)
        return
    from hpcli.commands.framework.repeating import parse_interval
    from hpcli.commands.panel.watch import watch_rows

    watch_rows(
        ctx,
        lambda: ctx.client.panel.areas(serial, everything=everything, user=user),
        panel_views.AREAS,
        parse_interval(every),
    )


@app.verb("zones", ZONES, SEARCH_ZONES)
def list_zones(
    ctx: Context,
    serial: SerialArgument,
    problems: Annotated[
        bool, typer.Option("--problems", help="Only those open, bypassed, tampered or at fault.")
    ] = False,
    search: Annotated[
        bool, typer.Option("--search", help="Ask page by page, as panels with many zones want it.")
    ] = False,
    everything: Everything = False,
) -> None:
    """List zones: state, bypass, battery, signal, tamper.

    $ hpcli panel zones Q10254783
    $ hpcli panel zones Q10254783 --problems
    """
    user = device_user(ctx, serial)
    rows = ctx.client.panel.zones(serial, search=search, everything=everything, user=user)
    if problems:
        rows = [row for row in rows if panel_views.zone_problems(row)]
        if not rows:
            ctx.say("No zone has a problem.")
            ctx.run.printer.rows(rows, panel_views.ZONES)
            return
    ctx.show(rows, panel_views.ZONES)


@app.verb("arm", ARM, AREAS, ZONES, SEARCH_ZONES)
def arm_areas(
    ctx: Context,
    serial: SerialArgument,
    areas: AreasArgument,
    mode: Annotated[
        str,
        typer.Option(
            "--mode",
            help="away, or stay while somebody is inside.",
            metavar="MODE",
            autocompletion=lambda: list(MODES),
        ),
    ],
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the outcome.")] = False,
    wait_timeout: WaitTimeout = None,
) -> None:
    """Arm areas and wait until they are armed.

    Where a zone is open it is named; close it, or bypass it.

    $ hpcli panel arm Q10254783 1 --mode away
    $ hpcli panel arm Q10254783 all --mode away --no-wait
    """
    if no_wait and wait_timeout is not None:
        raise UsageError("--no-wait and --wait-timeout exclude each other.")
    limit = wait_seconds(wait_timeout, _ARM_SECONDS, is_waiting=True)
    mode = choose(mode, MODES, "--mode")
    wanted = _read_areas(ctx, areas)
    user = device_user(ctx, serial)
    # All are started before the first is waited for: their delays run at the same time.
    started = {area: _start_arming(ctx, serial, area, mode, user) for area in wanted}

    def finish(area: str) -> list[dict[str, Any]] | None:
        problem = started[area]
        if problem is not None:
            raise problem
        return None if no_wait else _await_armed(ctx, serial, _number(area), limit, user)

    ctx.each(wanted, finish, lambda area, rows: _armed(area, rows, mode))


@app.verb("disarm", DISARM, AREAS)
def disarm_areas(
    ctx: Context,
    serial: SerialArgument,
    areas: AreasArgument,
) -> None:
    """Disarm areas; their alarms end.

    $ hpcli panel disarm Q10254783 2 --yes
    $ hpcli panel disarm Q10254783 all --yes
    """
    wanted = _read_areas(ctx, areas)
    user = device_user(ctx, serial)
    ctx.confirm(f"Disarm {_named(wanted)} of {parse_serial(serial)}?")
    ctx.each(
        wanted,
        lambda area: ctx.client.panel.disarm(serial, _number(area), user=user),
        lambda area, _: f"{_named([area]).capitalize()}: disarmed.",
    )


@app.verb("clear", CLEAR, AREAS)
def clear_alarms(
    ctx: Context,
    serial: SerialArgument,
    areas: AreasArgument,
) -> None:
    """End the alarms of areas; they stay armed.

    $ hpcli panel clear Q10254783 2 --yes
    """
    wanted = _read_areas(ctx, areas)
    user = device_user(ctx, serial)
    ctx.confirm(f"Clear the alarms in {_named(wanted)} of {parse_serial(serial)}?")
    ctx.each(
        wanted,
        lambda area: ctx.client.panel.clear(serial, _number(area), user=user),
        lambda area, _: f"{_named([area]).capitalize()}: alarm cleared.",
    )


@app.verb("bypass", BYPASS, ZONES, SEARCH_ZONES)
def bypass_zones(
    ctx: Context,
    serial: SerialArgument,
    zones: ZonesArgument,
) -> None:
    """Bypass zones: they guard nothing until `unbypass`.

    $ hpcli panel bypass Q10254783 1 3 --yes
    """
    wanted = read_numbers(ctx, zones, "zone")
    user = device_user(ctx, serial)
    ctx.confirm(f"Bypass {listed(wanted, 'zone')} of {parse_serial(serial)}?")
    change_together(
        ctx,
        wanted,
        lambda zones: ctx.client.panel.bypass(serial, zones, user=user),
        lambda zone, _: f"Zone {zone}: bypassed.",
    )


@app.verb("unbypass", UNBYPASS, ZONES, SEARCH_ZONES)
def unbypass_zones(
    ctx: Context,
    serial: SerialArgument,
    zones: ZonesArgument,
) -> None:
    """End the bypass of zones.

    $ hpcli panel unbypass Q10254783 1 3
    """
    wanted = read_numbers(ctx, zones, "zone")
    user = device_user(ctx, serial)
    change_together(
        ctx,
        wanted,
        lambda zones: ctx.client.panel.unbypass(serial, zones, user=user),
        lambda zone, _: f"Zone {zone}: no longer bypassed.",
    )


@app.verb("relays", RELAYS)
def list_relays(
    ctx: Context,
    serial: SerialArgument,
    everything: Everything = False,
) -> None:
    """List the relays of a panel and whether they are on.

    `panel relay --set open` turns one on, `--set close` off.

    $ hpcli panel relays Q10254783
    """
    user = device_user(ctx, serial)
    ctx.show(ctx.client.panel.relays(serial, everything=everything, user=user), panel_views.RELAYS)


@app.verb("relay", SWITCH_RELAYS, RELAYS)
def switch_relays(
    ctx: Context,
    serial: SerialArgument,
    relays: Annotated[list[str], several("Relays from 1", "N")],
    switch: Annotated[
        str,
        typer.Option(
            "--set",
            help="open (or on) turns the relay on, close (or off) turns it off.",
            metavar="open|close",
            autocompletion=lambda: list(SWITCHES),
        ),
    ],
) -> None:
    """Switch relays.

    $ hpcli panel relay Q10254783 1 --set open --yes
    """
    wanted = read_numbers(ctx, relays, "relay")
    user = device_user(ctx, serial)
    switch = choose(_SWITCH_WORDS.get(switch.lower(), switch), tuple(SWITCHES), "--set")
    state = f"{SWITCHES[switch]} ({switch})"
    ctx.confirm(f"Switch {listed(wanted, 'relay')} of {parse_serial(serial)} {state}?")
    change_together(
        ctx,
        wanted,
        lambda relays: ctx.client.panel.switch_relays(serial, relays, switch, user=user),
        lambda relay, _: f"Relay {relay}: {state}.",
    )


def _read_areas(ctx: Context, areas: Sequence[str]) -> list[str]:
    """Return area numbers as text, or `all` alone."""
    wanted = [text.lower() for text in ctx.inputs.read_list(areas, "area")]
    if "all" in wanted and len(wanted) > 1:
        raise UsageError("all and single areas exclude each other.")
    for text in wanted:
        if text != "all":
            read_number(text, "area")
    return wanted


def _number(area: str) -> int:
    return ALL_AREAS if area == "all" else int(area)


def _named(areas: Sequence[str]) -> str:
    return "all areas" if list(areas) == ["all"] else listed(areas, "area")


def _start_arming(
    ctx: Context, serial: str, area: str, mode: str, user: DeviceUser
) -> HpcliError | DryRun | None:
    try:
        ctx.client.panel.arm(serial, _number(area), mode, user=user)
    except (HpcliError, DryRun) as problem:
        return problem
    return None


def _await_armed(
    ctx: Context, serial: str, area: int, limit: float, user: DeviceUser
) -> list[dict[str, Any]]:
    with watching(ctx, "Arming") as watch:

        def tell(state: dict[str, Any]) -> None:
            rows = state["areas"]
            waiting = [str(row.get("name") or row.get("id")) for row in rows if row.get("arming") == "arming"]
            done = sum(is_armed_or_arming(row) for row in rows) - len(waiting)
            watch.tell(done, len(rows), ", ".join(waiting))

        return ctx.client.panel.await_armed(serial, area, limit=limit, user=user, progress=tell)


def _armed(area: str, rows: list[dict[str, Any]] | None, mode: str) -> str:
    if rows is None:
        return f"{_named([area]).capitalize()}: arming {mode} has started."
    states = [
        f"{row.get('name') or 'area ' + str(row.get('id'))} is armed {row.get('arming')}" for row in rows
    ]
    return f"{_named([area]).capitalize()}: {', '.join(states)}."
