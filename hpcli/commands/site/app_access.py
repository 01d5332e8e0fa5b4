"""`hpcli site app-access`: allow end users to operate devices in the app, or not."""

from typing import Annotated

import typer

from hpcli.api.operations.site import APP_ACCESS, SEARCH
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context
from hpcli.run.settings import choose


@calls(APP_ACCESS, SEARCH)
@many("site", question="Switch end users' app access to {targets} {switch}?")
def set_app_access(
    ctx: Context,
    site: SiteArgument,
    switch: Annotated[
        str, typer.Argument(help="on or off.", metavar="on|off", autocompletion=lambda: ["on", "off"])
    ],
) -> None:
    """Allow or forbid end users to operate devices in the app.

    The site must be handed over. The setting applies to all its devices.

    $ hpcli site app-access "Bäckerei Grünwald" off
    """
    word = choose(switch, ("on", "off"), "The app access")
    row = ctx.lookups.site_named(site)
    name, site_id = site_label(row), needed(row, "id")
    ctx.confirm(f"Switch end users' app access to '{name}' {word}?")
    is_on = row.get("cloudEnable")
    if is_on is not None:
        ctx.run.changes.note_before(APP_ACCESS, site_id, {"cloudEnable": is_on})
    was = "" if is_on is None else f"{'on' if is_on else 'off'} → "
    ctx.change(
        site_id,
        lambda: ctx.client.site.set_app_access(site_id, is_on=word == "on"),
        f"App access to '{name}' is now {was}{word}.",
    )
