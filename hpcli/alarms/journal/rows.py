"""Make journal rows from messages; each event is decoded and written as JSON once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hpcli.alarms.decode.decode import Decoded, Receipt, Sent, decode_all
from hpcli.alarms.event.cid import CidCodes
from hpcli.alarms.event.event import Body, Cid, Encryption, EventSite, make_body
from hpcli.alarms.event.fields import text_of
from hpcli.alarms.event.identity import fingerprint_of
from hpcli.alarms.event.safe_json import safe_json
from hpcli.alarms.event.times import Arrival
from hpcli.alarms.event.types import UNREADABLE, find_event_type
from hpcli.alarms.journal.entries import StoredBody, store_body
from hpcli.parse import epoch_milliseconds
from hpcli.reference.categories import OTHER

MEDIA: Final = "media"
"""Type of the line that follows an event when its pictures are done."""

GAP: Final = "gap"
"""Type of the event for a time without reading that was longer than the platform keeps alarms."""

_UNREADABLE: Final = "null"
"""The raw message where not even that can be written as JSON."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Row(NamedTuple):
    """A message to be written to the journal.

    Attributes:
        id: its messageId, else made of its fingerprint; the journal adds `-2`, `-3` to further equal ones.
        fingerprint: None where it has a messageId.
        received: epoch milliseconds.
        happened: epoch milliseconds.
        relation: the relationId that joins a Linkage message to its alarm.
        unknown: an undocumented type or code, such as `CID 1999`.
        priority: critical, high, normal or low.
        state: new, ended or status.
        is_quiet: printed on demand only.
        body: the fields of the event that never change.
        raw: JSON of the message; None for an event of this program itself.
        pictures: (url, encryption) of each.
    """

    id: str
    fingerprint: str | None
    received: int
    happened: int
    type: str
    category: str
    device: str | None
    site: str | None
    relation: str | None
    unknown: str | None
    priority: str
    state: str
    is_quiet: bool
    body: StoredBody
    raw: str | None
    pictures: tuple[tuple[str, Encryption], ...]


def make_batch(
    messages: Sequence[object],
    receipt: Receipt,
    problems: Mapping[int, str],
    report: Callable[[str], None],
) -> list[Row]:
    """Return the rows of the messages of a batch, in order; never raises.

    Those of one device are decoded one after another: Python takes less time for what is alike.

    Args:
        messages: what the queue had: objects, or whatever else came in their place.
        receipt: when they arrived, and what is known then.
        problems: what was wrong with a message, by its place, as a clause for people.
        report: is told of messages that could not be decoded for a fault of this program.
    """
    places = sorted(range(len(messages)), key=[_likeness(message) for message in messages].__getitem__)
    sent = [(messages[place], problems.get(place)) for place in places]
    try:
        found = _rows_of(sent, receipt)
    except Exception:  # noqa: BLE001 - one by one it concerns only the message that decoding fails at
        found = [make_rows(message, receipt, problem=problem, report=report) for message, problem in sent]
    rows: list[list[Row]] = [[]] * len(messages)
    for place, some in zip(places, found, strict=True):
        rows[place] = some
    return [row for some in rows for row in some]


def _rows_of(sent: Sequence[tuple[object, str | None]], receipt: Receipt) -> list[list[Row]]:
    """Return the rows of each message, given with what was wrong with it; raises where one cannot be decoded."""
    texts = [safe_json(message) for message, _ in sent]
    decoded = decode_all(
        [Sent(message, text, problem) for (message, problem), text in zip(sent, texts, strict=True)], receipt
    )
    return [[_row_of(one, text, receipt) for one in some] for some, text in zip(decoded, texts, strict=True)]


def _likeness(message: object) -> str:
    serial = message.get("deviceSerial") if isinstance(message, dict) else None
    return serial if isinstance(serial, str) else ""


def make_rows(
    message: object,
    receipt: Receipt,
    *,
    problem: str | None = None,
    report: Callable[[str], None] | None = None,
) -> list[Row]:
    """Return the rows of a message: one, or one for each of the alerts in it; never raises.

    Args:
        message: an object, or whatever else the queue had in its place.
        receipt: when it arrived, and what is known then.
        problem: what was wrong with the row of the queue, as a clause for people.
        report: is told if the message could not be decoded for a fault of this program.
    """
    try:
        return _rows_of([(message, problem)], receipt)[0]
    except Exception as error:  # noqa: BLE001 - a message that decoding fails at must not stop all that follow
        name = type(error).__name__
        if report is not None:
            report(
                f"An alarm could not be decoded ({name}); it is kept with its raw message. Please report it."
            )
        undecoded = _undecoded(message, receipt.arrival, name)
        return [_row_of(undecoded, _raw_of(message), receipt, unknown=f"decoding {name}")]


