"""Addresses of pictures inside messages, and what the messages say about their encryption.

Two kinds (Guide §2.5): `ISAPI_FILES…$encrypt=N,TIME,CHECKSUM`, which `alarm/pictureurl` turns into an
address, and `https://…&isEncrypted=N`, which is one. They may be anywhere in a message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from hpcli.alarms.event.event import Encryption, Picture, pending_picture
from hpcli.alarms.event.fields import number_of, text_of, walk
from hpcli.alarms.event.json_codec import decode
from hpcli.alarms.event.payload import Payload, read_payload
from hpcli.alarms.event.times import TIME_FIELDS

STORED: Final = "ISAPI_FILES"
"""The start of a path that is not an address yet."""
_ESCAPE_LAYERS: Final = 2
_MOST_PICTURES: Final = 64
"""A double video alarm has two pictures; a message with more addresses than this is not an alarm."""

_MOST_NAMESPACES: Final = 8
"""A message with more namespaces than this is always searched for pictures."""

_ADDRESSES: Final = (STORED, f"/{STORED}", "https://", "http://")
_FIRST_LETTERS: Final = {address[0] for address in _ADDRESSES} | {
    letter for letter in map(chr, range(0x3001)) if letter.isspace()
}
"""What an address can begin with, blanks before it included: this rules out most texts."""

_ENCRYPTIONS: Final[dict[int, Encryption]] = {0: "none", 1: "device", 2: "platform"}

_TELLING_KEY = re.compile(r"url|pic|image|photo|video", re.IGNORECASE)
_PLATFORM_ADDRESS = re.compile(r"/alarms/pic/get\?|[?&]isEncrypt(?:ed)?=", re.IGNORECASE)
_ENCRYPTION = re.compile(r"(?:\$encrypt|[?&]isEncrypt(?:ed)?)=(\d)", re.IGNORECASE)
_SEVERAL = re.compile(r"[?&]isDevVideo=1\b", re.IGNORECASE)
_STORED_FACTS = re.compile(r"\$encrypt=\d+,\s*([^,]*?)\s*,\s*([0-9A-Za-z]+)", re.IGNORECASE)
_CHECKSUM = re.compile(r"[?&]checksum=([0-9A-Za-z]+)", re.IGNORECASE)
_TIME_IN_QUERY = re.compile(rf"[?&](?:{'|'.join(TIME_FIELDS)})=([^&]+)", re.IGNORECASE)
_OFFSET = re.compile(r"\s*(?:Z|[+-]\d\d:?\d\d)$")


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What decrypting a picture needs to know from its message.

    Attributes:
        checksum: the platform's checksum, or None.
        times: texts of the time to try with it, the likeliest first (`pictures` §2.5 leaves the form open).
        holds_several: the file holds several pictures (`isDevVideo=1`).
    """

    checksum: str | None
    times: tuple[str, ...]
    holds_several: bool


def find_pictures(payload: Payload, text: str | None = None) -> list[Picture]:
    """Return the pictures of a message as pending: the fields of event.PICTURE_FIELDS, each address once.

    Args:
        payload: what the message says.
        text: the message as JSON, where it is known: without an address in it there is no picture to look for.
    """
    source = text if payload.source is None else payload.source
    if source is not None and not _may_hold_address(source):
        return []
    pictures: dict[str, Picture] = {}
    for key, found in _addresses_in(payload.fields):
        address = _unescaped(found)
        if len(pictures) == _MOST_PICTURES:
            break
        if address not in pictures and _is_picture(key, address):
            pictures[address] = pending_picture(address, _encryption_of(address))
    if pictures and "coverPicture" in payload.fields:
        _apply_cover_encryption(payload.fields, pictures)
    return list(pictures.values())


def _may_hold_address(source: str) -> bool:
    """Spare most messages the search: namespaces are addresses too, but stand behind `="`."""
    if STORED in source:
        return True
    at = source.rfind("http")  # searching from the end finds a short text twice as fast
    if source.startswith("<"):
        for _ in range(_MOST_NAMESPACES):
            if at < 0 or source[max(0, at - 2) : at] not in ('="', "='"):
                break
            at = source.rfind("http", 0, at)
    return at >= 0


