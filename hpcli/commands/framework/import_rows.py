"""Read the file of a command (`--from`) and report the outcome of each line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from hpcli.commands.framework.import_item import ImportItem, Lines, impossible
from hpcli.commands.framework.import_report import report_wrong
from hpcli.errors import UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.attempts import Attempt
    from hpcli.run.tables import LineFaults, Row

Item = TypeVar("Item")


class OfSite(Protocol):
    """A line about a site, by its id or its name."""

    @property
    def line(self) -> int:
        """Its number in the file."""

    @property
    def site(self) -> str:
        """The site as the file has it."""


SiteItem = TypeVar("SiteItem", bound=OfSite)


def read_rows(
    ctx: Context,
    file: str,
    columns: Sequence[str],
    needed: Sequence[str],
    read: Callable[[Row], Item],
    *,
    is_unique: bool = True,
    check: Callable[[Collection[str]], object] | None = None,
    report: str | None = None,
    instead: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
) -> Lines[Item]:
    """Return the items of a CSV file or a workbook; notices say what is ignored, skipped or odd.

    Args:
        ctx: the command's context.
        file: its path, or `-` for stdin.
        columns: names of all columns.
        needed: columns that the file and every row must have; the first one identifies a row.
        read: turns a row into an item; notes all that is wrong with it in the row.
        is_unique: no two rows are about the same thing.
        check: takes the columns that the file has before its rows are looked at, and may refuse them.
        report: file for the outcome of each row, also where lines are wrong.
        instead: a column to the one that stands for it in a file without it.
        options: a column to the option, which is not given, that would fill it in; it is needed too.

    Raises:
        UsageError: it is not such a file; or lines are wrong, each named by a warning, unless this is a dry run.
    """
    from hpcli.run.tables import LineFaults, read_sheet

    source = file if file in ("-", "@-") or file.startswith("@") else f"@{file}"
    table = ctx.inputs.read_table(source, "file")
    faults, items, right = LineFaults(), list[Item](), dict[str, int]()

    def also(row: Row) -> None:
        item = read(row)
        if not row.faults:
            items.append(item)
            right[row.cells[needed[0]]] = row.line

    sheet = read_sheet(
        table,
        columns,
        needed=needed,
        unique=needed[0] if is_unique else None,
        faults=faults,
        instead=instead,
        options=options,
        also=also,
        check=check,
    )
    for sentence in sheet.notes:
        ctx.info(sentence)
    return Lines(items, refuse_wrong(ctx, faults, right, report))


def refuse_wrong(
    ctx: Context, faults: LineFaults, right: Mapping[str, int], report: str | None
) -> list[ImportItem]:
    """Refuse a file with wrong lines; with `--dry-run` return these for the plan.

    Args:
        ctx: the command's context.
        faults: what is wrong.
        right: target to line of the other rows.
        report: file for the outcome of each row.

    Raises:
        UsageError: lines are wrong, each named by a warning, unless this is a dry run.
    """
    wrong = [impossible(line, target, error) for line, target, error in faults.all]
    if wrong and not ctx.settings.get("dry-run"):
        report_wrong(ctx, report, faults.all, right)
        faults.raise_any(ctx.warn)
    return wrong


def refuse_repeated_sites(ctx: Context, lines: Lines[SiteItem], report: str | None) -> Lines[SiteItem]:
    """Return the lines, whose sites were looked up; those are wrong whose site an earlier one has by another name.

    Args:
        ctx: the command's context.
        lines: of the file.
        report: file for the outcome of each row.

    Raises:
        UsageError: there are such lines, each named by a warning, unless this is a dry run.
    """
    from hpcli.run.tables import LineFaults

    faults, right, first = LineFaults(), list[SiteItem](), dict[str, SiteItem]()
    for item in lines.items:
        identity = str(ctx.lookups.known_site(item.site).get("id") or "")
        before = first.setdefault(identity, item) if identity else item
        if before is item:
            right.append(item)
        else:
            error = UsageError(f"{item.site} is already in line {before.line}, as {before.site}.")
            faults.add(item.line, [error], item.site)
    if faults.is_empty:
        return lines
    others = {item.site: item.line for item in right}
    wrong = [*lines.wrong, *refuse_wrong(ctx, faults, others, report)]
    return Lines(right, sorted(wrong, key=lambda item: item.line))


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

    ctx.run.job.is_import = any(line is not None for line in lines.values())
    return attempt_each(
        lines,
        lambda target: {"line": lines[target], **change(target)},
        ctx.run.plans,
        new_id,
        lambda target: {"line": lines[target], "outcome": "failed"},
        job=ctx.run.job,
        is_under_way=is_under_way,
    )
