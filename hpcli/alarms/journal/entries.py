"""Events as they are stored in the journal, and as they are printed.

The fields that never change are stored as JSON without its outer braces, the others in columns. A line is
put together from that text, so printing an event as ndjson costs no parsing.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple, NewType

from hpcli.alarms.event.event import Acknowledgement, Body, Event, Picture
from hpcli.alarms.event.safe_json import quoted, safe_json, without_surrogates

StoredBody = NewType("StoredBody", str)
"""The fields of an event from `received` to `cid`, as the journal stores them."""


def store_body(fields: Body) -> StoredBody:
    """Return the lasting fields of an event as they are stored."""
    return StoredBody(safe_json(fields)[1:-1])


def read_body(stored: StoredBody) -> Body:
    """Return the lasting fields of an event that is stored."""
    fields: Body = json.loads(f"{{{stored}}}")
    return fields


class Entry(NamedTuple):
    """One line of the journal: an event, or with `about` the media line of an event.

    Attributes:
        seq: its place in the journal; later ones are larger.
        id: the event's id, for a media line that of its event.
        type: the event's type, for a media line that of its event.
        about: the event's `seq`, for media lines only.
        is_quiet: printed on demand only: the keep-alive of a panel.
        pictures: as in an event.
        ack: as in an event.
    """

    seq: int
    id: str
    about: int | None
    type: str
    category: str
    device: str | None
    site: str | None
    happened: int
    batch: str | None
    repeats: int
    body: StoredBody
    raw: str | None
    is_quiet: bool | int = False
    pictures: tuple[Picture, ...] = ()
    ack: Acknowledgement | None = None

    @property
    def is_media(self) -> bool:
        """Whether it is a media line."""
        return self.about is not None


def line_of(entry: Entry, *, redelivered: bool, with_raw: bool = True) -> str:
    """Return an entry as one line of ndjson, with its line end."""
    pictures = safe_json(list(entry.pictures)) if entry.pictures else "[]"
    ack = "null" if entry.ack is None else safe_json(entry.ack)
    raw = f',"raw":{entry.raw or "null"}' if with_raw else ""
    return without_surrogates(
        f'{{"id":{quoted(entry.id)},{entry.body},"pictures":{pictures},"ack":{ack}'
        f',"redelivered":{"true" if redelivered else "false"},"batch":{_quoted_batch(entry.batch)}{raw}}}\n'
    )


_quoted_batch = lru_cache(maxsize=4)(quoted)  # the same for all entries of a batch


def numbered_event(entry: Entry, *, redelivered: bool) -> Event:
    """Return an entry as the screen shows it: an event with its `number`, which commands take for its id."""
    return {**event_of(entry, redelivered=redelivered), "number": entry.about or entry.seq}


def event_of(entry: Entry, *, redelivered: bool, with_raw: bool = True) -> Event:
    """Return an entry as an event."""
    event: Event = json.loads(line_of(entry, redelivered=redelivered, with_raw=with_raw))
    return event
