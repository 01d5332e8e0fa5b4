"""Which messages of a batch the journal already has.

A message is a repeat only if its messageId is known, if the same batch already brought it, or if it equals a
row, once per row, of a batch whose confirmation did not succeed. Any other message is new, even if it is equal
byte for byte: two zones may trip in one second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hpcli.alarms.journal.rows import Row

NEW: Final = 0
"""No row of the journal has this number."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the journal that a message may repeat.

    Attributes:
        place: in its batch, from 0.
        is_open: the message may come again: it came with the same batchId, or its batch is not confirmed.
    """

    seq: int
    id: str
    fingerprint: str | None
    raw: str | None
    place: int
    is_open: bool


def match_repeats(rows: Sequence[Row], stored: Iterable[Stored]) -> list[int | None]:
    """Find for each message the row that it repeats.

    Args:
        rows: the messages of one batch, in order.
        stored: rows with the same messageIds, of the same batchId, or of unconfirmed batches.

    Returns:
        The `seq` of the row each message repeats; NEW for a message that is new; None for one that repeats a
        new message of this very batch.
    """
    by_id: dict[str, Stored] = {}
    by_fingerprint: defaultdict[str, list[Stored]] = defaultdict(list)
    for one in stored:
        if one.fingerprint is None:
            by_id[one.id] = one
        elif one.is_open:
            by_fingerprint[one.fingerprint].append(one)
    matched: list[int | None] = []
    fresh: dict[str, Row] = {}
    for place, row in enumerate(rows):
        if row.fingerprint is None:
            matched.append(_match_id(row, by_id, fresh))
        else:
            matched.append(_match_content(place, by_fingerprint.get(row.fingerprint)))
    return matched


def _match_id(row: Row, by_id: Mapping[str, Stored], fresh: dict[str, Row]) -> int | None:
    """Match by messageId, unless a different text shows that the platform used the id twice."""
    known = by_id.get(row.id)
    if known is not None:
        return known.seq if known.is_open or known.raw == row.raw else NEW
    first = fresh.setdefault(row.id, row)
    return NEW if first is row or first.raw != row.raw else None


def _match_content(place: int, candidates: list[Stored] | None) -> int:
    """Take the row at the same place, else the first of the remaining ones."""
    if not candidates:
        return NEW
    index = next((i for i, one in enumerate(candidates) if one.place == place), 0)
    return candidates.pop(index).seq
