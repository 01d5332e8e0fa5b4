"""Options that `hpcli person add` and `update` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpcli.commands.framework.options import complete_codes

Type = Annotated[
    str | None,
    typer.Option(
        "--type",
        help="Type: employee, temporary or visitor.",
        metavar="TYPE",
        autocompletion=complete_codes("personType"),
    ),
]


Email = Annotated[str | None, typer.Option(help="E-mail address.", metavar="ADDRESS")]


Phone = Annotated[str | None, typer.Option(help="Phone number.", metavar="NUMBER")]


Photo = Annotated[
    Path | None, typer.Option(help="Photo of the face, a JPEG of up to 200 KB.", metavar="FILE")
]


Card = Annotated[str | None, typer.Option(help="Card number, up to 20 digits.", metavar="N")]
