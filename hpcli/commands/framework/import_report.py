"""`--report FILE`: the outcome of each row of an import, as CSV."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcli.errors import LocalError, UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hpcli.run.attempts import Attempt
    from hpcli.run.tables import LineFault

_COLUMNS = ("line", "target", "outcome", "id", "code", "error")


def check_report(file: str | None, source: str | None) -> None:
    """Refuse a report that could not be written, before anything is sent.

    Args:
        file: `--report`.
        source: `--from`.

    Raises:
        UsageError: there is no file whose rows could be reported.
        LocalError: the folder does not exist.
    """
    if file is None:
        return
    if source is None:
        raise UsageError("--report goes with --from.")
    if not Path(file).expanduser().absolute().parent.is_dir():
        raise LocalError(f"There is no folder {Path(file).parent} for the report.")


def reported(
    ctx: Context, attempts: Iterable[Attempt], file: str | None, lines: Mapping[str, int | None]
) -> Iterator[Attempt]:
    """Yield the attempts; at their end, also after Ctrl-C, write what became of each row.

    Args:
        ctx: the command's context.
        attempts: of the rows.
        file: where to; None for no report.
        lines: target to its line; those without an attempt are `left`, or `earlier` where the run resumes another.
    """
    made: dict[str, Attempt] = {}
    selected = set(ctx.run.job.select(lines))
    try:
        for attempt in attempts:
            made[attempt[0].target] = attempt
            yield attempt
    finally:
        if file is not None and not ctx.settings.get("dry-run"):
            ctx.keep("The report", lambda: _write(file, made, lines, selected))


def report_wrong(
    ctx: Context, file: str | None, faults: Sequence[LineFault], right: Mapping[str, int]
) -> None:
    """Write the report of a file with wrong lines: these failed, all others are left, as nothing is sent."""
    if file is None:
        return
    rows = [(line, _shown(target), "failed", "", "", error.message) for line, target, error in faults]
    rows += [(line, _shown(target), "left", "", "", "") for target, line in right.items()]
    ctx.keep("The report", lambda: _write_rows(file, sorted(rows)))


def _write(
    file: str, made: Mapping[str, Attempt], lines: Mapping[str, int | None], selected: Container[str]
) -> None:
    _write_rows(
        file,
        [
            _row(target, line, made.get(target), "left" if target in selected else "earlier")
            for target, line in lines.items()
        ],
    )


def _write_rows(file: str, rows: Iterable[Sequence[Any]]) -> None:
    import csv
    import io

    from hpcli.local.atomic_write import replace_file

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    replace_file(Path(file).expanduser().absolute(), text.getvalue().encode(), keeps_mode=True)


def _row(target: str, line: int | None, attempt: Attempt | None, otherwise: str) -> list[Any]:
    shown = _shown(target)
    if attempt is None:
        return [line, shown, otherwise, "", "", ""]
    outcome, error = attempt
    if error is not None:
        return [line, shown, "failed", "", error.code or "", error.message]
    data = outcome.data if isinstance(outcome.data, dict) else {}
    return [line, shown, data.get("outcome", "done"), outcome.new_id or "", "", ""]


def _shown(target: str) -> str:
    """Return a target as a spreadsheet takes it for text."""
    return f"'{target}" if target[:1] in ("=", "+", "-", "@") and not target[1:].isdecimal() else target
