"""The event: one flat, stable object for every alarm message."""

from __future__ import annotations

from typing import Any, Final, Literal, TypedDict

from hpcli.reference.categories import Category

Event = dict[str, Any]
"""An event as printed and stored: exactly the keys of EVENT_FIELDS, always all, in that order."""

EVENT_FIELDS: Final[dict[str, str]] = {
    "id": "the platform's messageId, else 16 hex digits made of device and payload, the same for equal messages",
    "received": "when this program got it, ISO 8601 in UTC with Z",
    "time": "when it happened, ISO 8601 with offset",
    "timeSource": "source of the time: device (with its zone), site-zone (naive, read in that zone), received",
    "type": "event type in its canonical spelling, `unknown` if there is none",
    "name": "the type in words",
    "category": "panic, fire, medical, burglary, technical, tamper, video, fault, access, open-close, bypass, test,"
    " device, call or other",
    "priority": "critical, high, normal or low",
    "state": "new, ended or status (still so)",
    "account": "account number of the device at the alarm receiving centre, or null",
    "accountSource": "source of the account number: map (account-map.txt), message, set-account, or null",
    "device": "serial of the device, or null",
    "channel": "channel number, or null",
    "channelName": "channel name, or null",
    "site": "{id, name} of the site, or null",
    "source": "{kind, number, name} of the peripheral that a panel names, or null",
    "text": "one line for people",
    "cid": "for CID events the fields of CID_FIELDS, else null",
    "pictures": "list of objects with the fields of PICTURE_FIELDS",
    "ack": "{time, user, note, earlier} of the last `alarms ack`, with the notes before it, or null",
    "redelivered": "true: it may have been printed before",
    "batch": "the platform's batchId, or null",
    "raw": "the message as the platform sent it",
}

CID_FIELDS: Final[dict[str, str]] = {
    "code": "the code as sent, a number of Hikvision's own catalogue",
    "qualifier": "new, restore or status, from the code's first digit, or null",
    "event": "the code's last three digits, or null",
    "standard": "the four-digit Ademco Contact ID code, or null",
    "meaning": "what the code means",
    "areas": "numbers of the areas concerned, from 1",
    "zone": "zone number from 1, or null",
    "zoneName": "zone name, or null",
    "user": "user name, else `user N`, or null",
}

PICTURE_FIELDS: Final[dict[str, str]] = {
    "url": "an https address, or an ISAPI_FILES path that `alarm/pictureurl` turns into one",
    "encryption": "none, device or platform, as the address says",
    "state": "pending, saved, locked (its key is missing or wrong), failed, or removed (for its age or size)",
    "file": "where it was saved, or null",
    "sha256": "SHA-256 of that file in hex, or null",
    "original": "where the file as it was downloaded is kept, or null",
    "originalSha256": "SHA-256 of the file as it was downloaded, or null",
    "error": "why it is not saved, or null",
}


class Note(TypedDict):
    """What somebody noted on an event, when (ISO 8601 in UTC), and as which user of the computer."""

    time: str
    user: str
    note: str


class Acknowledgement(Note):
    """The last note on an event, and those before it, the oldest first."""

    earlier: list[Note]


Encryption = Literal["none", "device", "platform"]
"""Who encrypted a picture."""

PictureState = Literal["pending", "saved", "locked", "failed", "removed"]


class EventSite(TypedDict):
    """The site in an event."""

    id: str | None
    name: str | None


State = Literal["new", "ended", "status"]
"""What an event says of its cause: it begins, it is over, it is still so."""


AccountSource = Literal["map", "message", "set-account"]
"""Who says under which number a device reports: the user's map, its message, or `arc set-account` run here."""


class EventSource(TypedDict):
    """The peripheral in an event of a panel."""

    kind: str
    number: int | None
    name: str | None


class Cid(TypedDict):
    """What a CID event says, see CID_FIELDS."""

    code: int | str | None
    qualifier: str | None
    event: int | None
    standard: int | None
    meaning: str
    areas: list[int]
    zone: int | None
    zoneName: str | None
    user: str | None


class Picture(TypedDict):
    """A picture of an event, see PICTURE_FIELDS."""

    url: str
    encryption: Encryption
    state: PictureState
    file: str | None
    sha256: str | None
    original: str | None
    originalSha256: str | None
    error: str | None


def pending_picture(url: str, encryption: Encryption) -> Picture:
    """Return a picture that is not fetched yet."""
    return {
        "url": url,
        "encryption": encryption,
        "state": "pending",
        "file": None,
        "sha256": None,
        "original": None,
        "originalSha256": None,
        "error": None,
    }


class Body(TypedDict):
    """The fields of an event that never change, from `received` to `cid`, see EVENT_FIELDS."""

    received: str
    time: str
    timeSource: str
    type: str
    name: str
    category: str
    priority: str
    state: State
    account: str | None
    accountSource: AccountSource | None
    device: str | None
    channel: int | None
    channelName: str | None
    site: EventSite | None
    source: EventSource | None
    text: str
    cid: Cid | None


def make_body(
    *,
    received: str,
    time: str,
    time_source: str,
    kind: str,
    name: str,
    category: Category,
    text: str,
    state: State = "new",
    account: str | None = None,
    account_source: AccountSource | None = None,
    device: str | None = None,
    channel: int | None = None,
    channel_name: str | None = None,
    site: EventSite | None = None,
    source: EventSource | None = None,
    cid: Cid | None = None,
) -> Body:
    """Return the lasting fields of an event; `journal.entries` adds the others when it prints the event."""
    return {
        "received": received,
        "time": time,
        "timeSource": time_source,
        "type": kind,
        "name": name,
        "category": category.name,
        "priority": "low" if state == "ended" else category.priority,
        "state": state,
        "account": account,
        "accountSource": account_source,
        "device": device,
        "channel": channel,
        "channelName": channel_name,
        "site": site,
        "source": source,
        "text": text,
        "cid": cid,
    }
