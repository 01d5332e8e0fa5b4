"""`hpcli site list`: the sites of your customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit, Search, complete_codes
from hpcli.commands.framework.site_table import SITES
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, Format, View
from hpcli.parse import naming
from hpcli.run.context import Context
from hpcli.run.device_counts import Counts, DeviceCounts

if TYPE_CHECKING:
    from hpcli.api.rows.site import SiteRow

_COUNTS = (
    Column("DEVICES", "devices", kind="number"),
    Column("OFFLINE", "offlineDevices", kind="number", style=lambda value, _row: "red" if value else None),
)
_OR_UNKNOWN = tuple(
    column._replace(show=lambda value, _row: "?" if value is None else str(value)) for column in _COUNTS
)
"""What programs read: an empty cell would look like none."""
_AFTER = "CITY"
_NAMES = frozenset(name for column in _COUNTS for name in (column.title.lower(), column.key))


def _with_state(rows: Iterator[SiteRow], state: str | None) -> Iterator[SiteRow]:
    """Keep the sites in a handover state; the platform cannot filter by it."""
    if not state:
        return rows
    from hpcli.reference.codes import code_list

    with naming("--state"):
        wanted = code_list("siteDeliveryStatus").value_of(state)
    return (row for row in rows if row.get("siteDeliveryStatus") == wanted)


def _needs_counts(ctx: Context) -> bool:
    """Whether the user named the counts in --where, --sort, --count-by or --fields."""
    selection = ctx.run.selection
    names = {*ctx.run.options.fields, *selection.count_by}
    if selection.where or selection.sort:
        from hpcli.output.conditions import parse_condition
        from hpcli.output.row_filter import parse_sort

        names |= {parse_condition(text).name for text in selection.where}
        names |= {name for text in selection.sort for name, _ in parse_sort(text)}
    return not _NAMES.isdisjoint(name.lower() if name.lower() in _NAMES else name for name in names)


def _with_counts(
    rows: Iterable[SiteRow], counts: Mapping[str, Counts], otherwise: Counts | None
) -> Iterator[Mapping[str, Any]]:
    """Yield the sites with their counts.

    Args:
        rows: the sites.
        counts: site id to its counts.
        otherwise: the counts of a site that is not there; None where it may be new.
    """
    for row in rows:
        found = counts.get(str(row.get("id")), otherwise)
        yield {**row, "devices": found and found.devices, "offlineDevices": found and found.offline}


def _view(counts: tuple[Column, ...] = _COUNTS) -> View:
    """Return the view of sites with their devices after the city."""
    place = 1 + next(number for number, column in enumerate(SITES.columns) if column.title == _AFTER)
    columns = (*SITES.columns[:place], *counts, *SITES.columns[place:])
    fields = SITES.fields
    return SITES._replace(
        columns=columns,
        fields=lambda: (*(fields() if fields else ()), *(column.key for column in _COUNTS)),
    )


@calls(SEARCH, SEARCH_DEVICES)
@lists
def list_sites(
    ctx: Context,
    search: Search = None,
    state: Annotated[
        str | None,
        typer.Option(
            help="Handover state: not-handed-over, handing-over or handed-over.",
            metavar="STATE",
            autocompletion=complete_codes("siteDeliveryStatus"),
        ),
    ] = None,
    devices: Annotated[
        bool,
        typer.Option("--devices", help="Count the devices of each site, and those that are offline."),
    ] = False,
    limit: Limit = None,
) -> None:
    """List the sites.

    DEVICES and OFFLINE are filled with --devices, and where the devices were listed in the
    last five minutes and nothing was changed since. Otherwise they are left out on a
    terminal, and `?` elsewhere.

    $ hpcli site list
    $ hpcli site list --devices --where 'offline > 0'
    $ hpcli site list --search Bäckerei --state handed-over
    $ hpcli site list -o ids
    """
    rows = _with_state(ctx.client.site.list(search), state)
    kept = DeviceCounts(ctx.run.session)
    options = ctx.run.options
    has_columns = options.format not in (Format.JSON, Format.NDJSON, Format.IDS) and options.query is None
    if devices or _needs_counts(ctx):
        counts = kept.count(ctx.client.device.known())
        ctx.show(_with_counts(rows, counts, Counts()), _view(), limit=limit)
    elif has_columns and (fresh := kept.fresh()) is not None:
        view = _view(_OR_UNKNOWN if options.format in (Format.PLAIN, Format.CSV) else _COUNTS)
        ctx.show(_with_counts(rows, fresh, None), view, limit=limit)
    else:  # elsewhere than on a terminal the columns are always there, for programs that count them
        ctx.show(rows, SITES if options.is_terminal else _view(_OR_UNKNOWN), limit=limit)
