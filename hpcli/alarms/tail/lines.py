"""Print entries of the journal in the formats of `-o`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpcli.alarms.journal.entries import Entry, event_of, line_of, numbered_event

if TYPE_CHECKING:
    from hpcli.alarms.screen.screen import Screen
    from hpcli.output import Options, Printer, View


@dataclass
class EventLines:
    """Prints entries page by page.

    Args:
        printer: writes to stdout.
        view: columns.
        with_raw: whether events have their raw message.
        screen: draws the lines of a table.
        has_numbers: whether lines have the number of their event: there is a journal where it can be looked up.
    """

    printer: Printer
    view: View
    with_raw: bool = True
    screen: Screen | None = None
    has_numbers: bool = True
    _is_first: bool = True
    _kept: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_deferred(self) -> bool:
        """Whether nothing is written before `finish`: json and xlsx are written as a whole."""
        return self.printer.format in ("json", "xlsx")

    @property
    def written(self) -> int:
        """The number of bytes that the system took so far."""
        return self.printer.written

    def render(self, page: Sequence[tuple[Entry, bool]]) -> list[bytes]:
        """Return entries as they are printed, one piece each; with each entry, whether it may have been printed before.

        The lines of a table are the last piece, because lines may stand for several entries; what is deferred has none.
        """
        printer = self.printer
        if is_whole_ndjson(printer.options):
            return [
                printer.encode(line_of(entry, redelivered=again, with_raw=self.with_raw))
                for entry, again in page
            ]
        if self.screen is not None and is_plain_table(printer.options):
            make = numbered_event if self.has_numbers else event_of
            events = [make(entry, redelivered=again) for entry, again in page]
            return [*[b""] * (len(events) - 1), printer.encode(self.screen.page(events))]
        events = [event_of(entry, redelivered=again, with_raw=self.with_raw) for entry, again in page]
        if self.is_deferred:
            self._kept += events
            return []
        if printer.format == "table":
            return [*[b""] * (len(events) - 1), self._part(events)]
        return [self._part([event]) for event in events]

    def put(self, data: bytes) -> None:
        """Print rendered entries. Raises like `Printer.ready`."""
        self.printer.ready(data)

    def write(self, page: Sequence[tuple[Entry, bool]]) -> None:
        """Render and print entries."""
        self.put(b"".join(self.render(page)))

    def finish(self) -> None:
        """Print what was held back until the end."""
        if self.is_deferred:
            self.printer.rows(self._kept, self.view)

    def _part(self, events: Sequence[dict[str, Any]]) -> bytes:
        is_first, self._is_first = self._is_first, False
        return self.printer.part(events, self.view, is_first=is_first)


def is_whole_ndjson(options: Options) -> bool:
    """Return whether events are printed as ndjson with all their fields."""
    return options.format == "ndjson" and not options.fields and options.query is None


def is_plain_table(options: Options) -> bool:
    """Return whether events are printed as lines for people, not as columns of the user's choice."""
    return options.format == "table" and not options.fields and options.query is None
