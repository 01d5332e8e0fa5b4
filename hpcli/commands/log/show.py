"""`hpcli log show`: one change."""

from typing import Annotated, Any

import typer

from hpcli.commands.log.tables import change_row, one_change_view
from hpcli.commands.log.values import change_words
from hpcli.errors import NotFoundError
from hpcli.local.change_records import Query
from hpcli.run.context import Context

ChangeId = Annotated[int, typer.Argument(help="Number of a change.", metavar="ID", min=1)]


def show_change(ctx: Context, number: ChangeId) -> None:
    """Show one change with its values before and after.

    Where hpcli read the value before, both are shown: old → new; else the value sent.
    *** stands for those that the log does not keep.

    $ hpcli log show 1
    """
    change = find_changes(ctx, [number])[0]
    ctx.show_one(change_row(change), one_change_view(ctx, change_words(change)))


def find_changes(ctx: Context, numbers: list[int]) -> list[dict[str, Any]]:
    """Return changes by their numbers, the newest first.

    Raises:
        NotFoundError: there is none of that number; one of the sandbox is none of a real account.
    """
    query = Query(ids=numbers, is_sandbox=ctx.settings.is_sandbox)
    found = ctx.run.changes.log.read(query)
    missing = [number for number in numbers if number not in {change["id"] for change in found}]
    if missing:
        raise NotFoundError(
            f"There is no change {missing[0]} in the log.", hint="`hpcli log list` shows their numbers."
        )
    return found
