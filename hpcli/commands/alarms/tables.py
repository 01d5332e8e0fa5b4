"""Tables of alarms, pictures and the journal."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.event.event import CID_FIELDS, EVENT_FIELDS, PICTURE_FIELDS
from hpcli.output import Column, Format, View, show_time
from hpcli.reference.value_kinds import FieldName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hpcli.alarms.event.sites import Sites
    from hpcli.output import Options

CATEGORY_STYLES: Final = {
    "panic": "bold red",
    "fire": "bold red",
    "medical": "bold red",
    "burglary": "bold red",
    "technical": "yellow",
    "tamper": "yellow",
    "fault": "yellow",
    "video": "cyan",
    "access": "green",
    "call": "magenta",
    "device": "blue",
}


def _time_shown(*, utc: bool, sites: Sites | None, has_offset: bool) -> Any:
    """Return a `show` function for times: in the zone of the device's site, else of the device; UTC with a Z."""
    from hpcli.alarms.event.fields import text_of
    from hpcli.alarms.event.times import zone_of

    def show(value: Any, row: Mapping[str, Any]) -> str:
        site = sites.site_of(str(row.get("device"))) if sites is not None and row.get("device") else None
        zone = zone_of(text_of(site.time_zone)) if site is not None else None
        return show_time(value, zone or _own_zone(value), utc=utc, has_offset=has_offset)

    return show


def _own_zone(value: Any) -> tzinfo | None:
    """Return the zone of a time with an offset, None for UTC."""
    try:
        zone = datetime.fromisoformat(str(value)).tzinfo
    except ValueError:
        return None
    return zone if zone is not None and zone.utcoffset(None) else None


def _place(_value: Any, row: Mapping[str, Any]) -> str:
    site = row.get("site") or {}
    return str(site.get("name") or row.get("device") or "")


def _category_shown(value: Any, row: Mapping[str, Any]) -> str:
    """Return the category of an event; a line about its pictures must not look like a second alarm."""
    return "media" if row.get("type") == "media" else str(value or "")


def _category_style(value: Any, _row: Mapping[str, Any]) -> str | None:
    return CATEGORY_STYLES.get(str(value))


def _text_with_files(value: Any, row: Mapping[str, Any]) -> str:
    files = [picture["file"] for picture in row.get("pictures") or () if picture.get("file")]
    return f"{value} · {', '.join(files)}" if files and row.get("type") == "media" else str(value or "")


def events_view_for(options: Options, sites: Sites | None = None) -> View:
    """Return the view of events for an output; csv and plain have offsets, as they are read by programs."""
    has_offset = options.format in (Format.CSV, Format.PLAIN)
    return events_view(utc=options.utc, sites=sites, has_offset=has_offset)


def event_fields() -> tuple[str, ...]:
    """Return the names that `--fields` accepts for events."""
    nested = (
        *(f"cid.{name}" for name in CID_FIELDS),
        "site.id",
        "site.name",
        *(f"ack.{name}" for name in ("time", "user", "note", "earlier")),
        *(f"pictures.{name}" for name in PICTURE_FIELDS),
        *(f"raw.{name}" for name in ("formatType", "deviceSerial", "alarmData")),
    )
    times = ("time", "received", "ack.time")
    return tuple(FieldName(name, "time" if name in times else None) for name in (*EVENT_FIELDS, *nested))


def events_view(*, utc: bool, sites: Sites | None = None, has_offset: bool = False) -> View:
    """Return the view of events, with times in the zone of the site if `sites` knows it, else of the device.

    Args:
        utc: show UTC in any case.
        sites: knows the zones of sites.
        has_offset: show the offset of each time.
    """
    return View(
        noun="event",
        id="id",
        columns=(
            Column(
                "TIME",
                "time",
                show=_time_shown(utc=utc, sites=sites, has_offset=has_offset),
                width=19,
                kind="time",
            ),
            Column("SITE", "site.name", show=_place, width=20, wide=True),
            Column("DEVICE", "device", width=9, priority=1),
            Column("CATEGORY", "category", show=_category_shown, style=_category_style, width=9),
            Column("TEXT", "text", show=_text_with_files, wide=True),
            Column("ID", "id"),
        ),
        fields=event_fields,
        words=_closed_lists,
        ranks=ranks,
    )


def ranks() -> Mapping[str, Sequence[str]]:
    """Return the values of alarms that have an order, from the least to the most."""
    from hpcli.reference.categories import PRIORITIES

    return {"priority": PRIORITIES[::-1]}


