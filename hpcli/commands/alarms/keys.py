"""`hpcli alarms keys`: the devices whose pictures wait for a key."""

from __future__ import annotations

from hpcli.commands.alarms.journal import JournalPath, reading
from hpcli.commands.framework.lists import lists
from hpcli.output import Column, View
from hpcli.run.context import Context

KEYS = View(
    noun="locked picture",
    id="device",
    columns=(
        Column("DEVICE", "device"),
        Column("SITE", "site.name", wide=True),
        Column("PICTURES", "pictures"),
        Column("OLDEST", "oldest"),
    ),
    fields=lambda: ("device", "site", "site.id", "site.name", "pictures", "oldest"),
)


@lists
def list_keys(ctx: Context, journal: JournalPath = None) -> None:
    """List the devices whose pictures wait for a key.

    Such pictures were downloaded, but the key of their device is missing or wrong.
    `hpcli auth device-key set SERIAL` stores it and opens them.

    $ hpcli alarms keys
    $ hpcli alarms keys -o ids
    """
    from hpcli.alarms.journal.pictures import locked_devices

    with reading(ctx, journal) as read:
        rows = read(locked_devices)
    ctx.show(rows, KEYS)
