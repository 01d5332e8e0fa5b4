"""Options and arguments that mean the same everywhere, made once."""

from collections.abc import Callable
from typing import Annotated, Any

import typer


def complete_codes(codes: str) -> Callable[[str], list[str]]:
    """Return a completion of the names of a code list in `reference`; behind a comma too."""

    def complete(incomplete: str) -> list[str]:
        from hpcli.reference import code_list

        head, comma, tail = incomplete.rpartition(",")
        return [head + comma + name for name in code_list(codes).names if name.startswith(tail)]

    return complete


def several(what: str, metavar: str) -> Any:
    """Return a positional list; `ctx.inputs.read_list` reads it."""
    return typer.Argument(
        help=f"{what}; - reads them from stdin, @FILE from a file.", metavar=f"{metavar}..."
    )


Search = Annotated[str | None, typer.Option("--search", help="Part of a name.", metavar="TEXT")]
Limit = Annotated[int | None, typer.Option("--limit", help="Rows at most.", min=1, metavar="N")]
SiteArgument = Annotated[str, typer.Argument(help="Site id or exact name.", metavar="SITE")]
SitesArgument = Annotated[list[str], several("Site ids or exact names", "SITE")]
SITE_OPTION: Any = typer.Option("--site", help="Site id or exact name.", metavar="SITE")
SiteOption = Annotated[str | None, SITE_OPTION]
Since = Annotated[str, typer.Option("--since", help="Time, date, or a duration ago.", metavar="TIME")]
Until = Annotated[str, typer.Option("--until", help="Time, date, or a duration ago.", metavar="TIME")]
DeviceArgument = Annotated[str, typer.Argument(help="Device serial or id.", metavar="DEVICE")]
SerialArgument = Annotated[str, typer.Argument(help="Device serial.", metavar="SERIAL")]
SERIALS: Any = several("Device serials", "SERIAL")
SerialsArgument = Annotated[list[str], SERIALS]
PersonsArgument = Annotated[list[str], several("Person ids, or employee numbers added from here", "PERSON")]
AccountArgument = Annotated[
    str, typer.Argument(help="The end user's e-mail address or phone number.", metavar="ACCOUNT")
]
AS_HELP = "Speak to the device as this user of it."
AS_STDIN_HELP = "Read that user's password from stdin."
AsUser = Annotated[str | None, typer.Option("--as", help=AS_HELP, metavar="USER")]
AsPassword = Annotated[bool, typer.Option("--as-password-stdin", help=AS_STDIN_HELP)]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is done.")]
WaitTimeout = Annotated[
    str | None,
    typer.Option("--wait-timeout", help="Wait no longer than this; 10m by default.", metavar="DURATION"),
]
ImportFile = Annotated[
    str | None, typer.Option("--from", help="CSV file with one a row; - for stdin.", metavar="FILE")
]
