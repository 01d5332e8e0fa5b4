"""Answers of the queue that were cut off: read again, until it is clear that the platform sends nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hpcli.errors import NetworkError

if TYPE_CHECKING:
    from hpcli.client.queue_answer import Batch

CUT_OFF: Final = NetworkError(
    "An answer of the alarm queue was cut off; its whole alarms are stored and not confirmed."
)

TAKEN_AS_WHOLE: Final = (
    "The same cut answer of the alarm queue came three times; it is taken for all that the platform has."
    " An event tells where it ends; alarms that followed may be lost."
)

_TIMES: Final = 3
"""How often the same answer must come before it is taken for all that there is."""

_MOST_KNOWN: Final = 16


@dataclass
class CutAnswers:
    """Counts how often each answer came."""

    _times: dict[bytes, int] = field(default_factory=dict)

    def take(self, batch: Batch) -> Batch:
        """Return a batch as it is to be stored: one that came three times is whole, with what is left of its end."""
        if batch.is_whole or batch.body is None:
            return batch
        digest = hashlib.sha256(batch.body).digest()
        times = self._times.pop(digest, 0) + 1
        if times >= _TIMES:
            return replace(batch.with_rest(), is_whole=True)
        self._times[digest] = times
        if len(self._times) > _MOST_KNOWN:
            del self._times[next(iter(self._times))]
        return batch
