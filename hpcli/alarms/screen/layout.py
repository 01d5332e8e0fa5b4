"""How wide the parts of a line are. Widths count the cells of a terminal."""

from __future__ import annotations

from typing import Final, NamedTuple

from hpcli.output.layout import cells_of, cut_text
from hpcli.output.text import isolate_right_to_left

_OFFSET: Final = len("+01:00")
_SHORT_OFFSET: Final = len("+01")
_FULL_TIME: Final = len("2026-11-22 14:30:12")
_SHORT_TIME: Final = len("11-22 14:30:12")
_MARK: Final = len("!!")
_MEDIUM: Final = 100
_WIDE: Final = 150
_LEAST_NAMES: Final = 12
_LEAST_TEXT: Final = 16
_BETWEEN: Final = " · "


class Widths(NamedTuple):
    """The parts of a line.

    Attributes:
        time: of the time with its offset, if it has one.
        is_short: the time has no year.
        site: of the name of the site.
        device: of the name of the device; 0 if both share the width of `site`.
        line: of the whole line, None for no limit.
    """

    time: int
    is_short: bool
    site: int
    device: int
    line: int | None


def plan_line(width: int | None, *, has_offset: bool) -> Widths:
    """Return the widths for a terminal; None for no limit."""
    offset = _OFFSET * has_offset
    if width is None or width >= _WIDE:
        return Widths(time=_FULL_TIME + offset, is_short=False, site=26, device=26, line=width)
    if width >= _MEDIUM:
        return Widths(time=_FULL_TIME + offset, is_short=False, site=18, device=18, line=width)
    names = 22 if has_offset else 24
    time = _SHORT_TIME + _SHORT_OFFSET * has_offset
    gaps = 1 + _MARK + 1 + 2
    shared = max(_LEAST_NAMES, min(names, width - time - gaps - _LEAST_TEXT))
    return Widths(time=time, is_short=True, site=shared, device=0, line=width)


def pad(text: str, width: int) -> str:
    """Cut a text to a width, and fill it with blanks."""
    shown = cut_text(text, width)
    return isolate_right_to_left(shown) + " " * (width - cells_of(shown))


def join_names(site: str, device: str, width: int) -> str:
    """Return both names in one width; the longer one is cut first, none vanishes."""
    if not site or not device:
        return pad(site or device, width)
    room = width - len(_BETWEEN)
    half = room // 2
    for_device = min(cells_of(device), max(half, room - cells_of(site)))
    for_site = room - for_device
    first, second = cut_text(site, for_site), cut_text(device, for_device)
    filling = " " * (room - cells_of(first) - cells_of(second))
    return f"{isolate_right_to_left(first)}{_BETWEEN}{isolate_right_to_left(second)}{filling}"
