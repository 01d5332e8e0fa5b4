"""`hpcli package`: maintenance packages."""

from typing import Annotated

import typer

from hpcli.api.operations.package import ACTIVATE
from hpcli.client.package import package_use
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import SerialArgument, complete_codes
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_serial
from hpcli.run.context import Context


@calls(ACTIVATE)
@many("serial", question="Use {count} × {package} for each of {targets}?")
def activate_package(
    ctx: Context,
    serial: SerialArgument,
    package: Annotated[
        str | None,
        typer.Option(
            "--type",
            help="all-yearly, or ipc-yearly for cameras; required without a premium service.",
            metavar="TYPE",
            autocompletion=complete_codes("opspackType"),
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--count", help="Number of packages to use, 1 to 10; 1 by default.", metavar="N"),
    ] = None,
) -> None:
    """Activate packages for a device.

    The platform uses a premium service before a package.

    $ hpcli package activate Q10254783 --type all-yearly
    $ hpcli package activate F55120822 --type ipc-yearly --count 2
    """
    what = f"{count or 1} × {package}" if package else "the premium service"
    package_use(package, count)  # report errors before asking
    target = parse_serial(serial)
    ctx.confirm(f"Use {what} for {target}?")
    ctx.change(
        target,
        lambda: ctx.client.package.activate(target, type=package, count=count),
        f"Used {what} for {target}.",
    )


app = Family(
    {
        "activate": ("package:activate_package", "Activate packages for a device."),
    }
)
