"""Read the file of a command (`--from`) and report the outcome of each line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.attempts import Attempt
    from hpcli.run.tables import Row

Item = TypeVar("Item")


def read_rows(
    ctx: Context,
    file: str,
    columns: Sequence[str],
    needed: Sequence[str],
    read: Callable[[Row], Item],
    *,
    is_unique: bool = True,
    check: Callable[[Collection[str]], object] | None = None,
) -> list[Item]:
    """Return the items of a CSV file or a workbook; a notice names columns that are ignored.

    Args:
        ctx: the command's context.
        file: its path, or `-` for stdin.
        columns: names of all columns.
        needed: columns that the file and every row must have; the first one identifies a row.
        read: turns a row into an item.
        is_unique: no two rows are about the same thing.
        check: takes the columns that the file has before its rows are looked at, and may refuse them.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """
    from hpcli.run.tables import LineFaults, read_sheet

    source = file if file in ("-", "@-") or file.startswith("@") else f"@{file}"
    table = ctx.inputs.read_table(source, "file")
    faults = LineFaults()
    sheet = read_sheet(table, columns, needed=needed, unique=needed[0] if is_unique else None, faults=faults)
    if check is not None:
        check(sheet.columns)
    for sentence in sheet.ignored:
        ctx.info(sentence)
    items: list[Item] = []
    for row in sheet.rows:
        with faults.at(row.line):
            items.append(read(row))
    faults.raise_any(ctx.warn)
    return items


def attempt_lines(
    ctx: Context,
    lines: Mapping[str, int | None],
    change: Callable[[str], Mapping[str, Any]],
    new_id: Callable[[Any], str | None] | None = None,
    *,
    is_under_way: Callable[[str], bool] | None = None,
) -> Iterator[Attempt]:
    """Yield the outcome of each target, in order, with its line.

    Args:
        ctx: the command's context.
        lines: target to its line in the file; None for a target from elsewhere.
        change: makes the change; returns {outcome, …}.
        new_id: data to the identifier of the new object.
        is_under_way: whether the call of a target is sent already; it is not left out after Ctrl-C.
    """
    from hpcli.run.attempts import attempt_each

    return attempt_each(
        lines,
        lambda target: {"line": lines[target], **change(target)},
        ctx.run.plans,
        new_id,
        lambda target: {"line": lines[target], "outcome": "failed"},
        job=ctx.run.job,
        is_under_way=is_under_way,
    )
