"""`hpcli explain`: explain error and event codes."""

from typing import Annotated, Any

import typer

from hpcli.commands.framework.family import Single
from hpcli.errors import NotFoundError, SomeFailedError
from hpcli.output import Column, Format, View
from hpcli.run.context import Context

MEANINGS = View(
    noun="meaning",
    id="code",
    columns=(
        Column("CODE", "code"),
        Column("KIND", "kind"),
        Column("NAME", "name"),
        Column("MEANING", "meaning", wide=True),
        Column("WHAT TO DO", "hint", wide=True),
    ),
    fields=lambda: ("code", "kind", "name", "meaning", "hint"),
)


def explain_codes(
    ctx: Context,
    codes: Annotated[
        list[str],
        typer.Argument(help="Platform, device or CID code, or event type.", metavar="CODE..."),
    ],
) -> None:
    """Explain error and event codes.

    A device code may be hexadecimal, decimal or a sub-status name.

    $ hpcli explain EVZ20007
    $ hpcli explain 1103
    $ hpcli explain 0x40000002 lowPrivilege
    """
    from hpcli.commands.explain.meanings import explain

    wanted = ctx.inputs.read_list(codes, "code")
    found: list[dict[str, Any]] = []
    unknown = []
    for code in wanted:
        meanings = explain(code, ctx.settings.config_dir)
        found += meanings
        if not meanings:
            unknown.append(code)
            if len(wanted) > 1:
                ctx.warn(f"{code}: unknown code.")
    if found or ctx.run.printer.format is Format.JSON:
        _show(ctx, found)
    if unknown and len(unknown) < len(wanted):
        raise SomeFailedError(f"{len(unknown)} of {len(wanted)} codes are unknown.")
    if unknown:
        raise NotFoundError(
            f"'{unknown[0]}' is not a known error code, CID code or event type.",
            hint="Codes look like EVZ20007, LAP500004, 1103, 0x40000002 or lowPrivilege.",
        )


def _show(ctx: Context, found: list[dict[str, Any]]) -> None:
    """Print the meanings; on a terminal as blocks, because a table would cut the hints."""
    if ctx.run.printer.format is not Format.TABLE:
        ctx.run.printer.rows(found, MEANINGS)
        return
    for index, row in enumerate(found):
        if index:
            ctx.show_text("")
        ctx.show_one(row, MEANINGS)


app = Single("codes:explain_codes")
