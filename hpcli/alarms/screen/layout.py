"""How the parts of a line share its width. Widths count the cells of a terminal.

Long names are shortened so that an event fits one line. If that is not enough, it takes a second line for the rest of
its text, which is cut only where that one is full.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hpcli.output.layout import cells_of, cut_text, shorten
from hpcli.output.text import isolate_right_to_left

_OFFSET: Final = len("+01:00")
_SHORT_OFFSET: Final = len("+01")
_FULL_TIME: Final = len("2026-11-22 14:30:12")
_SHORT_TIME: Final = len("11-22 14:30:12")
_MARK: Final = len(" !! ")
_NUMBERED: Final = 100
_MEDIUM: Final = 110
_WIDE: Final = 150
_NAMES: Final = 30
_LEAST_NAMES: Final = 12
_LEAST_TEXT: Final = 16
_MOST_HEAD: Final = 24
_BETWEEN: Final = " · "
_GAP: Final = "  "


class Widths(NamedTuple):
    """The parts of a line.

    Attributes:
        time: of the time with its offset, if it has one.
        is_short: the time has no year.
        site: of the column of sites.
        device: of the column of devices; 0 if both share the column of `site`.
        line: of the whole line, None for no limit.
    """

    time: int
    is_short: bool
    site: int
    device: int
    line: int | None


class Parts(NamedTuple):
    """What follows time and mark: the names, the text beside them, and the rest of the text below, from that column."""

    place: str
    text: str
    rest: str = ""
    below: int = 0


def has_room_for_numbers(width: int | None) -> bool:
    """Return whether lines of that width have the number of their event."""
    return width is None or width >= _NUMBERED


def plan_line(width: int | None, *, has_offset: bool, number: int = 0) -> Widths:
    """Return the widths for a terminal.

    Args:
        width: of the terminal; None for no limit.
        has_offset: times have their offset.
        number: width of the number behind the time, with the blank before it.
    """
    if width is None or width >= _WIDE:
        time = _FULL_TIME + _OFFSET * has_offset + number
        return Widths(time=time, is_short=False, site=26, device=26, line=width)
    time = _SHORT_TIME + _SHORT_OFFSET * has_offset + number
    if width >= _MEDIUM:
        return Widths(time=time, is_short=True, site=18, device=18, line=width)
    shared = max(_LEAST_NAMES, min(_NAMES, width - time - _MARK - len(_GAP) - _LEAST_TEXT))
    return Widths(time=time, is_short=True, site=shared, device=0, line=width)


def indent_of(time: int) -> int:
    """Return where names begin after a time of that width."""
    return time + _MARK


def share_line(names: tuple[str, str], text: str, extra: int, widths: Widths, time: int) -> Parts:
    """Give names and text their room.

    Args:
        names: of site and device.
        text: of the event.
        extra: width of what follows the text.
        widths: of the parts.
        time: width of the time.
    """
    columns = widths.site + (widths.device and len(_GAP) + widths.device)
    if widths.line is None:
        return Parts(_pad(_join(*names, widths), columns), text)
    room = max(2, widths.line - indent_of(time) - len(_GAP) - extra)
    left = room - cells_of(text)
    least = min(columns, cells_of(_join(*names, widths)))
    if left >= least:
        return Parts(_pad(_join(*names, widths, left), min(columns, left)), text)
    if widths.device:
        site, device = names
        place = f"{pad(site, widths.site)}{_GAP}{pad(device, widths.device)}"
        below = indent_of(time) + columns + len(_GAP)
    else:
        head = min(_MOST_HEAD, cells_of(text.partition(_BETWEEN)[0]), room // 2)
        place = _pad(_join(*names, widths, room - head), min(columns, room - head))
        below = indent_of(time)
    first, rest = split_text(text, room - cells_of(place))
    return Parts(place, first, cut_text(rest, max(1, widths.line - below)), below)


def split_text(text: str, width: int) -> tuple[str, str]:
    """Split a text into what fits a width and the rest: between facts, else words, else anywhere."""
    if cells_of(text) <= width:
        return text, ""
    for between in (_BETWEEN, " "):
        place = len(text)
        while (place := text.rfind(between, 0, place)) > 0:
            if cells_of(text[:place]) <= width:
                return text[:place], text[place + len(between) :]
    place = next((place for place in range(len(text), 0, -1) if cells_of(text[:place]) <= width), 0)
    return text[:place], text[place:]


def pad(text: str, width: int) -> str:
    """Shorten a text to a width, and fill it with blanks."""
    return _pad(isolate_right_to_left(shorten(text, width)), width)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - cells_of(text))


def _join(site: str, device: str, widths: Widths, room: int | None = None) -> str:
    """Return both names, in columns if there are any; where room is short the longer one is shortened first."""
    between = _GAP if widths.device else _BETWEEN
    if not widths.device and not (site and device):
        only = site or device
        return isolate_right_to_left(only if room is None else shorten(only, room))
    column = widths.site if widths.device else 0
    for_site, for_device = max(column, cells_of(site)), cells_of(device)
    if room is not None:
        room -= len(between)
        for_device = min(for_device, max(room // 2, room - for_site))
        for_site = min(for_site, room - for_device)
    first = isolate_right_to_left(shorten(site, for_site))
    return f"{_pad(first, for_site if column else 0)}{between}{isolate_right_to_left(shorten(device, for_device))}"
