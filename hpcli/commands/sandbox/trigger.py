"""`hpcli sandbox trigger`: put events on the alarm queue."""

from typing import Annotated

import typer

from hpcli.commands.sandbox.options import StateFile
from hpcli.errors import PlatformError
from hpcli.plurals import quantity
from hpcli.run.context import Context


def trigger(
    ctx: Context,
    kind: Annotated[
        str, typer.Argument(help="Event type, such as burglary or device-offline.", metavar="TYPE")
    ],
    device: Annotated[str | None, typer.Option(help="Device that sends the event.", metavar="SERIAL")] = None,
    picture: Annotated[
        str, typer.Option(help="Kind of picture: none, plain, platform, device or several.", metavar="KIND")
    ] = "none",
    count: Annotated[int, typer.Option(help="Number of events.", min=1, max=1_000_000, metavar="N")] = 1,
    state: StateFile = None,
) -> None:
    """Put events on the sandbox's alarm queue.

    Types are burglary, burglary-restored, arm, disarm, stay-arm, door, call, motion,
    intrusion, line-crossing, region-entrance, region-exiting, tampering, video-loss,
    recording-exception, alarm-input, linkage, snapshot, voice-talk, disk-error, disk-full,
    disk-recovered, device-online, device-offline, device-added, device-deleted.

    The guide's names work too: cidEvent, Linkage, deviceadded, devicedeleted,
    deviceonline, deviceoffline, ACSEvent, AccessControllerEvent, YsCallingEvent, manualRep,
    voiceTalkEvent, diskerror, diskfull, diskrecover, VMD, IO, shelteralarm, videoloss,
    recordException, fielddetection, linedetection, regionEntrance, regionExiting; and
    cidRestore, cidOpen, cidClose, cidStay for the other CID events.

    Pictures are none, plain, encrypted by the platform, encrypted by the device with
    its key, or several: three in one file. If nobody is subscribed to the device,
    nothing is queued: exit code 1.

    $ hpcli sandbox trigger burglary --picture device
    $ hpcli sandbox trigger linedetection --count 100
    """
    from hpcli.sandbox import control

    if ctx.plans_only(f"Would queue {count} of '{kind}'."):
        return
    file = state or ctx.run.session.sandbox_file
    queued = control.trigger(file, kind, device=device, picture=picture, count=count)
    if not queued:
        raise _no_subscriber(device if control.is_subscribed(file) else None)
    ctx.info(f"{quantity(len(queued), 'message')} queued.")


def _no_subscriber(device: str | None) -> PlatformError:
    whom = f"device {device}" if device else "alarms of this account"
    return PlatformError(
        f"Nobody is subscribed to {whom}, so nothing was queued.",
        hint=f"Subscribe first: hpcli --profile sandbox alarms subscribe {device or '--all'}",
    )
