"""Arguments and options that the verbs of `hpcli panel` share."""

from collections.abc import Sequence
from typing import Annotated

import typer

from hpcli.client.panel import ALL_AREAS
from hpcli.commands.framework.device_messages import read_number
from hpcli.commands.framework.options import several
from hpcli.errors import UsageError
from hpcli.plurals import listed
from hpcli.run.context import Context

AreasArgument = Annotated[list[str], several("Areas from 1, or all", "AREA")]


ZonesArgument = Annotated[list[str], several("Zones from 1", "ZONE")]


Everything = Annotated[bool, typer.Option("--everything", help="Include unused ones.")]


OperationCode = Annotated[
    bool,
    typer.Option(
        "--operation-code-stdin",
        help="Read the panel's operation code from stdin, encrypted as the panel expects it.",
    ),
]


def read_operation_code(ctx: Context, *, from_stdin: bool) -> str | None:
    """Return the operation code of A.5.7, None without the option."""
    if not from_stdin:
        return None
    return ctx.inputs.read_secret("Operation code", from_stdin=True, option="--operation-code-stdin")


def read_areas(ctx: Context, areas: Sequence[str]) -> list[str]:
    """Return area numbers as text, or `all` alone."""
    wanted = [text.lower() for text in ctx.inputs.read_list(areas, "area")]
    if "all" in wanted and len(wanted) > 1:
        raise UsageError("'all' cannot be used together with area numbers.")
    for text in wanted:
        if text != "all":
            read_number(text, "area")
    return wanted


def area_number(area: str) -> int:
    """Return the number of an area; `all` is 0xffffffff."""
    return ALL_AREAS if area == "all" else int(area)


def area_named(areas: Sequence[str]) -> str:
    """Return the areas in words."""
    return "all areas" if list(areas) == ["all"] else listed(areas, "area")


def area_label(area: str) -> str:
    """Return an area as a line about it begins: `Area 2`, `All areas`."""
    return area_named([area]).capitalize()
