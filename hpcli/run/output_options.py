"""The output options of a run: what the user asked for, checked, and what stdout is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.errors import UsageError
from hpcli.output import Format, Options
from hpcli.run.selection import excel_separator
from hpcli.run.settings import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hpcli.run.selection import Selection
    from hpcli.run.settings import Settings


def choose_options(
    settings: Settings,
    selection: Selection,
    environment: Mapping[str, str],
    *,
    color: bool,
    width: int | None,
    is_terminal: bool,
) -> Options:
    """Return the output options of a run.

    Args:
        settings: of the run.
        selection: what was asked of a list.
        environment: environment variables.
        color: use colour.
        width: of the terminal; None for no limit.
        is_terminal: stdout is a terminal.

    Raises:
        UsageError: options contradict each other, or the format.
    """
    fields = tuple(name.strip() for name in (settings.get("fields") or "").split(",") if name.strip())
    query = settings.get("query")
    if fields and query is not None:
        raise UsageError(
            "--fields and --query cannot be used together.", hint="Select the fields in the query."
        )
    chosen = _choose_format(settings, has_fields=bool(fields), is_terminal=is_terminal)
    if chosen is Format.XLSX and is_terminal:
        raise UsageError("A workbook is not for a terminal.", hint="Write it to a file: -o xlsx > list.xlsx")
    if selection.excel is not None and chosen is not Format.CSV:
        raise UsageError("--excel is for -o csv.", hint="For a workbook use -o xlsx > list.xlsx.")
    return Options(
        excel=selection.excel and excel_separator(selection.excel, environment),
        format=chosen,
        fields=fields,
        query=query,
        header=not settings.get("no-header"),
        utc=settings.get("utc"),
        color=color,
        width=width,
        is_terminal=is_terminal,
    )


def _choose_format(settings: Settings, *, has_fields: bool, is_terminal: bool) -> Format:
    has_query = settings.get("query") is not None
    # The file's own format is not meant for the result of a query.
    given = settings.flags.get("output") if has_query else settings.get("output")
    if given == METRICS:
        if has_fields or has_query:
            raise UsageError("--fields and --query are not for -o prometheus.")
        return Format.PLAIN  # metrics are text without rows
    if given is None:
        return Format.JSON if has_query else Format.TABLE if is_terminal else Format.PLAIN
    return Format(given)
