"""`hpcli hotspare`: servers that stand in for each other."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.client.hotspare.servers import ADD, DELETE, HEARTBEAT, LIST
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import complete_codes, several
from hpcli.commands.framework.plurals import counted
from hpcli.commands.framework.repeating import parse_interval
from hpcli.commands.hotspare import file as hotspare_file
from hpcli.commands.hotspare.watch import beat_for_ever, watch_host
from hpcli.errors import UsageError
from hpcli.output import Column, View, show_duration
from hpcli.reference import answer_fields, code_list
from hpcli.run.context import Context, coded

app = Family("hotspare", "Servers that stand in for each other.")

UuidArgument = Annotated[str, typer.Argument(help="UUID of the server, of your own choice.", metavar="UUID")]


def _ago(value: Any, _row: Mapping[str, Any]) -> str:
    return f"{show_duration(value / 1000)} ago" if isinstance(value, int) else ""


SERVERS = View(
    noun="server",
    id="uuid",
    columns=(Column("UUID", "uuid"), coded("ROLE", "type", "hotSpareType")),
    fields=lambda: answer_fields(LIST.method, LIST.path),
)
HEARTBEATS = View(
    noun="server",
    id="uuid",
    columns=(*SERVERS.columns, Column("LAST HEARTBEAT", "timeLag", show=_ago)),
    fields=lambda: answer_fields(HEARTBEAT.method, HEARTBEAT.path),
)


@app.verb("list", LIST)
def list_servers(ctx: Context) -> None:
    """List the registered servers.

    $ hpcli hotspare list
    """
    ctx.show(ctx.client.hotspare.list(), SERVERS)


@app.verb("add", ADD)
def add_server(
    ctx: Context,
    uuid: UuidArgument,
    role: Annotated[
        str,
        typer.Option(
            help="host, spare1, spare2 or spare3.",
            metavar="ROLE",
            autocompletion=complete_codes("hotSpareType"),
        ),
    ],
) -> None:
    """Register a server: the host first, then up to three spares.

    $ hpcli hotspare add 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f --role host
    """
    code = int(code_list("hotSpareType").value_of(role))
    label = code_list("hotSpareType").label(code).lower()
    ctx.change(uuid, lambda: ctx.client.hotspare.add(uuid, code), f"Registered {uuid} as {label}.")


@app.verb("heartbeat", HEARTBEAT)
def send_heartbeat(
    ctx: Context,
    uuid: UuidArgument,
    every: Annotated[
        str | None, typer.Option(help="Go on for ever, this often; 60s is usual.", metavar="DURATION")
    ] = None,
) -> None:
    """Send a heartbeat and print those of all servers.

    With --every it goes on until it is stopped, prints nothing, and lives through
    faults of network and platform.

    $ hpcli hotspare heartbeat 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f
    $ hpcli hotspare heartbeat 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f --every 60s
    """
    if every is None:
        ctx.show(ctx.client.hotspare.heartbeat(uuid), HEARTBEATS)
    else:
        beat_for_ever(ctx, uuid, parse_interval(every))


app.verb("watch", HEARTBEAT, LIST)(watch_host)


@app.verb("delete", DELETE)
def delete_servers(
    ctx: Context,
    uuids: Annotated[list[str] | None, several("UUIDs", "UUID")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All servers of the account.")] = False,
) -> None:
    """Remove servers.

    $ hpcli hotspare delete 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f --yes
    """
    if bool(uuids) == everything:
        raise UsageError("Name servers, or give --all.")
    if everything:
        ctx.confirm("Remove all servers?")
        ctx.each(["all"], lambda _: ctx.client.hotspare.delete(None), lambda *_: "Removed all servers.")
        return
    targets = ctx.inputs.read_list(uuids or [], "UUID")
    ctx.confirm(f"Remove {counted(targets, 'server')}?")
    ctx.each(targets, lambda uuid: ctx.client.hotspare.delete([uuid]), lambda uuid, _data: f"Removed {uuid}.")


app.include(hotspare_file.app)
