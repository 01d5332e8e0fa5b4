"""One event as one line: time, mark, site and device, text, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.event.fields import text_of
from hpcli.alarms.event.times import zone_of
from hpcli.alarms.screen.layout import Widths, pad, share_line
from hpcli.output.layout import cells_of
from hpcli.output.state_styles import paint
from hpcli.output.text import escape_controls, isolate_right_to_left

if TYPE_CHECKING:
    from hpcli.alarms.event.event import Event
    from hpcli.alarms.event.sites import Devices
    from hpcli.alarms.screen.fold import Folded

_MARKS: Final = {"critical": "!!", "high": "!"}
_OVER: Final = "✓"
_ELSE: Final = "·"
_STYLES: Final = {"critical": "bold red", "high": "yellow"}
_PICTURES: Final = (("saved", "▣"), ("pending", "▢"), ("locked", "▨"), ("failed", "✖"))
"""The shape of pictures in each state: there, not fetched, without a key, not to be had."""


def moment_of(event: Event, sites: Devices | None, *, utc: bool) -> datetime | None:
    """Return when an event happened on the clock of its site, else of its device; None if that is unreadable."""
    try:
        moment = datetime.fromisoformat(str(event.get("time")))
        if moment.tzinfo is None or utc:
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        return moment.astimezone(_zone_at(event, sites) or moment.tzinfo)
    except (ValueError, OverflowError):
        return None


def _zone_at(event: Event, sites: Devices | None) -> tzinfo | None:
    site = sites.site_of(str(event["device"])) if sites is not None and event.get("device") else None
    return zone_of(text_of(site.time_zone)) if site is not None else None


def time_text(moment: datetime, *, is_short: bool, has_offset: bool, year: int) -> str:
    """Return a time; a short one without its year, if that is the current one."""
    whole = moment.isoformat(" ", "seconds")
    shown = whole[:19]
    if is_short:
        shown = whole[5:19] if moment.year == year else whole[:16]
    if has_offset:
        offset = moment.isoformat()[-6:]
        return shown + (offset.removesuffix(":00") if is_short else offset)
    return shown if moment.utcoffset() else shown + "Z"


def span_text(first: datetime, last: datetime) -> str:
    """Return the end of a time that begins at `first`, as far as it differs: `to 14:35:02`, `to 11-29 03:10:00`."""
    if first.replace(microsecond=0) == last.replace(microsecond=0):
        return ""
    day = "" if first.date() == last.date() else "%m-%d " if first.year == last.year else "%Y-%m-%d "
    return f"{'to' if last > first else 'from'} {last.strftime(day + '%H:%M:%S')}"


def names_of(event: Event, sites: Devices | None) -> tuple[str, str]:
    """Return the names of site and device; the serial of a device without a name."""
    serial = str(event.get("device") or "")
    name = sites.name_of(serial) if sites is not None and serial else None
    site = event.get("site") or {}
    return str(site.get("name") or ""), name or serial


def mark_of(event: Event) -> str:
    """Return the sign of what is over, else of the priority; it needs no colour."""
    if event.get("state") == "ended":
        return _OVER
    return _MARKS.get(str(event.get("priority")), _ELSE)


def style_of(event: Event) -> str | None:
    """Return the style of an event."""
    if event.get("state") == "ended" or event.get("type") == "media":
        return "dim"
    return _STYLES.get(str(event.get("priority")))


def draw_line(
    folded: Folded,
    time: str,
    names: tuple[str, str],
    widths: Widths,
    *,
    color: bool,
    link: Path | None,
    until: str = "",
) -> str:
    """Return the line of an event without its line end, or its two lines.

    Args:
        folded: the event, and how many equal ones follow each other.
        time: when it happened, as it is shown.
        names: of site and device.
        widths: of the parts.
        color: use colours.
        link: the picture that a terminal opens; None for no link.
        until: when the last of several equal events happened.
    """
    event, style = folded.event, style_of(folded.event) or ""
    is_media = event.get("type") == "media"
    extra = _extra_of(folded, until)
    text = escape_controls(_media_text(event, widths) if is_media else str(event.get("text") or ""))
    site, device = map(escape_controls, names)
    used = max(widths.time, cells_of(time))
    parts = share_line(
        (site if site or device else "-", device),
        text,
        cells_of(extra) + 2 * bool(extra),
        widths,
        used,
    )
    when = paint(pad(time, used), "dim" if style == "dim" else "", color=color)
    mark = paint(pad(" " if is_media else mark_of(event), 2), style, color=color)
    shown = [
        f"{when} {mark} {paint(parts.place, style, color=color)}",
        paint(isolate_right_to_left(parts.text), style, color=color),
    ]
    if extra:
        painted = paint(extra, style, color=color)
        shown.append(f"\x1b]8;;{link.as_uri()}\x1b\\{painted}\x1b]8;;\x1b\\" if link else painted)
    line = "  ".join(shown)
    if not parts.rest:
        return line
    return f"{line}\n{' ' * parts.below}{paint(isolate_right_to_left(parts.rest), style, color=color)}"


def _extra_of(folded: Folded, until: str) -> str:
    pictures = pictures_text(folded.event.get("pictures") or ())
    return " ".join(filter(None, (pictures, f"×{folded.times}" * (folded.times > 1), until)))


def _media_text(event: Event, widths: Widths) -> str:
    files = [str(picture["file"]) for picture in event.get("pictures") or () if picture.get("file")]
    return f"pictures: {', '.join(files)}" if files and widths.line is None else "pictures"


def pictures_text(pictures: Sequence[Mapping[str, Any]]) -> str:
    """Return how many pictures are there, and how many are not: `▣ 2 ✖ 1`."""
    counts = [
        (shape, sum(picture.get("state") == state for picture in pictures)) for state, shape in _PICTURES
    ]
    return " ".join(f"{shape} {count}" for shape, count in counts if count)
