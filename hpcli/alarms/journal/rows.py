"""Messages to rows of the journal, and rows back to events.

An event is decoded and written as JSON once, when its message is journalled. Its line is put together from
that text, so printing it as ndjson costs no parsing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hpcli.alarms.decode.decode import Decoded, Sites, decode_parts, relation_of
from hpcli.alarms.event.cid import find_cid_code
from hpcli.alarms.event.event import Event, fingerprint_of, identity
from hpcli.alarms.event.fields import text_of
from hpcli.alarms.event.json_codec import encode
from hpcli.alarms.event.types import find_event_type
from hpcli.parse import utc_text

MEDIA: Final = "media"
"""Type of the line that follows an event when its pictures are done."""

GAP: Final = "gap"
"""Type of the event that says that no alarms were read for longer than the platform keeps them."""

_RELATED: Final = frozenset({"cidEvent", "Linkage"})
"""Types whose messages may belong together (Guide A.3.6)."""

# Raw in JSON strings these would be obeyed by terminals, split lines, or have no encoding; elsewhere JSON has
# none of them. As an escape each is the same value for every parser.
_UNSAFE = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SURROGATE_ESCAPE: Final = r"\ud"

_NOTHING: Final = object()


class Row(NamedTuple):
    """A message about to be journalled.

    Attributes:
        id: its messageId, else made of its fingerprint; the journal adds `-2`, `-3` to further equal ones.
        fingerprint: None where it has a messageId.
        received: epoch milliseconds.
        happened: epoch milliseconds.
        relation: the relationId that joins a Linkage message to its alarm.
        unknown: a type or code that nobody documented, such as `CID 1999`.
        body: JSON of the event from `received` to `cid`, without braces.
        raw: JSON of the message; None for what this program says itself.
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
    body: str
    raw: str | None
    pictures: tuple[tuple[str, str], ...]


def make_row(message: dict[str, Any], *, received: datetime, sites: Sites | None) -> Row:
    """Return the row of a message; never raises, whatever the message holds."""
    given = text_of(message.get("messageId"))
    fingerprint = "" if given else fingerprint_of(message)
    raw = _safe_json(message)
    try:
        body, pictures, second = decode_parts(message, received, sites, raw)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError):
        # `decode_parts` promises not to raise. Should it ever, one message must not stop all that follow.
        body, pictures, second = _undecoded(message, received)
    happened = _milliseconds_of(body["time"])
    arrived = _milliseconds_received(received)
    event_type = body["type"]
    row = Row(  # by place: by name it takes three times as long
        given or identity(fingerprint, second),
        fingerprint or None,
        arrived,
        arrived if happened is None else happened,
        event_type,
        body["category"],
        body["device"],
        _site_key(body["site"]),
        relation_of(message) if event_type in _RELATED and "relationId" in raw else None,
        _unknown_of(event_type, body["cid"]),
        body_of(body),
        raw,
        tuple((picture["url"], picture["encryption"]) for picture in pictures) if pictures else (),
    )
    return row if _can_be_stored(row) else _without_surrogates(row)


def _can_be_stored(row: Row) -> bool:
    """Tell whether SQLite can store a row: no encoding carries lone surrogates. In JSON they are escapes."""
    texts = (row.id, row.type, row.device or "", row.site or "", row.relation or "", row.unknown or "")
    joined = "".join(texts) + "".join([url for url, _ in row.pictures] if row.pictures else ())
    return joined.isascii() or not _SURROGATE.search(joined)


def _without_surrogates(row: Row) -> Row:
    from hpcli.output.text import replace_surrogates

    texts: dict[str, Any] = {
        name: replace_surrogates(value) for name, value in row._asdict().items() if isinstance(value, str)
    }
    pictures = tuple((replace_surrogates(url), encryption) for url, encryption in row.pictures)
    return row._replace(pictures=pictures, **texts)


def _undecoded(message: dict[str, Any], received: datetime) -> Decoded:
    moment = utc_text(received, "milliseconds")
    body = {
        "received": moment,
        "time": moment,
        "timeSource": "received",
        "type": "unknown",
        "name": "Unknown event",
        "category": "other",
        "device": text_of(message.get("deviceSerial")),
        "channel": None,
        "channelName": None,
        "site": None,
        "text": "Unreadable message: hpcli failed to decode it; please report it with its raw message",
        "cid": None,
    }
    return Decoded(body, [], None)


