"""Print entries of the journal in the formats of `-o`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpcli.alarms.journal.entries import Entry, event_of, line_of

if TYPE_CHECKING:
    from hpcli.output import Printer, View


@dataclass
class EventLines:
    """Prints entries page by page, each page with one write and one flush.

    Args:
        printer: writes to stdout.
        view: columns.
        with_raw: whether events have their raw message.
    """

    printer: Printer
    view: View
    with_raw: bool = True
    _is_first: bool = True
    _kept: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_deferred(self) -> bool:
        """Whether nothing is written before `finish`: json is written as a whole."""
        return self.printer.format == "json"

    def break_line(self) -> None:
        """End a line that a killed run may have begun; readers of lines ignore an empty one."""
        if not self.is_deferred:
            self.printer.ready("\n")

    def write(self, page: Sequence[tuple[Entry, bool]]) -> None:
        """Print entries; with each, whether it may have been printed before."""
        options = self.printer.options
        if self.printer.format == "ndjson" and not options.fields and options.query is None:
            lines = [line_of(entry, redelivered=again, with_raw=self.with_raw) for entry, again in page]
            self.printer.ready("".join(lines))
            return
        events = [event_of(entry, redelivered=again, with_raw=self.with_raw) for entry, again in page]
        if self.is_deferred:
            self._kept += events
            return
        self.printer.page(events, self.view, is_first=self._is_first)
        self._is_first = False

    def finish(self) -> None:
        """Print what was held back until the end."""
        if self.is_deferred:
            self.printer.rows(self._kept, self.view)
