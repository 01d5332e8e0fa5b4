"""Options and arguments that mean the same everywhere, made once."""

from typing import Annotated

import typer

Search = Annotated[str | None, typer.Option("--search", help="Part of a name.", metavar="TEXT")]
Limit = Annotated[int | None, typer.Option("--limit", help="Rows at most.", min=1, metavar="N")]
SiteArgument = Annotated[str, typer.Argument(help="Site id or exact name.", metavar="SITE")]
SiteOption = Annotated[str | None, typer.Option("--site", help="Site id or exact name.", metavar="SITE")]
DeviceArgument = Annotated[str, typer.Argument(help="Device serial or id.", metavar="DEVICE")]
SerialArgument = Annotated[str, typer.Argument(help="Device serial.", metavar="SERIAL")]
SerialsArgument = Annotated[
    list[str],
    typer.Argument(help="Device serials; - reads them from stdin, @FILE from a file.", metavar="SERIAL..."),
]
AsUser = Annotated[
    str | None, typer.Option("--as", help="Speak to the device as this user of it.", metavar="USER")
]
AsPassword = Annotated[
    bool, typer.Option("--as-password-stdin", help="Read that user's password from stdin.")
]
UserLevel = Annotated[str | None, typer.Option("--user-level", help="installer or admin.", metavar="LEVEL")]