def body_of(fields: dict[str, Any]) -> str:
    """Return the JSON of an event's fields from `received` to `cid`, without braces.

    The others are kept beside it, since they may change or are large.
    """
    return _safe_json(fields)[1:-1]


def _safe_json(value: Any) -> str:
    """Write JSON that loses nothing and is harmless on every terminal."""
    try:
        text = _compact_json(value)
    except RecursionError:
        # Deeper than the encoder goes: the inner values go as JSON text within a string, as alarmData may anyway.
        text = _compact_json({key: _deep_json(inner) for key, inner in value.items()})
    if (text.isascii() and "\x7f" not in text) or text.isprintable():
        return text
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _compact_json(value: Any) -> str:
    try:
        return encode(value)
    except ValueError:  # NaN and infinities have no word in JSON
        from hpcli.output.json_text import json_text

        return json_text(value)


def _deep_json(value: Any) -> Any:
    """Return a value that is no object and no list as it is, others as JSON text, however deep they are."""
    if not isinstance(value, dict | list):
        return value
    pieces: list[str] = []
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        before, current = pending.pop()
        pieces.append(before)
        if isinstance(current, dict):
            pieces.append("{")
            pending.append(("}", _NOTHING))
            items = [(f"{json.dumps(key)}:", inner) for key, inner in current.items()]
        elif isinstance(current, list):
            pieces.append("[")
            pending.append(("]", _NOTHING))
            items = [("", inner) for inner in current]
        else:
            pieces.append("" if current is _NOTHING else json.dumps(current))
            continue
        pending += [
            (f",{key}" if index else key, inner) for index, (key, inner) in reversed(list(enumerate(items)))
        ]
    return "".join(pieces)


def _unknown_of(event_type: str, cid: Mapping[str, Any] | None) -> str | None:
    """Name what nobody documented: counted, and shown by `alarms status`."""
    if cid is not None:
        code = cid["code"]
        if not isinstance(code, int):
            return None if code is None else f"CID {str(code)[:40]}"
        known = find_cid_code(code)
        return f"CID {code}" if known is None or known.sure == "guess" else None
    if event_type == "unknown":
        return "type unknown"
    return None if find_event_type(event_type) else f"type {event_type[:80]}"


def _site_key(site: Mapping[str, Any] | None) -> str | None:
    """Return id and name of a site as the journal looks for them."""
    return None if site is None else f"{site.get('id')}\n{site.get('name')}"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


_milliseconds_received = lru_cache(maxsize=4)(_milliseconds)  # the same for all messages of a batch


@lru_cache(maxsize=1024)  # a burst of alarms shares its seconds
def _milliseconds_of(time: str) -> int | None:
    try:
        return _milliseconds(datetime.fromisoformat(time))
    except (ValueError, OverflowError, OSError):
        return None


class Entry(NamedTuple):
    """One line as the journal has it: an event, or with `about` the media line of one.

    Attributes:
        seq: its place in the journal; later ones are larger.
        id: the event's id, for a media line that of its event.
        type: the event's type, for a media line that of its event.
        about: the event's `seq`, for media lines only.
        pictures: as in an event.
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
    body: str
    raw: str | None
    pictures: tuple[dict[str, Any], ...] = ()

    @property
    def is_media(self) -> bool:
        """Whether it is a media line."""
        return self.about is not None


def line_of(entry: Entry, *, redelivered: bool, with_raw: bool = True) -> str:
    """Return an entry as one line of ndjson, with its line end."""
    pictures = _safe_json(list(entry.pictures)) if entry.pictures else "[]"
    text = (
        f'{{"id":{_quoted(entry.id)},{entry.body},"pictures":{pictures}'
        f',"redelivered":{"true" if redelivered else "false"},"batch":{_quoted(entry.batch)}'
    )
    text = f'{text},"raw":{entry.raw or "null"}}}\n' if with_raw else text + "}\n"
    # No encoding carries a lone surrogate, and some parsers refuse its escape. From the end the search is quicker.
    if text.rfind(_SURROGATE_ESCAPE) >= 0:
        from hpcli.output.json_text import json_line

        return json_line(json.loads(text)) + "\n"
    return text


def event_of(entry: Entry, *, redelivered: bool, with_raw: bool = True) -> Event:
    """Return an entry as an event."""
    event: Event = json.loads(line_of(entry, redelivered=redelivered, with_raw=with_raw))
    return event


def _quoted(text: str | None) -> str:
    if text is None:
        return "null"
    return f'"{text}"' if text.isalnum() and text.isascii() else _safe_json(text)
