"""Options and arguments that mean the same in every command."""

from collections.abc import Callable
from typing import Annotated, Any

import typer


def complete_codes(codes: str) -> Callable[[str], list[str]]:
    """Return a completion function for the names of a code list, also after a comma."""

    def complete(incomplete: str) -> list[str]:
        from hpcli.reference.codes import code_list

        head, comma, tail = incomplete.rpartition(",")
        return [head + comma + name for name in code_list(codes).names if name.startswith(tail)]

    return complete


def complete_categories(incomplete: str) -> list[str]:
    """Return the categories of devices that begin with a word."""
    from hpcli.reference.codes import shown_categories

    return [name for name in shown_categories().names if name.startswith(incomplete)]


def several(what: str, metavar: str) -> Any:
    """Return a positional list; `ctx.inputs.read_list` reads it."""
    return typer.Argument(
        help=f"{what}; - reads them from stdin, @FILE from a file.", metavar=f"{metavar}..."
    )


Search = Annotated[str | None, typer.Option("--search", help="Part of a name.", metavar="TEXT")]
Limit = Annotated[int | None, typer.Option("--limit", help="Maximum number of rows.", min=1, metavar="N")]
SITE: Any = typer.Argument(help="Site id or exact name.", metavar="SITE")
SiteArgument = Annotated[str, SITE]
SITES: Any = several("Site ids or exact names", "SITE")
SITE_OPTION: Any = typer.Option("--site", help="Site id or exact name.", metavar="SITE")
SiteOption = Annotated[str | None, SITE_OPTION]
Since = Annotated[str, typer.Option("--since", help="Time, date, or how long ago.", metavar="TIME")]
Until = Annotated[
    str, typer.Option("--until", help="Time, date (that whole day), or how long ago.", metavar="TIME")
]
DEVICE: Any = typer.Argument(help="Device serial or id.", metavar="DEVICE")
DeviceArgument = Annotated[str, DEVICE]
SERIAL: Any = typer.Argument(help="Device serial.", metavar="SERIAL")
SerialArgument = Annotated[str, SERIAL]
SERIALS: Any = several("Device serials", "SERIAL")
SerialsArgument = Annotated[list[str], SERIALS]
PersonsArgument = Annotated[
    list[str], several("Person ids, or employee numbers added on this computer", "PERSON")
]
ACCOUNT: Any = typer.Argument(help="The end user's e-mail address or phone number.", metavar="ACCOUNT")
AccountArgument = Annotated[str, ACCOUNT]
AS_HELP = "Act as this user of the device."
AS_STDIN_HELP = "Read that user's password from stdin."
AS_ALONE_HELP = "Send that user's name alone, which AX Pro panels accept."
AsUser = Annotated[str | None, typer.Option("--as", help=AS_HELP, metavar="USER")]
AsPassword = Annotated[bool, typer.Option("--as-password-stdin", help=AS_STDIN_HELP)]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until the work is done.")]
WaitTimeout = Annotated[
    str | None,
    typer.Option("--wait-timeout", help="Maximum time to wait; 10m by default.", metavar="DURATION"),
]
PickDevices = Annotated[
    list[str] | None,
    typer.Option(
        "--pick",
        help="All devices for which this holds in `device list`; may be repeated.",
        metavar="CONDITION",
    ),
]
PickSites = Annotated[
    list[str] | None,
    typer.Option(
        "--pick", help="All sites for which this holds in `site list`; may be repeated.", metavar="CONDITION"
    ),
]
ImportFile = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="CSV file or workbook with one item a row; - for stdin. Every wrong line is named (! with --dry-run),"
        " and nothing is sent until the file is right; a row that the account does not allow fails alone.",
        metavar="FILE",
    ),
]
ReportFile = Annotated[
    str | None,
    typer.Option(
        "--report", help="Write the outcome of each row of --from to this CSV file.", metavar="FILE"
    ),
]
