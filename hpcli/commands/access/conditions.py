"""Search conditions for a door device (`--where`)."""

from collections.abc import Mapping
from typing import Annotated

import typer

from hpcli.errors import UsageError
from hpcli.isapi.search import Search, condition_names
from hpcli.output.conditions import parse_condition
from hpcli.run.context import Context

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Condition of the device's search, or of the rows; may be repeated.",
        metavar="CONDITION",
    ),
]
LARGEST_PAGE = 100


def read_conditions(
    ctx: Context, search: Search, where: list[str] | None, options: Mapping[str, str | None]
) -> dict[str, str]:
    """Merge the conditions of the options and of `--where`; refuse duplicates.

    `NAME=VALUE` with a name of the device's search goes to the device; the rows are filtered by all others here.
    """
    names = condition_names(search)
    conditions = {name: value for name, value in options.items() if value is not None}
    for text in where or ():
        condition = parse_condition(text)
        if condition.operator != "=" or condition.name not in names:
            ctx.run.selection.where.append(text)
            continue
        if condition.name in conditions:
            raise UsageError(f"The condition {condition.name} is given twice.")
        conditions[condition.name] = condition.value
    return conditions
