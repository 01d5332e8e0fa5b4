"""The screen of `alarms tail` and `alarms history`: lines of events that fit the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from hpcli.alarms.event.fields import text_of
from hpcli.alarms.event.times import zone_of
from hpcli.alarms.screen.event_line import draw_line, moment_of, names_of, span_text, time_text
from hpcli.alarms.screen.fold import Folded, are_equal, fold
from hpcli.alarms.screen.layout import has_room_for_numbers, plan_line

if TYPE_CHECKING:
    from hpcli.alarms.event.event import Event
    from hpcli.alarms.event.sites import Devices
    from hpcli.output import Options

_MEASURED: Final = 500
"""Events that are looked at to see whether their zones are mixed."""

_LEAST_DIGITS: Final = 4

_BACK_UP: Final = "\x1b[{rows}A\r\x1b[J"
"""Clears the last rows. It comes before what takes their place: after a full line it would clear its last character."""


class Drawn(NamedTuple):
    """An event on the terminal, and the rows that it takes there."""

    folded: Folded
    text: str

    @property
    def rows(self) -> int:
        """How many they are."""
        return self.text.count("\n") + 1


@dataclass
class Screen:
    """Draws events.

    Args:
        options: of the output.
        sites: knows where devices are and what they are called.
        width: width of the terminal now, None for no limit.
        height: its height now.
        spoken: how many lines were written to stderr so far, which may stand on the same terminal.
        now: the current time.
        folder: that relative paths of pictures begin at.
        zone: of the person who reads; None for that of this computer.
    """

    options: Options
    sites: Devices | None
    width: Callable[[], int | None]
    height: Callable[[], int]
    spoken: Callable[[], int]
    now: Callable[[], datetime]
    folder: Path
    zone: tzinfo | None = None
    _offsets: set[timedelta | None] = field(default_factory=set)
    _recent: list[Drawn] = field(default_factory=list)
    _spoken_before: int = 0
    _last_width: int | None = None
    _digits: int = _LEAST_DIGITS

    def history(self, events: Iterable[Event]) -> Iterator[str]:
        """Yield the lines of a list of events; equal ones in a row are one line."""
        source = iter(events)
        first = list(islice(source, _MEASURED))
        self._note_offsets(first)
        following = chain(first, source)
        for folded in fold(following) if self.options.is_terminal else map(Folded, following):
            self._note_offsets([folded.event])
            yield self._draw(folded) + "\n"

    def page(self, events: Sequence[Event]) -> str:
        """Return the lines of the next events of a tail.

        An event equal to the last one changes the line of that; pictures change the line of their event, as long as
        the terminal shows it, nothing else was written after it, and its width is the same.
        """
        if not self._offsets and self.sites is not None:
            self._note_zones(self.sites.zones())
        self._note_offsets(events)
        if not self.options.is_terminal:
            return "".join(self._draw(Folded(event)) + "\n" for event in events)
        before = self._changeable()
        lines = [drawn.folded for drawn in before]
        unchanged = len(lines)
        for folded in fold(events):
            place, merged = _merged(lines, folded)
            lines[place:] = [merged, *lines[place + 1 :]]
            unchanged = min(unchanged, place)
        shown = [Drawn(folded, self._draw(folded)) for folded in lines[unchanged:]]
        rows = sum(drawn.rows for drawn in before[unchanged:])
        self._recent = [*before[:unchanged], *shown]
        self._spoken_before, self._last_width = self.spoken(), self.width()
        return _BACK_UP.format(rows=rows) * (rows > 0) + "".join(f"{drawn.text}\n" for drawn in shown)

    def _changeable(self) -> list[Drawn]:
        """Return the events that the terminal still shows as they were drawn."""
        if self._spoken_before != self.spoken() or self._last_width != self.width():
            return []
        room = self.height() - 1
        kept: list[Drawn] = []
        for drawn in reversed(self._recent):
            room -= drawn.rows
            if room < 0:
                break
            kept.append(drawn)
        return kept[::-1]

    def _draw(self, folded: Folded) -> str:
        event, options = folded.event, self.options
        has_offset = len(self._offsets) > 1 and not options.utc
        number = self._number_of(event)
        widths = plan_line(self.width(), has_offset=has_offset, number=len(number))
        moment = moment_of(event, self.sites, utc=options.utc)
        time = (
            str(event.get("time") or "")
            if moment is None
            else time_text(moment, is_short=widths.is_short, has_offset=has_offset, year=self.now().year)
        )
        link = self._picture_of(event) if options.is_terminal and options.color else None
        return draw_line(
            folded,
            time + number,
            names_of(event, self.sites),
            widths,
            color=options.color,
            link=link,
            until="" if moment is None else self._until(folded, moment),
        )

    def _number_of(self, event: Event) -> str:
        """Return the number of an event as it follows the time, as wide as those before; nothing on a narrow line."""
        if "number" not in event or not has_room_for_numbers(self.width()):
            return ""
        self._digits = max(self._digits, len(str(event["number"])))
        return f" {'#' + str(event['number']):>{self._digits + 1}}"

    def _until(self, folded: Folded, first: datetime) -> str:
        """Return when the last of several equal events happened; nothing if in the same second as the first."""
        last = None if folded.last is None else moment_of(folded.last, self.sites, utc=self.options.utc)
        return "" if last is None else span_text(first, last)

    def _picture_of(self, event: Event) -> Path | None:
        """Return the first picture that was saved."""
        files = [picture.get("file") for picture in event.get("pictures") or () if picture.get("file")]
        return (self.folder / str(files[0])).absolute() if files else None

    def _note_zones(self, zones: Iterable[object]) -> None:
        """Note the offsets of all sites: alarms of any of them may follow."""
        for time_zone in zones:
            zone = zone_of(text_of(time_zone))
            if zone is not None:
                self._offsets.add(self.now().astimezone(zone).utcoffset())

    def _note_offsets(self, events: Iterable[Event]) -> None:
        """Note the offsets of events, and what the clock of the person who reads them showed."""
        for event in events:
            moment = moment_of(event, self.sites, utc=self.options.utc)
            if moment is None:
                continue
            self._offsets.add(moment.utcoffset())
            if moment.utcoffset():  # else it has a Z anyway
                with suppress(OverflowError, ValueError, OSError):  # at the ends of the calendar
                    self._offsets.add(moment.astimezone(self.zone).utcoffset())


def _merged(lines: Sequence[Folded], next_one: Folded) -> tuple[int, Folded]:
    """Return what an event makes of one of the lines before it, and which; else itself as the line after them."""
    event = next_one.event
    if lines and are_equal(lines[-1].event, event):
        times = lines[-1].times + next_one.times
        return len(lines) - 1, lines[-1]._replace(times=times, last=next_one.last or event)
    if event["type"] == "media":
        for place in reversed(range(len(lines))):
            earlier = lines[place]
            if earlier.event["id"] == event["id"] and earlier.times == 1 and earlier.event["type"] != "media":
                return place, Folded({**earlier.event, "pictures": event["pictures"]})
    return len(lines), next_one
