"""`hpcli fleet export`: the account as a file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hpcli.api.operations.arc import SEARCH as SEARCH_ARC
from hpcli.api.operations.customer import DETAIL, LIST
from hpcli.api.operations.device.devices import CHANNELS
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.health import REPORT
from hpcli.api.operations.site import MANAGERS, SEARCH
from hpcli.commands.framework.verb import calls
from hpcli.fleet.document import Document
from hpcli.fleet.files import ARCHIVE, JSON, encode, kind_of
from hpcli.local.files import check_place, write_whole
from hpcli.output import Column, View
from hpcli.plurals import quantity
from hpcli.run.context import Context

FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Read everything again, also what an unfinished reading has.")
]
_FIELDS = ("file", "made", "complete", "sites", "devices", "managers", "customers", "unread")
WRITTEN = View(
    noun="file",
    id="file",
    columns=(
        Column("FILE", "file", wide=True, wraps=True),
        Column("SITES", "sites"),
        Column("DEVICES", "devices"),
        Column("COMPLETE", "complete"),
    ),
    fields=lambda: _FIELDS,
)


@calls(SEARCH, SEARCH_DEVICES, SEARCH_ARC, MANAGERS, LIST, DETAIL, REPORT, CHANNELS)
def export_fleet(
    ctx: Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="The file: .yaml, .json, .xlsx (for people), .zip (with channels), or - for JSON on stdout.",
            metavar="FILE",
        ),
    ],
    fresh: FreshOption = False,
) -> None:
    """Write the account to a file.

    The file has sites, devices with firmware and state, managers, end users with their
    permissions, sharing, and what reports to a receiving centre. What the platform does
    not tell about a receiving centre (account number, events) is what this computer set
    last. Passwords, codes and keys are never in it.

    An interrupted export goes on where it was if it is repeated within 24 hours. What
    cannot be read is named in the file, and the exit code is 9. `fleet diff` compares two
    files; `fleet apply` makes an account as a file says.

    $ hpcli fleet export fleet.yaml
    $ hpcli fleet export fleet.zip --fresh
    """
    from hpcli.commands.fleet.account import raise_incomplete, read_document

    is_stdout = str(file) == "-"
    kind = JSON if is_stdout else kind_of(file)
    if not is_stdout:
        check_place(file)
    if ctx.plans_only(f"Would write the account to {file}."):
        return
    encode({"sites": []}, kind)  # a missing library is said before anything is read
    document = read_document(ctx, channels=kind == ARCHIVE, fresh=fresh)
    content = encode(document, kind)
    if is_stdout:
        ctx.show_text(content.decode())
    else:
        write_whole(file, content)
        ctx.info(f"Wrote {summary(document)} to {file}.")
        show_written(ctx, file, document)
    raise_incomplete(document)


def summary(document: Document) -> str:
    """Return how much a document has, in words."""
    counts = counts_of(document)
    return f"{quantity(counts['sites'], 'site')} and {quantity(counts['devices'], 'device')}"


def counts_of(document: Document) -> dict[str, int]:
    """Return how many sites, devices, managers and end users a document has."""
    sites = document["sites"]
    counts = {
        part: sum(len(site.get(part, ())) for site in sites) for part in ("devices", "managers", "customers")
    }
    counts["devices"] += len(document.get("withoutSite", ()))
    return {"sites": len(sites), **counts}


def show_written(ctx: Context, file: Path, document: Document) -> None:
    """Print what was written, in the formats that are data."""
    if ctx.run.printer.format not in ("json", "ndjson", "ids"):
        return
    row: dict[str, Any] = {"file": str(file), "made": document["made"], "complete": document["complete"]}
    ctx.show_one(row | counts_of(document) | {"unread": document.get("unread", [])}, WRITTEN)
