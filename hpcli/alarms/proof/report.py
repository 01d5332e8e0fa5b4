"""The page of a case file that anyone can read and print: what happened, where, when, and what proves it."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.event.fields import text_of
from hpcli.alarms.event.times import zone_of
from hpcli.alarms.journal.entries import event_of

if TYPE_CHECKING:
    from hpcli.alarms.event.event import Event
    from hpcli.alarms.event.sites import Devices
    from hpcli.alarms.proof.exhibits import Exhibit

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;max-width:56rem;color:#1a1a1a;background:#fff}
h1{margin-bottom:.2rem}h2{margin:0 0 .6rem;font-size:1.25rem}
section{margin:2rem 0;padding-top:1.2rem;border-top:3px solid #444}
section.critical{border-color:#c00}section.high{border-color:#d80}section.over{border-color:#7a7}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #ddd;padding:.35rem .6rem;text-align:left;vertical-align:top}
th{width:11rem;font-weight:600}.list th{width:auto;background:#f3f3f3}.list .small{display:block}
.small{color:#555;font-size:.85rem}
code{font-size:.85em;overflow-wrap:anywhere}
figure{margin:1rem 0}img{max-width:100%;max-height:32rem;border:1px solid #999}
@media print{body{margin:0}section,figure{break-inside:avoid}}
"""
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")
_STATES: Final = {"new": "new", "ended": "over", "status": "still so"}
_SOURCES: Final = {
    "device": "The device gave its time with its zone.",
    "site-zone": "The device gave its time without a zone; it is read on the clock of its site.",
    "received": "The device gave no usable time; this is when the message was received.",
}
_NOT_SAVED: Final = {
    "pending": "not fetched",
    "locked": "encrypted, and its key is missing",
    "failed": "could not be fetched",
    "removed": "removed from the journal for its age or size",
}


def make_report(
    exhibits: Sequence[Exhibit], head: tuple[int, str], made: datetime, places: Devices | None
) -> str:
    """Return the page.

    Args:
        exhibits: the events.
        head: number and link of the journal's last entry.
        made: when the case file is made.
        places: knows the zones of sites and the names of devices.
    """
    pages = [_Page(exhibit, places) for exhibit in exhibits]
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Alarm report</title>",
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style><h1>Alarm report</h1>",
        f"<p class='small'>Made {_moment(made, UTC)}.</p>",
        *(_overview(pages) if len(pages) > 1 else ()),
        *(part for page in pages for part in page.section()),
        "<section><h2>How this can be checked</h2><p>The file <code>SHA256SUMS</code> has the SHA-256 digest of",
        " every file of this case, and each event has its message as it was received. The journal that they come",
        " from is a chain: each entry has a link that depends on all entries before it. <code>chain.json</code>",
        f" has the places of these events; the journal ended with entry {head[0]}, whose link was",
        f" <code>{head[1]}</code>. <code>changes.json</code> has the commands that were sent to these devices on",
        " that day.</p></section></html>\n",
    ]
    return "".join(parts)


def _overview(pages: Sequence[_Page]) -> Iterator[str]:
    yield "<table class='list'><tr><th>When</th><th>Where</th><th>What</th></tr>"
    for number, page in enumerate(pages, 1):
        link = f"<a href='#event-{number}'>{_safe(page.event['text'])}</a>"
        page.anchor = f"event-{number}"
        yield f"<tr><td>{page.when}</td><td>{page.where}</td><td>{link}</td></tr>"
    yield "</table>"


