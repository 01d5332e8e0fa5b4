"""`hpcli alarms forward retry`: send dead letters again, and try a suspended output at once."""

from __future__ import annotations

from hpcli.commands.alarms.forward.configuration import NameArgument, forward_file
from hpcli.commands.alarms.journal import open_journal
from hpcli.plurals import quantity
from hpcli.run.context import Context


def retry_output(ctx: Context, name: NameArgument) -> None:
    """Send dead letters again, and resume a suspended output.

    They are sent by `hpcli alarms forward run` or `hpcli alarms tail --forward`,
    whether that runs now or later. If it runs now, it reads the output's secrets and
    other files again and ends the output's pauses.

    $ hpcli alarms forward retry log
    """
    from hpcli.alarms.forward.config import read_output
    from hpcli.alarms.forward.setup import make_setup
    from hpcli.alarms.journal.deliveries import revive
    from hpcli.alarms.journal.schema import open_for_reading
    from hpcli.errors import HpcliError

    table = forward_file(ctx).find_table(name)
    if ctx.plans_only(f"Would send the dead letters of the output '{name}' again."):
        return
    open_for_reading(ctx.run.session.alarms_folder / "journal.db").close()
    with open_journal(ctx, None) as journal:
        revived, gone = journal.write(lambda db: revive(db, name))
    try:
        make_setup(read_output(name, table))
    except HpcliError as error:
        ctx.warn(f"{name} cannot run as it is declared, or keeps its former settings: {error}")
    lost = f"; {gone} are no longer in the journal" if gone else ""
    ctx.info(f"{name}: {quantity(revived, 'dead letter')} will be sent again{lost}.")
