"""Show row by row what an import (`--from FILE`) would do: `--dry-run`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from hpcli.plurals import quantity
from hpcli.run.context import Context

Sign = Literal["+", "~", "=", "!"]
_MEANINGS: Final[dict[Sign, str]] = {"+": "new", "~": "to change", "=": "unchanged", "!": "not possible"}
_OUTCOMES: Final[dict[Sign, str]] = {"+": "added", "~": "changed", "=": "unchanged", "!": "failed"}


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

    On a terminal the plan is printed, and the calls are only counted. With json an empty plan is an empty array; call
    this after the calls are planned.
    """
    summary = f"Plan: {count_signs([row.sign for row in rows])}."
    lines = [f"{row.sign} {row.label}: {row.words}" for row in rows]
    if prints_plan(ctx):
        print_plan(ctx, [*lines, summary])
        return
    for line in (*lines, summary):
        ctx.info(line)
    if not ctx.run.plans and ctx.run.options.format == "json":
        ctx.run.printer.value([])


def prints_plan(ctx: Context) -> bool:
    """Whether `--dry-run` prints the plan in words: to a person on a terminal, who did not ask for more."""
    options, settings = ctx.run.options, ctx.settings
    is_table = options.is_terminal and options.format == "table"
    return bool(settings.get("dry-run")) and is_table and not settings.get("verbose")


def print_plan(ctx: Context, lines: Sequence[str]) -> None:
    """Print a plan in words in place of the planned calls, which would push it out of sight."""
    run = ctx.run
    ctx.show_text("\n".join(lines))
    if run.plans:
        ctx.info(f"{quantity(len(run.plans), 'request')} planned, nothing sent; -v or -o json prints them.")
        run.plans.clear()


def count_signs(signs: Sequence[Sign], *, is_done: bool = False) -> str:
    """Return how many rows there are of each kind: `2 new (+), 1 unchanged (=)`, or what became of them."""
    counts, meanings = Counter(signs), _OUTCOMES if is_done else _MEANINGS
    return ", ".join(f"{counts[sign]} {meanings[sign]} ({sign})" for sign in meanings if counts[sign])
