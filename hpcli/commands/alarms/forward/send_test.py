"""`hpcli alarms forward test`: send a marked test event."""

from __future__ import annotations

from hpcli.commands.alarms.forward.configuration import NameArgument, forward_file
from hpcli.run.context import Context


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
    sender = config.kind.open(make_setup(config, log=ctx.warn, environment=ctx.run.environment))
    try:
        outcome = send_trial(sender, make_test_message(name, ctx.run.now()))
    finally:
        sender.close()
    raise_failure(name, outcome)
    ctx.info(f"{name}: acknowledged by {config.kind.acknowledged_by}.")
