"""`hpcli hotspare list`: the registered servers."""

from hpcli.api.operations.hotspare.servers import LIST
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.verb import calls
from hpcli.commands.hotspare.tables import SERVERS
from hpcli.run.context import Context


@calls(LIST)
@lists
def list_servers(ctx: Context) -> None:
    """List the registered servers.

    $ hpcli hotspare list
    """
    ctx.show(ctx.client.hotspare.list(), SERVERS)
