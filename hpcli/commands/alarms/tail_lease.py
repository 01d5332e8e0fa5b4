"""`hpcli alarms tail --lease`: take part in reading an account's alarms with other machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.lease.shared_queue import SharedQueue
    from hpcli.run.stderr_thread import StderrThread

_REQUEST_SECONDS = 2.0


@contextmanager
def shared_queue(
    ctx: Context, address: str | None, journal: Journal, notices: StderrThread
) -> Iterator[SharedQueue | None]:
    """Compete for the lease while the block runs.

    Args:
        ctx: the context.
        address: as `--lease` gives it, None without.
        journal: this machine's.
        notices: shows lines to the user.

    Raises:
        LocalError: the library is missing, or the servers refuse this user or have another bucket.
        UsageError: the address is wrong.
    """
    if address is None:
        yield None
        return
    from hpcli.alarms.journal.facts import read_fact
    from hpcli.alarms.lease.address import read_lease_address
    from hpcli.alarms.lease.broker import Broker
    from hpcli.alarms.lease.lease import Lease, Times
    from hpcli.alarms.lease.record import forget_lease, keep_lease
    from hpcli.alarms.lease.shared_queue import SharedQueue
    from hpcli.alarms.lease.stream import RawStream
    from hpcli.parse import utc_text

    session, times = ctx.run.session, Times()
    broker = Broker(read_lease_address(address), session.account_id, times.ttl, _REQUEST_SECONDS)
    lease = Lease(broker, times, warn=notices.warn, end_poll=ctx.client.alarms.end_poll)

    def note_change() -> None:
        keep_lease(session.alarms_folder, lease, utc_text(ctx.run.now()))
        if lease.state != "unreachable":
            notices.warn(lease.words)

    lease.on_change = note_change
    uuid = journal.read(lambda db: read_fact(db, "uuid")) or ""
    try:
        lease.start()
        yield SharedQueue(lease, RawStream(broker, uuid))
    finally:
        lease.close()
        forget_lease(session.alarms_folder)