def _raw_of(message: object) -> str:
    try:
        return safe_json(message)
    except Exception:  # noqa: BLE001 - then the event says that there is no raw message to show
        return _UNREADABLE


def _row_of(decoded: Decoded, raw: str, receipt: Receipt, unknown: str | None = None) -> Row:
    event_id, fingerprint, happened, body, pictures, relation, is_quiet = decoded
    event_type = body["type"]
    row = Row(  # by position: by name takes three times as long
        event_id,
        fingerprint,
        receipt.arrival.milliseconds,
        happened,
        event_type,
        body["category"],
        body["device"],
        _site_key(body["site"]),
        relation,
        unknown or _unknown_of(event_type, body["cid"], receipt.codes),
        body["priority"],
        body["state"],
        is_quiet,
        store_body(body),
        raw,
        tuple((picture["url"], picture["encryption"]) for picture in pictures) if pictures else (),
    )
    return row if _can_be_stored(row) else _without_surrogates(row)


def make_own_row(body: Body, mark: str, received: datetime) -> Row:
    """Return the row of an event of this program itself, without a message.

    Args:
        body: the event's fields.
        mark: its id, equal for equal events.
        received: when it was noticed.
    """
    moment = epoch_milliseconds(received)
    return Row(
        id=mark,
        fingerprint=mark,
        received=moment,
        happened=moment,
        type=body["type"],
        category=body["category"],
        device=None,
        site=None,
        relation=None,
        unknown=None,
        priority=body["priority"],
        state=body["state"],
        is_quiet=False,
        body=store_body(body),
        raw=None,
        pictures=(),
    )


def _can_be_stored(row: Row) -> bool:
    """Return whether SQLite can store a row: lone surrogates have no encoding. In JSON they are escaped."""
    joined = f"{row.id}{row.type}{row.device}{row.site}{row.relation}{row.unknown}"
    if row.pictures:
        joined += "".join([url for url, _ in row.pictures])
    return joined.isascii() or not _SURROGATE.search(joined)


def _without_surrogates(row: Row) -> Row:
    from hpcli.output.text import replace_surrogates

    def mended(text: str | None) -> str | None:
        return None if text is None else replace_surrogates(text)

    return row._replace(
        id=replace_surrogates(row.id),
        type=replace_surrogates(row.type),
        device=mended(row.device),
        site=mended(row.site),
        relation=mended(row.relation),
        unknown=mended(row.unknown),
        pictures=tuple((replace_surrogates(url), encryption) for url, encryption in row.pictures),
    )


def _undecoded(message: object, arrival: Arrival, error_name: str) -> Decoded:
    """Return the event of a message that decoding fails at, from what is sure to work."""
    fields = message if isinstance(message, dict) else {}
    given = text_of(fields.get("messageId"))
    fingerprint = None if given else fingerprint_of(message)
    body = make_body(
        received=arrival.text,
        time=arrival.text,
        time_source="received",
        kind="unknown",
        name="Unknown event",
        category=OTHER,
        device=text_of(fields.get("deviceSerial")),
        text=f"Unreadable message: hpcli failed to decode it ({error_name}); please report it with its raw message",
    )
    return Decoded(given or fingerprint or "", fingerprint, arrival.milliseconds, body, [], None)


def _unknown_of(event_type: str, cid: Cid | None, codes: CidCodes) -> str | None:
    """Return the name of an undocumented type or code, which `alarms status` counts."""
    if cid is not None:
        code = cid["code"]
        if not isinstance(code, int):
            return None if code is None else f"CID {str(code)[:40]}"
        known = codes.find(code)
        return f"CID {code}" if known is None or known.sure == "guess" else None
    if event_type in ("unknown", UNREADABLE.type):
        return f"type {event_type}"
    return None if find_event_type(event_type) else f"type {event_type[:80]}"


def _site_key(site: EventSite | None) -> str | None:
    """Return id and name of a site in the form in which the journal searches them."""
    return None if site is None else f"{site['id']}\n{site['name']}"
