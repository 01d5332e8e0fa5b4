"""`hpcli sandbox reset`: reset the sandbox to its initial state."""

from typing import Annotated

import typer

from hpcli.commands.sandbox.options import StateFile, spare_camera
from hpcli.errors import UsageError
from hpcli.run.context import Context


def reset(
    ctx: Context,
    sites: Annotated[int | None, typer.Option(help="Create this many sites.", min=1, metavar="N")] = None,
    devices: Annotated[int | None, typer.Option(help="Create this many devices.", min=0, metavar="M")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Create no sites and no devices.")] = False,
    state: StateFile = None,
) -> None:
    """Reset the sandbox to its initial state.

    $ hpcli sandbox reset
    $ hpcli sandbox reset --sites 50 --devices 2000
    """
    from hpcli.sandbox import control

    if empty and (sites is not None or devices is not None):
        raise UsageError("--empty cannot be used together with --sites or --devices.")
    if ctx.plans_only("Would reset the sandbox."):
        return
    file = state or ctx.run.session.sandbox_file
    control.reset(file, sites=sites, devices=devices, empty=empty)
    ctx.info("The sandbox was reset." if empty else f"The sandbox was reset. {spare_camera(file)}")
