"""Arguments that the verbs of `hpcli hotspare` share."""

from typing import Annotated

import typer

UuidArgument = Annotated[str, typer.Argument(help="UUID of the server, chosen by you.", metavar="UUID")]
