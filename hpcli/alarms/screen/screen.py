"""The screen of `alarms tail` and `alarms history`: lines of events that fit the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hpcli.alarms.event.fields import text_of
from hpcli.alarms.event.times import zone_of
from hpcli.alarms.screen.event_line import draw_line, moment_of, names_of, time_text
from hpcli.alarms.screen.fold import Folded, are_equal, fold
from hpcli.alarms.screen.layout import plan_line

if TYPE_CHECKING:
    from hpcli.alarms.event.event import Event
    from hpcli.alarms.event.sites import Devices
    from hpcli.output import Options

_MEASURED: Final = 500
"""Events that are looked at to see whether their zones are mixed."""

_UP: Final = "\x1b[1A\r"
_CLEAR: Final = "\x1b[K"


@dataclass
class Screen:
    """Draws events.

    Args:
        options: of the output.
        sites: knows where devices are and what they are called.
        width: width of the terminal now, None for no limit.
        spoken: how many lines were written to stderr so far, which may stand on the same terminal.
        now: the current time.
        folder: that relative paths of pictures begin at.
    """

    options: Options
    sites: Devices | None
    width: Callable[[], int | None]
    spoken: Callable[[], int]
    now: Callable[[], datetime]
    folder: Path
    _offsets: set[timedelta | None] = field(default_factory=set)
    _last: Folded | None = None
    _spoken_before: int = 0

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

        An event equal to that of the last line, and the pictures of that event, change the last line, unless
        something was written after it.
        """
        if not self._offsets and self.sites is not None:
            self._note_zones(self.sites.zones())
        self._note_offsets(events)
        if not self.options.is_terminal:
            return "".join(self._draw(Folded(event)) + "\n" for event in events)
        last = self._last if self._spoken_before == self.spoken() else None
        lines: list[Folded] = []
        changes_last = False
        for folded in fold(events):
            merged = _merged(last, folded)
            if merged is None:
                lines.append(folded)
            elif lines:
                lines[-1] = merged
            else:
                lines, changes_last = [merged], True
            last = lines[-1]
        shown = [self._draw(folded) for folded in lines]
        self._last, self._spoken_before = last, self.spoken()
        if changes_last:
            shown[0] = f"{_UP}{shown[0]}{_CLEAR}"
        return "".join(f"{line}\n" for line in shown)

    def _draw(self, folded: Folded) -> str:
        event, options = folded.event, self.options
        has_offset = len(self._offsets) > 1 and not options.utc
        widths = plan_line(self.width(), has_offset=has_offset)
        moment = moment_of(event, self.sites, utc=options.utc)
        time = (
            str(event.get("time") or "")
            if moment is None
            else time_text(moment, is_short=widths.is_short, has_offset=has_offset, year=self.now().year)
        )
        link = self._picture_of(event) if options.is_terminal and options.color else None
        return draw_line(folded, time, names_of(event, self.sites), widths, color=options.color, link=link)

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
        for event in events:
            moment = moment_of(event, self.sites, utc=self.options.utc)
            if moment is not None:
                self._offsets.add(moment.utcoffset())


def _merged(last: Folded | None, next_one: Folded) -> Folded | None:
    """Return what takes the place of the last line: more of the same, or its event with pictures; else None."""
    if last is None:
        return None
    event = next_one.event
    if are_equal(last.event, event):
        return last._replace(times=last.times + next_one.times)
    if event["type"] == "media" and event["id"] == last.event["id"] and last.times == 1:
        return Folded({**last.event, "pictures": event["pictures"]})
    return None