def _closed_lists() -> Mapping[str, Sequence[str]]:
    """Return the values of those fields of events that have few."""
    from hpcli.reference.categories import CATEGORIES, PRIORITIES

    return {"category": CATEGORIES, "priority": PRIORITIES, "state": ("new", "ended", "status")}


def _pictures_shown(*, is_fetching: bool) -> Any:
    """Return a `show` function for pictures: what became of each, and where it is."""

    def show(value: Any, _row: Mapping[str, Any]) -> str:
        counts: dict[str, int] = {}
        for picture in value or ():
            state = picture.get("state")
            if state == "pending" and not is_fetching:
                state = "not fetched (`hpcli alarms retry-pictures` saves it)"
            text = f"{state}: {picture.get('file') or picture.get('error') or picture.get('url')}"
            counts[text] = counts.get(text, 0) + 1
        return "; ".join(f"{count} × {text}" if count > 1 else text for text, count in counts.items())

    return show


def _notes_shown(show_time: Any) -> Any:
    """Return a `show` function for notes, with their times as `show_time` shows them."""

    def show(value: Any, row: Mapping[str, Any]) -> str:
        notes = [*value["earlier"], value] if value else []
        return "; ".join(f"{show_time(note['time'], row)} {note['user']}: {note['note']}" for note in notes)

    return show


def event_view(*, utc: bool, sites: Sites | None = None, is_fetching: bool = True) -> View:
    """Return the view of one complete event.

    Args:
        utc: show UTC in any case.
        sites: knows the zones of sites.
        is_fetching: pending pictures are being fetched; else they were not asked for.
    """
    when = _time_shown(utc=utc, sites=sites, has_offset=True)
    return View(
        noun="event",
        id="id",
        columns=(
            Column("ID", "id"),
            Column("TEXT", "text"),
            Column("TIME", "time", show=when, kind="time"),
            Column("TIME SOURCE", "timeSource"),
            Column("RECEIVED", "received", show=when, kind="time"),
            Column("TYPE", "type"),
            Column("NAME", "name"),
            Column("CATEGORY", "category", style=_category_style),
            Column("PRIORITY", "priority"),
            Column("STATE", "state"),
            Column("SITE", "site.name"),
            Column("DEVICE", "device"),
            Column("ACCOUNT", "account"),
            Column("CHANNEL", "channel"),
            Column("CHANNEL NAME", "channelName"),
            Column("CODE", "cid.code"),
            Column("CONTACT ID", "cid.standard"),
            Column("MEANING", "cid.meaning"),
            Column("AREAS", "cid.areas"),
            Column("ZONE", "cid.zone"),
            Column("ZONE NAME", "cid.zoneName"),
            Column("USER", "cid.user"),
            Column("PICTURES", "pictures", show=_pictures_shown(is_fetching=is_fetching)),
            Column("NOTES", "ack", show=_notes_shown(when)),
            Column("BATCH", "batch"),
            Column("RAW", "raw"),
        ),
        fields=event_fields,
    )


RETRIES = View(
    noun="failed picture",
    id="file",
    columns=(
        Column("EVENT", "event"),
        Column("STATE", "state"),
        Column("FILE", "file", wide=True, wraps=True),
        Column("ERROR", "error", wide=True, wraps=True),
    ),
    fields=lambda: ("event", "url", "state", "file", "error"),
)

TYPES = View(
    noun="event type",
    id="type",
    columns=(
        Column("TYPE", "type"),
        Column("FORMAT", "format", priority=2),
        Column("CATEGORY", "category", style=_category_style),
        Column("PRIORITY", "priority", priority=2),
        Column("NAME", "name", priority=1),
        Column("MEANING", "meaning", wide=True, wraps=True),
    ),
    fields=lambda: ("type", "format", "category", "priority", "name", "meaning"),
    ranks=ranks,
)

LINKS = View(
    noun="link",
    id="pictureUrl",
    columns=(Column("URL", "pictureUrl"), Column("ENCRYPTED", "encrypt")),
    fields=lambda: ("pictureUrl", "encrypt"),
)

_FILE_FIELDS = ("file", "source", "encryption", "extension", "size", "isWhole", "form")
FILES = View(
    noun="picture",
    id="file",
    columns=(
        Column("FILE", "file"),
        Column("FROM", "source", priority=2),
        Column("ENCRYPTION", "encryption"),
        Column("BYTES", "size"),
        Column("WHOLE", "isWhole", priority=1),
    ),
    fields=lambda: _FILE_FIELDS,
)
