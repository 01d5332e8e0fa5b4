"""Do what the rows of a file say (`--from`), or show the plan; a second run does only what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpcli.commands.framework.import_item import OUTCOMES, SIGNS, THERE, ImportItem, impossible, there
from hpcli.commands.framework.import_plan import PlannedRow, Sign, count_signs, show_plan
from hpcli.commands.framework.import_report import reported
from hpcli.commands.framework.import_rows import attempt_lines
from hpcli.commands.framework.long_work import announce
from hpcli.errors import HpcliError, SomeFailedError, UsageError
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.attempts import Attempt

__all__ = ["ImportItem", "impossible", "run_import", "there"]


def run_import(
    ctx: Context,
    items: Sequence[ImportItem],
    *,
    wrong: Sequence[ImportItem] = (),
    report: str | None = None,
    question: str = "",
    new_id: Callable[[Any], str | None] | None = None,
    calls: int = 1,
) -> None:
    """Do what the items ask for; with `--dry-run` show the plan, and the calls of what is missing.

    Args:
        ctx: the command's context.
        items: in the order of the file.
        wrong: the lines that are wrong; only a plan goes on beside them.
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
        end_plan(ctx, [item.planned for item in items], [item.error for item in items], wrong)
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
        made = item.change() if item.change is not None else item.data
        return {"outcome": item.outcome or OUTCOMES[item.sign], **(made or {})}

    attempts = attempt_lines(ctx, lines, change, new_id)
    report_rows(
        ctx,
        reported(ctx, attempts, report, lines),
        lambda target, data: _done_line(by_target[target], data),
        {target: item.label for target, item in by_target.items()},
    )


def report_rows(
    ctx: Context,
    attempts: Iterable[Attempt],
    done: Callable[[str, Any], str],
    labels: Mapping[str, str],
) -> None:
    """Report each row as it completes, then how many there were of each kind.

    Args:
        ctx: the command's context.
        attempts: of the rows.
        done: target and data to the line that reports success.
        labels: of the rows.

    Raises:
        SomeFailedError: some failed; if all failed alike, their own error.
    """
    is_one = len(labels) == 1  # its error is that of the run

    def told() -> Iterator[Attempt]:
        signs: list[Sign] = []
        for outcome, error in attempts:
            signs.append("!" if error is not None else SIGNS[str(outcome.data["outcome"])])
            if error is not None and not is_one:
                label = f"! {labels[outcome.target]}"
                ctx.run.messages.failed(label, outcome.target, error, has_hint=True)
            yield outcome, error
        if signs:
            ctx.info(f"Done: {count_signs(signs, is_done=True)}.")

    ctx.report(told(), done, is_one=True)


def _done_line(item: ImportItem, data: Mapping[str, Any]) -> str:
    if item.done is not None:
        return outcome_line(data, item.label, item.done(data))
    return outcome_line(data, item.label, "" if item.sign == "+" else item.words)


def outcome_line(data: Mapping[str, Any], label: str, words: str = "") -> str:
    """Return what is said of a row that succeeded, much as the plan does.

    Args:
        data: of the outcome.
        label: of the row.
        words: by default what became of it.
    """
    outcome = str(data["outcome"])
    words = words or outcome
    verb = " is" if words.startswith(THERE) else " was" if words.startswith("added") else ":"
    return f"{SIGNS[outcome]} {label}{verb} {words}."


def end_plan(
    ctx: Context,
    rows: Iterable[PlannedRow],
    errors: Sequence[HpcliError | None],
    wrong: Sequence[ImportItem],
) -> None:
    """Show a plan, and end as the import itself would where rows cannot be done.

    Args:
        ctx: the command's context.
        rows: of the plan, in the order of the file.
        errors: of each item why it is not possible, None where it is.
        wrong: the lines that are wrong.

    Raises:
        UsageError: lines of the file are wrong, so that nothing would be sent.
        SomeFailedError: some rows cannot be done; if none can, for the same reason, their own error.
    """
    show_plan(ctx, _in_order(rows, wrong))
    if wrong:
        raise UsageError(
            f"{quantity(len(wrong), 'line')} of the file {'is' if len(wrong) == 1 else 'are'} wrong.",
            hint="Without --dry-run nothing is sent until the file is right.",
        )
    failed = [error for error in errors if error is not None]
    if not failed:
        return
    if len(failed) == len(errors) and len({(error.exit_code, error.code) for error in failed}) == 1:
        raise failed[0]
    raise SomeFailedError(f"{len(failed)} of {quantity(len(errors), 'row')} cannot be done.")


def _in_order(rows: Iterable[PlannedRow], wrong: Sequence[ImportItem]) -> list[PlannedRow]:
    """Return the rows of a plan with the wrong lines among them, where the file has them."""
    waiting = [(item.line, item.planned) for item in wrong]
    merged: list[PlannedRow] = []
    for row in rows:
        while waiting and waiting[0][0] < _line_of(row):
            merged.append(waiting.pop(0)[1])
        merged.append(row)
    return merged + [row for _, row in waiting]


def _line_of(row: PlannedRow) -> int:
    number = row.label.removeprefix("line ").partition(":")[0]
    return int(number) if number.isdecimal() else 0
