"""`hpcli auth use`: make a profile the default."""

from typing import Annotated

import typer

from hpcli.run.context import Context


def use_profile(
    ctx: Context,
    name: Annotated[str, typer.Argument(help="Name of the profile, or sandbox.", metavar="NAME")],
) -> None:
    """Make a profile the default.

    $ hpcli auth use sandbox
    """
    if ctx.plans_only(f"Would make '{name}' the default profile."):
        return
    ctx.settings.profiles.set_default(name)
    ctx.info(f"The default profile is now '{name}'.")