def _addresses_in(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (key, text) of every text that begins like an address; list items have the list's key."""
    pending: list[tuple[str, Any]] = [("", fields)]
    while pending:
        name, current = pending.pop()
        inner = []
        for key, value in (
            current.items() if isinstance(current, dict) else ((name, item) for item in current)
        ):
            if isinstance(value, str):
                if value[:1] in _FIRST_LETTERS and value.lstrip().startswith(_ADDRESSES):
                    yield key, value
                elif value[:1] in ("[", "{") and _may_hold_address(value):
                    inner.append((key, _value_in(value)))
            elif isinstance(value, dict | list):
                inner.append((key, value))
        pending.extend(reversed(inner))


def _value_in(text: str) -> Any:
    """Return the object or list that a text of JSON holds, an empty list for any other."""
    try:
        return decode(text)[0]
    except (ValueError, RecursionError):
        return []


def _unescaped(text: str) -> str:
    """Undo XML escaping; the later edition has a layer of it in JSON too (errata 174)."""
    address = text.strip().removeprefix("/")
    for _ in range(_ESCAPE_LAYERS):
        address = address.replace("&amp;", "&")
    return address


def _is_picture(key: str, address: str) -> bool:
    """Return whether an address is that of a picture; a QR code shown to a reader may contain any address."""
    return bool(address.startswith(STORED) or _TELLING_KEY.search(key) or _PLATFORM_ADDRESS.search(address))


def _encryption_of(address: str) -> Encryption:
    match = _ENCRYPTION.search(address)
    return _ENCRYPTIONS.get(int(match[1]), "none") if match else "none"


def _apply_cover_encryption(fields: dict[str, Any], pictures: dict[str, Picture]) -> None:
    """Let coverPicture.crypt of a call speak for its picture; null leaves it to the address (Guide A.3.8)."""
    cover = fields["coverPicture"]
    crypt = number_of(cover.get("crypt")) if isinstance(cover, dict) else None
    if crypt not in _ENCRYPTIONS:
        return
    for part in (cover, fields.get("coverUrl")):
        for _, value in walk(part):
            picture = pictures.get(_unescaped(value)) if isinstance(value, str) else None
            if picture is not None:
                picture["encryption"] = _ENCRYPTIONS[crypt]


def picture_facts(message: object, url: str) -> PictureFacts:
    """Return what a message says about one of its pictures.

    Args:
        message: the raw message.
        url: the picture's `url` of the event.
    """
    from urllib.parse import unquote_plus

    fields = read_payload(message).fields
    stored = _STORED_FACTS.search(url)
    in_query = _CHECKSUM.search(url)
    sources = [*_nearest_first(fields, url), *([message] if isinstance(message, dict) else [])]
    checksum = stored[2] if stored else in_query[1] if in_query else _first_text(sources, "checksum")
    times = [stored[1]] if stored else []
    times += [unquote_plus(found) for found in _TIME_IN_QUERY.findall(url)]
    for name in ("alarmTime", *(name for name in ("triggerTime", *TIME_FIELDS) if name != "alarmTime")):
        times += [text for source in sources if (text := _value_of(source, name))]
    times += [naive for time in times if (naive := _OFFSET.sub("", time)) != time]
    candidates = [form for time in times for form in (time, time.replace("T", " ", 1)) if form]
    return PictureFacts(checksum, tuple(dict.fromkeys(candidates)), _SEVERAL.search(url) is not None)


def _nearest_first(fields: dict[str, Any], url: str) -> list[dict[str, Any]]:
    """Return the objects of a message, those that hold the address before the others."""
    objects = [value for _, value in walk(fields) if isinstance(value, dict)]

    def is_elsewhere(candidate: dict[str, Any]) -> bool:
        return not any(isinstance(value, str) and _unescaped(value) == url for value in candidate.values())

    return sorted(objects, key=is_elsewhere)


def _first_text(sources: list[dict[str, Any]], name: str) -> str | None:
    return next((text for source in sources if (text := _value_of(source, name))), None)


def _value_of(source: dict[str, Any], name: str) -> str | None:
    value = source.get(name)
    if value is None:
        value = next((value for key, value in source.items() if key.lower() == name.lower()), None)
    return text_of(value)
