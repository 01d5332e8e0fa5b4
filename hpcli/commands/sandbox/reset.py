"""`hpcli sandbox reset`: start the stand-in over."""

from typing import Annotated

import typer

from hpcli.commands.sandbox.options import StateFile, spare_camera
from hpcli.errors import UsageError
from hpcli.run.context import Context


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
    file = state or ctx.run.session.sandbox_file
    control.reset(file, sites=sites, devices=devices, empty=empty)
    ctx.info("The sandbox starts over." if empty else f"The sandbox starts over. {spare_camera(file)}")
