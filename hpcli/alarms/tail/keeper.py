"""Store batches, whoever read them: the poller of this machine, or that of another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hpcli.alarms.clock import MOST_DIFFERENCE, Clock
from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.event.accounts import Accounts
from hpcli.alarms.event.cid import CATALOGUE, CidCodes
from hpcli.alarms.journal.batches import Kept, keep_batch
from hpcli.alarms.journal.rows import make_batch
from hpcli.alarms.journal.schema import JournalFullError

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from hpcli.alarms.event.sites import Sites
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.tail.error_log import ErrorLog
    from hpcli.client.queue_answer import Batch
    from hpcli.stop import Stop

_FULL_PAUSE: Final = 2.0


@dataclass
class BatchKeeper:
    """Decodes batches and commits them to the journal.

    Args:
        journal: stores them.
        stop: ends waiting for room on the disk.
        error_log: shows errors.
        clock: the time.
        sites: finds the sites of devices.
        account_numbers: returns the account numbers of devices.
        codes: what CID codes mean.
        platform_time: the present by the platform's last answer, None if it did not say.
        wants_pictures: have the pictures fetched.
    """

    journal: Journal
    stop: Stop
    error_log: ErrorLog
    clock: Clock = field(default_factory=Clock)
    sites: Sites | None = None
    account_numbers: Callable[[], Accounts] = Accounts
    codes: CidCodes = CATALOGUE
    platform_time: Callable[[], datetime | None] = lambda: None
    wants_pictures: bool = False

    def keep(
        self,
        batch: Batch,
        *,
        received: datetime | None = None,
        may_repeat: bool = False,
        also: Callable[[sqlite3.Connection], None] = lambda _db: None,
        step: Callable[[], None] = lambda: None,
    ) -> Kept | None:
        """Commit a batch as soon as there is room; return None if the tail ends before.

        Args:
            batch: what the platform sent.
            received: when; now without it.
            may_repeat: another machine may have read it, which this journal cannot know.
            also: changes to the journal that belong to it.
            step: is told before each pause.
        """
        received = received or self.clock.now()
        now = self.clock.milliseconds
        receipt = Receipt(received, self.sites, self.account_numbers(), self._true_time(received), self.codes)
        rows = make_batch(batch.messages, receipt, batch.problems, self.error_log.add)

        def keep(db: sqlite3.Connection) -> Kept:
            kept = keep_batch(
                db,
                batch.id,
                rows,
                now=now,
                wants_pictures=self.wants_pictures,
                answer=batch.body,
                is_cut=not batch.is_whole,
                may_repeat=may_repeat,
            )
            also(db)
            return kept

        while True:
            try:
                return self.journal.write(keep)
            except JournalFullError as error:
                self.error_log.add(f"{error.message} Alarms wait on the platform until there is space.")
            step()
            if self.stop.wait(_FULL_PAUSE):
                return None

    def _true_time(self, received: datetime) -> datetime | None:
        """Return the present by the platform's clock, if it differs so much that this computer's must be wrong."""
        theirs = self.platform_time()
        return theirs if theirs is not None and abs(received - theirs) > MOST_DIFFERENCE else None
