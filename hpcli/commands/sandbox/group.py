"""`hpcli sandbox`: the bundled stand-in platform."""

from pathlib import Path
from typing import Annotated

import typer

from hpcli.commands.framework.family import Family
from hpcli.errors import UsageError
from hpcli.run.context import Context

app = Family("sandbox", "The bundled stand-in platform.")

StateFile = Annotated[Path | None, typer.Option("--state", help="File that holds its state.", metavar="FILE")]


@app.verb("serve")
def serve(
    ctx: Context,
    port: Annotated[
        int, typer.Option(help="Port on loopback; 0 picks one.", min=0, max=65535, metavar="PORT")
    ] = 8321,
    state: StateFile = None,
    latency: Annotated[
        int | None, typer.Option(help="Delay of every answer.", min=0, max=60000, metavar="MS")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Calls a second before it refuses; 0 for any number.", min=0, metavar="N"),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Fault and its share of calls, as reset=0.05.", metavar="KIND=SHARE"),
    ] = None,
) -> None:
    """Serve the sandbox until it is stopped.

    The login host, key and secret go to stdout as export lines.

    Faults are refuse (no answer), reset and cut (half an answer), stall60, html502, limit429,
    retry429, badjson, drift (looser JSON), gone404, badclock and movedomain (when signing in);
    on the alarm queue silence20, empty, nulldata, dupbatch and disorder; or the error code
    LAP000000, LAP500001, LAP500004, LAP500007, LAP068001, LAP008128, EVZ10007 or EVZ20008.

    Faults, latency and rate hold until others are given, also for --profile sandbox; hpcli
    sandbox reset ends them.

    $ hpcli sandbox serve --port 8321
    $ hpcli sandbox serve --fault reset=0.05 --fault limit429=0.1
    """
    from hpcli.run.signals import until_stopped
    from hpcli.sandbox import control

    file = state or ctx.run.connection.sandbox_file
    faults = dict(_fault(text) for text in fault) if fault else None
    if latency is not None or rate is not None or faults is not None:
        control.configure(file, latency_ms=latency, rate=rate, faults=faults)
    with until_stopped() as stopped:
        sandbox = ctx.run.connection.serve_sandbox(file, port=port)
        ctx.show_text(
            f"export HPCLI_BASE_URL={sandbox.base_url}\n"
            f"export HPCLI_APP_KEY={sandbox.app_key}\n"
            f"export HPCLI_SECRET_KEY={sandbox.secret_key}"
        )
        told = (_label(file), "Ctrl-C ends it.")
        ctx.say(" ".join(("The sandbox serves.", *filter(None, told))))
        try:
            stopped.wait()
        finally:
            sandbox.close()


@app.verb("trigger")
def trigger(
    ctx: Context,
    kind: Annotated[
        str, typer.Argument(help="Event type, such as burglary or device-offline.", metavar="TYPE")
    ],
    device: Annotated[str | None, typer.Option(help="Device it comes from.", metavar="SERIAL")] = None,
    picture: Annotated[
        str, typer.Option(help="none, plain, platform, device or several.", metavar="KIND")
    ] = "none",
    count: Annotated[int, typer.Option(help="How many.", min=1, max=1_000_000, metavar="N")] = 1,
    state: StateFile = None,
) -> None:
    """Put events on the sandbox's queue.

    Types are burglary, burglary-restored, arm, disarm, stay-arm, door, call, motion,
    intrusion, line-crossing, region-entrance, region-exiting, tampering, video-loss,
    recording-exception, alarm-input, linkage, snapshot, voice-talk, disk-error, disk-full,
    disk-recovered, device-online, device-offline, device-added, device-deleted.

    The guide's own names will do too: cidEvent, Linkage, deviceadded, devicedeleted,
    deviceonline, deviceoffline, ACSEvent, AccessControllerEvent, YsCallingEvent, manualRep,
    voiceTalkEvent, diskerror, diskfull, diskrecover, VMD, IO, shelteralarm, videoloss,
    recordException, fielddetection, linedetection, regionEntrance, regionExiting; and
    cidRestore, cidOpen, cidClose, cidStay for the other CID events.

    A picture of kind several is one file with three pictures.

    $ hpcli sandbox trigger burglary --picture device
    $ hpcli sandbox trigger linedetection --count 100
    """
    from hpcli.sandbox import control

    if ctx.plans_only(f"Would queue {count} of '{kind}'."):
        return
    queued = control.trigger(
        state or ctx.run.connection.sandbox_file, kind, device=device, picture=picture, count=count
    )
    ctx.say(f"{len(queued)} message{'' if len(queued) == 1 else 's'} queued.")


@app.verb("reset")
def reset(
    ctx: Context,
    sites: Annotated[int | None, typer.Option(help="Make this many sites.", min=1, metavar="N")] = None,
    devices: Annotated[int | None, typer.Option(help="Make this many devices.", min=0, metavar="M")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="No sites, no devices.")] = False,
    state: StateFile = None,
) -> None:
    """Start the sandbox over.

    $ hpcli sandbox reset
    $ hpcli sandbox reset --sites 50 --devices 2000
    """
    from hpcli.sandbox import control

    if empty and (sites is not None or devices is not None):
        raise UsageError("--empty and --sites or --devices exclude each other.")
    if ctx.plans_only("Would start the sandbox over."):
        return
    file = state or ctx.run.connection.sandbox_file
    control.reset(file, sites=sites, devices=devices, empty=empty)
    ctx.say("The sandbox starts over." if empty else f"The sandbox starts over. {_label(file)}")


def _label(file: Path) -> str:
    """Tell the verification code of a device that can be added; nothing once it was."""
    from hpcli.sandbox import NEW_DEVICE, control, verification_code

    if not control.can_be_added(file, NEW_DEVICE):
        return ""
    return f"Camera {NEW_DEVICE} can be added; its verification code is {verification_code(NEW_DEVICE)}."


def _fault(text: str) -> tuple[str, float]:
    kind, equals, share = text.partition("=")
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if not equals or not 0 <= value <= 1:
        raise UsageError(
            f"--fault '{text}' is not KIND=SHARE.", hint="Write reset=0.05 for five in a hundred."
        )
    return kind.strip(), value
