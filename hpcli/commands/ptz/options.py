"""Arguments that the verbs of `hpcli ptz` share."""

from typing import Annotated

import typer

ChannelArgument = Annotated[
    str, typer.Argument(help="Channel from 1; a camera has channel 1.", metavar="CHANNEL")
]
