"""Say beforehand how long a list of many pages takes, which else is silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from hpcli.client.paging import PagesRead
    from hpcli.run.job import Job
    from hpcli.run.messages import Messages
    from hpcli.run.selection import Selection
    from hpcli.run.settings import Settings

_NOUNS: Final = {"device/list": "devices", "site/search": "sites"}
_SILENT_SECONDS: Final = 4.0


class _Run(Protocol):
    selection: Selection
    job: Job

    @property
    def settings(self) -> Settings: ...

    @property
    def messages(self) -> Messages: ...


class LongLists:
    """Watches the lists of a run.

    Args:
        run: of the command.
    """

    def __init__(self, run: _Run) -> None:
        self._run = run

    def say(self, read: PagesRead) -> None:
        """Say before the second page how long all take by the call limit; a limit on rows ends the list early."""
        run, selection = self._run, self._run.selection
        seconds = read.last.pages / run.settings.get("call-rate")
        is_cut = selection.limit is not None and not selection.needs_all
        if read.number != 2 or seconds <= _SILENT_SECONDS or is_cut or run.job.says_beforehand:
            return
        noun = next((noun for part, noun in _NOUNS.items() if part in read.path), "rows")
        run.messages.info(f"Reading {read.last.total} {noun}: about {seconds:.0f} s, by the call limit.")
