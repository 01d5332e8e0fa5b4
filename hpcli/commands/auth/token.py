"""`hpcli auth token`: a valid token for other programs."""

from hpcli.api.operations.auth import GET_TOKEN
from hpcli.commands.framework.verb import calls
from hpcli.output import Format
from hpcli.run.context import Context


@calls(GET_TOKEN)
def print_token(ctx: Context) -> None:
    """Print a valid token for other programs.

    $ TOKEN=$(hpcli auth token)
    """
    token = ctx.client.transport.sign_in.token().access_token
    if ctx.run.printer.format in (Format.JSON, Format.NDJSON):
        ctx.run.printer.value({"accessToken": token}, as_it_came=True)
    else:
        ctx.show_text(token)
