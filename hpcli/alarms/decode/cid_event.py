"""CID events of security panels: code, qualifier, areas, zone, user (Guide A.3.1)."""

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hpcli.alarms.decode.description import NO_NUMBER, Description, linked_camera
from hpcli.alarms.decode.words import category_by_words, says_over, state_of
from hpcli.alarms.event.cid import (
    QUALIFIERS,
    CidCode,
    CidCodes,
    find_standard_code,
    find_standard_group,
    standard_code_of,
)
from hpcli.alarms.event.event import Cid, EventSource, State
from hpcli.alarms.event.fields import join_parts, label, number_of, text_of
from hpcli.alarms.event.usual_names import part_of
from hpcli.reference.categories import Category, category_of

_LONGEST_CODE: Final = 6
"""A Contact ID code has a letter and four digits at most; anything longer is not a code."""

_APP_USERS: Final = (501, 502)
"""User numbers of the app and the installer (field notes)."""

_WORD_BITS: Final = 32
_MOST_WORDS: Final = 4
_EVTTYPE_CATEGORIES: Final = {"1": "burglary", "2": "fault", "3": "device"}
_BY_USERS: Final = frozenset({"open-close", "bypass", "test", "device"})
_ADDED_OR_REMOVED: Final = range(975, 981)
_KEEP_ALIVE: Final = Description("Keep-alive of the panel", category_of("test"), state="new", is_quiet=True)
_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})
_EMPTY_TEXTS: Final = (" ", "{}", "[]", "null")
_NO_WORDS: Final = re.compile(r"cid\W?event(\W?alarm)?", re.IGNORECASE)
_FIRST_OF_FIVE: Final = 10_000
_FRAMED: Final = re.compile(r"(?:(?:18|98)\s?)?([136]\d{3})(?:\.0|\s?\d{2}\s?\d{3}\d?)?", re.ASCII)


def areas_of(partitions: object, first: object = None) -> list[int]:
    """Return the area numbers of a partitionNo bit field (Guide A.3.1).

    Args:
        partitions: 32-bit words as decimal numbers, the lowest last: `43` is areas 1, 2, 4, 6.
        first: the first area, the answer where the bit field is missing or broken.
    """
    text = text_of(partitions)
    areas = _bits_of(text) if text and text != "0" else []
    if areas:
        return areas
    number = number_of(first)
    return [number] if number and 0 < number < NO_NUMBER else []


