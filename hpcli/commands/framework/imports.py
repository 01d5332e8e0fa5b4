"""Do what the rows of a file say (`--from`), or show the plan; a second run does only what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpcli.commands.framework.import_plan import PlannedRow, Sign, show_plan
from hpcli.commands.framework.import_report import reported
from hpcli.commands.framework.import_rows import attempt_lines
from hpcli.commands.framework.long_work import announce
from hpcli.errors import HpcliError
from hpcli.plurals import quantity
from hpcli.run.context import Context

_OUTCOMES: dict[Sign, str] = {"+": "added", "~": "changed", "=": "as it is", "!": "failed"}


@dataclass(frozen=True, slots=True)
class ImportItem:
    """What one row, or several rows about one thing, ask for.

    Attributes:
        line: of the first row.
        target: identifies it.
        sign: + new, ~ to change, = as it is, ! not possible.
        words: what is new, or old → new.
        change: makes the change; returns what goes into the outcome's data.
        error: why it is not possible.
    """

    line: int
    target: str
    sign: Sign
    words: str = ""
    change: Callable[[], Mapping[str, Any] | None] | None = None
    error: HpcliError | None = None

    @property
    def label(self) -> str:
        """The row in messages."""
        return f"line {self.line}: {self.target}"


def impossible(line: int, target: str, error: HpcliError) -> ImportItem:
    """Return the item of a row that cannot be done."""
    return ImportItem(line, target, "!", f"{error} {error.hint or ''}".rstrip(), error=error)


def run_import(
    ctx: Context,
    items: Sequence[ImportItem],
    *,
    report: str | None = None,
    question: str = "",
    new_id: Callable[[Any], str | None] | None = None,
    calls: int = 1,
) -> None:
    """Do what the items ask for; with `--dry-run` show the plan, and the calls of what is missing.

    Args:
        ctx: the command's context.
        items: in the order of the file.
        report: file for the outcome of each row.
        question: asked once before the first change; `{}` stands for what is changed.
        new_id: data to the identifier of a new object.
        calls: that a change takes, for the time that is said beforehand.

    Raises:
        SomeFailedError: some failed; if all failed alike, their own error.
    """
    if ctx.settings.get("dry-run"):
        for item in items:
            if item.change is not None:
                ctx.send(item.change)
        show_plan(
            ctx, [PlannedRow(item.sign, item.label, item.words or _OUTCOMES[item.sign]) for item in items]
        )
        return
    wanted = [item for item in items if item.change is not None]
    if question and wanted:
        ctx.confirm(question.format(quantity(len(wanted), "row")))
    selected = set(ctx.run.job.select(item.target for item in wanted))
    announce(ctx, len(selected), "row", calls=calls * len(selected))
    by_target = {item.target: item for item in items}
    lines = {item.target: item.line for item in items}

    def change(target: str) -> dict[str, Any]:
        item = by_target[target]
        if item.error is not None:
            raise item.error
        made = item.change() if item.change is not None else None
        return {"outcome": _OUTCOMES[item.sign], **(made or {})}

    attempts = attempt_lines(ctx, lines, change, new_id)
    ctx.report(
        reported(ctx, attempts, report, lines),
        lambda target, _data: f"{by_target[target].sign} {by_target[target].label}{_of(by_target[target])}.",
        named=lambda outcome: by_target[outcome.target].label,
    )


def _of(item: ImportItem) -> str:
    return f": {item.words}" if item.words else ""
