"""Show row by row what an import (`--from FILE`) would do: `--dry-run`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from hpcli.run.context import Context

Sign = Literal["+", "~", "=", "!"]
_MEANINGS: Final[dict[Sign, str]] = {"+": "new", "~": "to change", "=": "as it is", "!": "not possible"}


class PlannedRow(NamedTuple):
    """What would become of a row.

    Attributes:
        sign: + new, ~ changed, = as it is, ! not possible.
        label: names the row, such as `line 2: K77120045`.
        words: where to, old → new, or why not.
    """

    sign: Sign
    label: str
    words: str


def show_plan(ctx: Context, rows: Sequence[PlannedRow]) -> None:
    """Write a line for each row, and how many there are of each kind; the planned calls follow on stdout.

    With json an empty plan is an empty array; call this after the calls are planned.
    """
    for row in rows:
        ctx.info(f"{row.sign} {row.label}: {row.words}")
    counts = Counter(row.sign for row in rows)
    found = (f"{counts[sign]} {meaning} ({sign})" for sign, meaning in _MEANINGS.items() if counts[sign])
    ctx.info(f"Plan: {', '.join(found)}.")
    if not ctx.run.plans and ctx.run.options.format == "json":
        ctx.run.printer.value([])