class _Page:
    """The part of one event."""

    def __init__(self, exhibit: Exhibit, places: Devices | None) -> None:
        self.exhibit = exhibit
        self.event: Event = event_of(exhibit.entry, redelivered=exhibit.entry.repeats > 0, with_raw=False)
        self.serial = str(self.event.get("device") or "")
        self.anchor = ""
        self.name = places.name_of(self.serial) if places is not None and self.serial else None
        site = places.site_of(self.serial) if places is not None and self.serial else None
        self.zone = zone_of(text_of(site.time_zone)) if site is not None else None

    @property
    def when(self) -> str:
        """When it happened, on the clock of its site, with UTC."""
        return _moment_of(self.event.get("time"), self.zone)

    @property
    def where(self) -> str:
        """Names of site and device."""
        site = self.event.get("site") or {}
        return ", ".join(_safe(name) for name in (site.get("name"), self.name or self.serial) if name)

    def section(self) -> Iterator[str]:
        """Yield its heading, its facts, its pictures."""
        tone = "over" if self.event.get("state") == "ended" else _safe(self.event.get("priority"))
        yield f"<section class='{tone}' id='{self.anchor}'><h2>{_safe(self.event['text'])}</h2><table>"
        for name, value in self._facts():
            if value:
                yield f"<tr><th>{name}</th><td>{value}</td></tr>"
        yield "</table>"
        yield from self._figures()
        yield "</section>"

    def _facts(self) -> Iterator[tuple[str, str]]:
        event, cid = self.event, self.event.get("cid") or {}
        site, source = event.get("site") or {}, event.get("source") or {}
        yield "When", f"{self.when}<br>{_small(_SOURCES.get(str(event.get('timeSource')), ''))}"
        yield "Received", _moment_of(event.get("received"), self.zone)
        yield "Site", _with_small(site.get("name"), site.get("id") and f"id {site['id']}")
        yield "Device", _with_small(self.name or self.serial, self.name and f"serial {self.serial}")
        yield "Account", _safe(event.get("account"))
        yield "Camera or channel", _numbered(event.get("channel"), event.get("channelName"))
        yield "Area", ", ".join(map(str, cid.get("areas") or ()))
        yield "Zone", _numbered(cid.get("zone"), cid.get("zoneName"))
        yield "User", _safe(cid.get("user"))
        yield (
            "Reported by",
            _numbered(source.get("number"), source.get("name"), str(source.get("kind") or "")),
        )
        yield (
            "Kind",
            f"{_safe(event.get('name'))}: {_safe(event.get('category'))}, priority {_safe(event.get('priority'))}",
        )
        yield "State", _safe(_STATES.get(str(event.get("state")), event.get("state")))
        yield "Code", self._code(cid)
        yield "Notes", "<br>".join(self._notes())
        if event.get("redelivered"):
            yield "Delivery", "The platform delivered this message more than once."
        yield "Event", f"<code>{_safe(event['id'])}</code>, entry {self.exhibit.place['seq']} of the journal"
        digest = self.exhibit.place["digest"]
        yield (
            "Message",
            f"SHA-256 <code>{digest}</code>" if digest else "The journal is older than its chain.",
        )

    def _code(self, cid: dict[str, Any]) -> str:
        if cid.get("code") is None:
            return ""
        standard = f"; Contact ID {_safe(cid['standard'])}" if cid.get("standard") else ""
        return f"{_safe(cid['code'])}: {_safe(cid.get('meaning'))}{standard}"

    def _notes(self) -> Iterator[str]:
        ack = self.event.get("ack")
        for note in [*ack["earlier"], ack] if ack else ():
            yield f"{_safe(note['note'])} {_small(_safe(note['user']) + ', ' + _moment_of(note['time'], self.zone))}"

    def _figures(self) -> Iterator[str]:
        for file in self.exhibit.files:
            link = html.escape(f"{self.exhibit.folder}/pictures/{file.name}", quote=True)
            shown = f"<img src='{link}' alt=''><br>" if file.suffix.lower() in _PICTURES else ""
            what = _small(f"<a href='{link}'>{_safe(file.name)}</a>, SHA-256 <code>{_digest(file)}</code>")
            yield f"<figure>{shown}<figcaption>{what}</figcaption></figure>"
        for picture in self.event.get("pictures") or ():
            if picture.get("state") != "saved":
                why = _NOT_SAVED.get(str(picture.get("state")), str(picture.get("state")))
                error = f" ({_safe(picture['error'])})" if picture.get("error") else ""
                yield f"<p class='small'>A picture is missing here: {why}{error}.</p>"


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _moment_of(value: object, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return _safe(value)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _moment(moment, zone or moment.tzinfo or UTC)


def _moment(moment: datetime, zone: tzinfo) -> str:
    """Return a time as people write it, and in UTC beside."""
    try:
        here, there = moment.astimezone(zone), moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return _safe(moment.isoformat())
    utc = f"{there:%Y-%m-%d %H:%M:%S} UTC"
    if not here.utcoffset():
        return utc
    return f"{here:%Y-%m-%d %H:%M:%S} (UTC{here.isoformat()[-6:]}) {_small(utc)}"


def _numbered(number: object, name: object, kind: str = "") -> str:
    return _safe(" ".join(str(part) for part in (kind, number, name) if part not in (None, "", 0)))


def _with_small(value: object, more: object) -> str:
    return f"{_safe(value)} {_small(_safe(more))}" if more else _safe(value)


def _small(text: str) -> str:
    return f"<span class='small'>{text}</span>" if text else ""


def _safe(value: object) -> str:
    """Return the text of a device as text of the page, kept apart from what surrounds it."""
    text = "" if value is None else html.escape(str(value), quote=True)
    return text if text.isascii() else f"<bdi>{text}</bdi>"
