"""Options that the verbs of `hpcli access` share."""

from typing import Annotated

import typer

PersonOption = Annotated[
    list[str],
    typer.Option(
        "--person",
        help="Person id, or employee number added on this computer; may be repeated; - for stdin, @FILE.",
        metavar="ID",
    ),
]
