"""`hpcli alarms forward test`: send a marked test event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpcli.commands.alarms.forward.configuration import NameArgument, forward_file
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.forward.kind import Notes


def send_test(ctx: Context, name: NameArgument) -> None:
    """Send a marked test event to an output.

    Waits for the acknowledgement. The event has the type `test`, and `test` is true in it. It is not in the journal.

    $ hpcli alarms forward test log
    """
    from hpcli.alarms.forward.setup import make_setup
    from hpcli.alarms.forward.trial import make_test_message, raise_failure, send_trial

    config = forward_file(ctx).find(name)
    if ctx.plans_only(f"Would send a test event to the output '{name}'."):
        return
    with _notes(ctx, name) as notes:
        setup = make_setup(config, notes=notes, log=ctx.warn, environment=ctx.run.environment)
        sender = config.kind.open(setup)
        try:
            outcome = send_trial(sender, make_test_message(name, ctx.run.now()))
        finally:
            sender.close()
    raise_failure(name, outcome)
    remark = f", {outcome.remark}" if outcome.remark else ""
    ctx.info(f"{name}: acknowledged by {config.kind.acknowledged_by}{remark}.")


@contextmanager
def _notes(ctx: Context, name: str) -> Iterator[Notes | None]:
    """Yield what the output remembers: a test must not take a number that an alarm has; None without a journal."""
    from hpcli.alarms.forward.journal_notes import JournalNotes
    from hpcli.alarms.journal.schema import is_journal_there
    from hpcli.commands.alarms.journal import open_journal

    if not is_journal_there(ctx.run.session.alarms_folder / "journal.db"):
        yield None
        return
    with open_journal(ctx, None) as journal:
        yield JournalNotes(journal, name)
