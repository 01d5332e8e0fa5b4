"""Search conditions for a door device (`--where`)."""

from collections.abc import Mapping
from typing import Annotated

import typer

from hpcli.errors import UsageError
from hpcli.parse import parse_assignment

Where = Annotated[
    list[str] | None,
    typer.Option("--where", help="Additional condition; may be repeated.", metavar="NAME=VALUE"),
]
LARGEST_PAGE = 100


def read_conditions(where: list[str] | None, options: Mapping[str, str | None]) -> dict[str, str]:
    """Merge the conditions of the options and of `--where`; refuse duplicates."""
    conditions = {name: value for name, value in options.items() if value is not None}
    for text in where or ():
        name, value = parse_assignment(text, "--where")
        if name in conditions:
            raise UsageError(f"The condition {name} is given twice.")
        conditions[name] = value
    return conditions