@lru_cache(maxsize=1024)
def _bit_numbers(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if len(words) > _MOST_WORDS:
        return ()
    field = 0
    for word in words:
        value = number_of(word)
        if value is None or not 0 <= value < 1 << _WORD_BITS:
            return ()
        field = field << _WORD_BITS | value
    return tuple(bit + 1 for bit in range(field.bit_length()) if field >> bit & 1)


def _bits_of(text: str) -> list[int]:
    return list(_bit_numbers(text)) if len(text) < 64 else []


class _Reading(NamedTuple):
    """What a code says by itself, without the rest of the message.

    Attributes:
        known: the entry of the lists, None where they have none.
        qualifier: new, restore or status.
        event: the last three digits.
        standard: the Contact ID code.
        names_zone: the zone belongs to it; panels fill one in even for arming.
        names_user: the user belongs to it; panels fill one in even for zone alarms.
        names_temperature: it is about a temperature.
    """

    known: CidCode | None
    qualifier: str | None
    event: int | None
    standard: int | None
    names_zone: bool
    names_user: bool
    names_temperature: bool


@lru_cache(maxsize=1024)
def _reading_of(codes: CidCodes, code: int | None, evttype: str, sent: str | None) -> _Reading:
    """Return what a code says.

    Args:
        codes: what codes mean.
        code: as a number; None if the message has none.
        evttype: the digits of it that tell something.
        sent: the Contact ID code that newer panels send.
    """
    standard = None if sent is None else _standard_of(sent, code, codes)
    known = _meaning_of(_qualified_code(code, evttype), standard, codes)
    event = code % 1000 if code is not None and 100 <= code <= 9999 else None
    standard = standard or (known.standard if known else None)
    return _Reading(
        known,
        _qualifier_of(code, evttype) or QUALIFIERS.get((standard or 0) // 1000),
        event,
        standard,
        names_zone=not _concerns_whole_panel(event),
        names_user=_concerns_user(event, known),
        names_temperature=158 <= (standard or 0) % 1000 <= 159,
    )


def read_cid(fields: dict[str, Any], codes: CidCodes) -> Description:
    """Return what a cidEvent message says."""
    event = _event_of(fields)
    given = event.get("code")
    if given in _NOTHING and _is_empty(event) and not _words_of(fields, event):
        return _description_of_nothing(fields)
    code = _code_of(given)
    evttype = text_of(event.get("evttype")) or ""
    sent = text_of(event.get("standardCode") or event.get("standardCIDcode"))
    reading = _reading_of(codes, code, evttype[:2], None if sent is None else sent[:_LONGEST_CODE])
    known = reading.known
    sent_code = _code_as_sent(given, code)
    words = _words_of(fields, event) if known is None or sent_code is None else None
    cid: Cid = {
        "code": sent_code,
        "qualifier": reading.qualifier,
        "event": reading.event,
        "standard": reading.standard,
        "meaning": known.meaning if known else _unknown_meaning(words, code),
        "areas": areas_of(event.get("partitionNo"), event.get("system")),
        "zone": _zone_of(event),
        "zoneName": text_of(event.get("zoneName")),
        "user": _user_of(event),
    }
    category = known.category if known else _category_by_words(words, evttype)
    problem = None if sent_code is not None or words else "the CID code is missing"
    source, source_label = _source_of(event)
    text = _text_of(cid, event, reading, source_label)
    return Description(text, category, cid, problem, _state_of(cid, category, words, fields), source)


def _event_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the object that a panel's event is in: CIDEvent, one within it, or the alert itself."""
    event = part_of(fields, "CIDEvent")
    if event.keys() == {"CIDEvent"}:
        event = part_of(event, "CIDEvent")
    return fields if not event and "code" in fields else event


def _is_empty(event: dict[str, Any]) -> bool:
    return not any(value not in _NOTHING for value in event.values())


def _description_of_nothing(fields: dict[str, Any]) -> Description:
    """Return what a message says whose CIDEvent holds nothing: it keeps alive, or it has lost its event."""
    given = fields.get("CIDEvent")
    is_empty = "CIDEvent" in fields and (
        given in _NOTHING or isinstance(given, dict) or given in _EMPTY_TEXTS
    )
    if is_empty or ("CIDEvent" not in fields and state_of(fields.get("eventState")) == "ended"):
        return _KEEP_ALIVE
    return Description("CID event", problem="the CIDEvent object is missing")


def _code_of(value: object) -> int | None:
    """Return a code as a number, also one within the frame of a receiver: `18 1103 01 002`, `E103`."""
    number = number_of(value)
    if number is not None and abs(number) < _FIRST_OF_FIVE:
        return number
    text = text_of(value)
    found = _FRAMED.fullmatch(text) if text else None
    if found is not None:
        return int(found[1])
    lettered = standard_code_of(text) if text and text[:1].isalpha() else None
    return number if lettered is None else lettered


def _code_as_sent(value: object, code: int | None) -> int | str | None:
    """Return a code as it was sent, digits as a number."""
    number = number_of(value)
    return number if number is not None else code if isinstance(value, float) else text_of(value)


def _words_of(fields: dict[str, Any], event: dict[str, Any]) -> str | None:
    """Return what a message says of itself in words."""
    said = text_of(event.get("description")) or text_of(event.get("name")) or text_of(event.get("type"))
    if said is None:
        said = text_of(fields.get("eventDescription"))
    return None if said is None or _NO_WORDS.fullmatch(said) else said


def _category_by_words(words: str | None, evttype: str) -> Category:
    found = category_by_words(words) if words else None
    return found or category_of(_EVTTYPE_CATEGORIES.get(evttype[1:2], "other"))


def _state_of(cid: Cid, category: Category, words: str | None, fields: dict[str, Any]) -> State:
    """Return the state of an event: opening and closing, added and removed, are always new."""
    if category.name == "open-close" or cid["event"] in _ADDED_OR_REMOVED:
        return "new"
    if cid["qualifier"] == "restore":
        return "ended"
    if cid["qualifier"] == "status":
        return "status"
    if cid["code"] is None and words and says_over(words):
        return "ended"
    return state_of(fields.get("eventState"))


def _source_of(event: dict[str, Any]) -> tuple[EventSource | None, str | None]:
    """Return the peripheral that a panel names, the part rather than the module that it is at, and its label."""
    name, kind, number = text_of(event.get("deviceName")), "device", _peripheral(event.get("deviceNo"))
    if number is None and "ModNo" in event:
        number = _peripheral(event["ModNo"])
        kind = "device" if number is None else "module"
    if number is None and name is None:
        return None, None
    return {"kind": kind, "number": number, "name": name}, name or f"{kind.capitalize()} {number}"


def _peripheral(value: object) -> int | None:
    number = number_of(value)
    return None if number == NO_NUMBER else number


def _standard_of(sent: str, code: int | None, codes: CidCodes) -> int | None:
    """Return the Contact ID code that was sent; the first digit of a listed `code` says whether the event ends."""
    qualifier = None if code is None else code // 1000
    standard = standard_code_of(sent, qualifier)
    known = None if code is None else codes.find(code)
    if standard is None or qualifier is None or known is None or known.sure == "guess":
        return standard
    return qualifier * 1000 + standard % 1000


def _meaning_of(code: int | None, standard: int | None, codes: CidCodes) -> CidCode | None:
    """Return the user's own entry, else that of the standard's code that was sent, else the catalogue's.

    Where both mean the same event the catalogue names it, and where the standard's code is the vendor's own again.
    """
    known = codes.find(code) if code is not None else None
    if standard is None or code in codes.own or standard == code:
        return known
    if known is not None and known.sure != "guess" and (known.standard or standard) % 1000 == standard % 1000:
        return known
    return find_standard_code(standard) or known or find_standard_group(standard)


def _qualified_code(code: int | None, evttype: str) -> int | None:
    """Return a code of three digits with the qualifier of evttype: 11 to 13 are new, 31 to 33 restores."""
    if code is not None and 100 <= code <= 999 and evttype[:1] in ("1", "3"):
        return code + int(evttype[0]) * 1000
    return code


def _qualifier_of(code: int | None, evttype: str) -> str | None:
    if code is not None and code // 1000 in QUALIFIERS:
        return QUALIFIERS[code // 1000]
    return {"1": "new", "3": "restore"}.get(evttype[:1])


def _unknown_meaning(words: str | None, code: int | None) -> str:
    if words:
        return words
    return f"CID code {code}" if code is not None else "CID event"


def _zone_of(event: dict[str, Any]) -> int | None:
    """Return the zone from 1: zoneV30 counts so, zone counts from 0 (Guide A.3.1: zoneV30 = zone + 1)."""
    counted_from_one = number_of(event.get("zoneV30"))
    if counted_from_one is not None and 0 < counted_from_one < NO_NUMBER:
        return counted_from_one
    zone = number_of(event.get("zone"))
    return zone + 1 if zone is not None and 0 <= zone < NO_NUMBER else None


def _user_of(event: dict[str, Any]) -> str | None:
    name = text_of(event.get("userName"))
    if name:
        return name
    number = number_of(event.get("userNo"))
    if number in _APP_USERS:
        return "app or installer"
    return f"user {number}" if number and 0 < number < NO_NUMBER else None


def _text_of(cid: Cid, event: dict[str, Any], reading: _Reading, source: str | None) -> str:
    meaning, code, known = cid["meaning"], cid["code"], reading.known
    if known is None and meaning != f"CID code {code}" and code is not None:
        meaning = f"{meaning} (CID code {code})"
    elif known is not None and known.sure == "guess":
        meaning = f"{meaning}? (CID code {code})"
    user = cid["user"] if reading.names_user else None
    return join_parts(
        meaning,
        _areas_label(cid["areas"], text_of(event.get("systemName"))),
        label("Zone", cid["zone"], cid["zoneName"]) if reading.names_zone or cid["zoneName"] else None,
        f"by {user}" if user else None,
        _temperature(event) if reading.names_temperature else None,
        source,
        label("Camera", linked_camera(event), text_of(event.get("channelSerial"))),
    )


def _concerns_whole_panel(event: int | None) -> bool:
    """Return whether the code is about power, communication, arming or tests; panels fill in a zone even then."""
    return event is not None and (300 <= event < 370 or 390 <= event < 470 or 600 <= event < 630)


def _concerns_user(event: int | None, known: CidCode | None) -> bool:
    """Return whether the code is about operations or duress; panels fill in a user even for zone alarms."""
    return known is None or known.category.name in _BY_USERS or event == 121


def _areas_label(areas: list[int], name: str | None) -> str | None:
    if len(areas) > 1:
        return f"Areas {', '.join(map(str, areas))}"
    return label("Area", areas[0] if areas else None, name)


def _temperature(event: dict[str, Any]) -> str | None:
    degrees = text_of(event.get("temp"))
    return f"{degrees} °C" if degrees else None
