"""`hpcli installer`: employees of your company."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.installer import SEARCH
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context


def _name(_value: Any, row: Mapping[str, Any]) -> str:
    return " ".join(str(row[key]) for key in ("firstName", "lastName") if row.get(key))


INSTALLERS = View(
    noun="installer",
    id="id",
    columns=(
        Column("NAME", "firstName", show=_name, wide=True),
        Column("EMAIL", "email", wide=True),
        Column("PHONE", "phone", priority=3),
        Column("ADMIN", "isAdmin", priority=2),
        Column("ENABLED", "enableStatus", priority=2),
        Column("ID", "id", priority=1),
    ),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
)


@calls(SEARCH)
@lists
def list_installers(
    ctx: Context,
    search: Annotated[
        str | None, typer.Option(help="Part of a name or e-mail address.", metavar="TEXT")
    ] = None,
    limit: Limit = None,
) -> None:
    """List the employees of your company.

    $ hpcli installer list
    $ hpcli installer list --search garcia -o json
    """
    ctx.show(ctx.client.installer.list(search), INSTALLERS, limit=limit)


app = Family(
    {
        "list": ("installer:list_installers", "List the employees of your company."),
    }
)
