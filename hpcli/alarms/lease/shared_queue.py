"""The alarm queue of an account that several machines share: who reads it, and the messages for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcli.errors import HpcliError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcli.alarms.lease.lease import Lease
    from hpcli.alarms.lease.stream import RawStream
    from hpcli.client.queue_answer import Batch
    from hpcli.stop import Stop

_PAUSE_SECONDS = 1.0


@dataclass
class SharedQueue:
    """A lease and the stream that goes with it.

    Args:
        lease: decides which machine reads.
        stream: has the messages.
    """

    lease: Lease
    stream: RawStream

    def publish(self, batch: Batch, received: int, stop: Stop, report: Callable[[HpcliError], None]) -> bool:
        """Try until the stream has a batch; return False if this machine may not confirm it.

        Args:
            batch: what the platform sent.
            received: when, epoch milliseconds.
            stop: ends trying.
            report: is told why a try failed.
        """
        while self.lease.holds and not stop.is_set:
            try:
                self.stream.publish(batch, received)
            except HpcliError as error:
                report(error)
                stop.wait(_PAUSE_SECONDS)
            else:
                return True
        return False
