"""What a run writes to stderr: notices, warnings, errors and the trace of `-v`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from hpcli.errors import HpcliError, InterruptedByUserError

if TYPE_CHECKING:
    from hpcli.run.settings import Settings


class Messages:
    """Writes lines for the user; several threads may use it.

    Args:
        stream: stderr.
        settings: the run's settings; --quiet and --output may be set after this object is made.

    Attributes:
        written: how many times something was written.
        bar: writes a line above the progress bar that is on the terminal; None without one.
    """

    def __init__(self, stream: TextIO, settings: Settings) -> None:
        self.stream = stream
        self.settings = settings
        self.written = 0
        self.bar: Callable[[str], None] | None = None
        self._lock = threading.Lock()

    @property
    def is_json(self) -> bool:
        """Whether notices, warnings and errors are JSON lines."""
        output = self.settings.flags.get("output") or ("json" if self.settings.flags.get("query") else None)
        if output is None:
            try:
                output = self.settings.get("output")
            except HpcliError:
                return False
        return output in ("json", "ndjson")

    def info(self, text: str) -> None:
        """Write a notice; --quiet silences it."""
        if not self.settings.flags.get("quiet"):
            self.warn(text)

    def warn(self, text: str) -> None:
        """Write a warning; --quiet does not silence it."""
        if self.is_json:
            self._write_object({"notice": text.strip()})
        else:
            self._write_text(text, is_prose=True)

    def rest(self, text: str, hint: str | None = None, **numbers: object) -> None:
        """Write how far a job came, with its numbers in JSON, and in text what to do about the rest."""
        if self.is_json:
            self._write_object({"notice": text, **numbers})
            return
        self._write_text(text, is_prose=True)
        if hint:
            self._write_text(f"hint: {hint}", is_prose=True)

    def failed(self, label: str, target: str, error: HpcliError, *, has_hint: bool = False) -> None:
        """Write that one of several targets failed: `SERIAL: message`.

        Args:
            label: names the target.
            target: its serial or id.
            error: what happened.
            has_hint: say what to do about it, too.
        """
        text = f"{label}: {error} {error.hint}" if has_hint and error.hint else f"{label}: {error}"
        if self.is_json:
            self._write_object({"notice": text, "target": target, "code": error.code})
        else:
            self._write_text(text, is_prose=True)

    def error(self, error: HpcliError) -> None:
        """Write the error that ends the run."""
        if self.is_json:
            self._write_object({"error": error.as_dict()})
        elif isinstance(error, InterruptedByUserError):
            self._write_text(str(error), is_prose=True)  # the user asked to stop: not an error
        else:
            self._write_text(f"error: {error}", is_prose=True)
            if error.hint:
                self._write_text(f"hint: {error.hint}", is_prose=True)

    def trace(self, text: str) -> None:
        """Write a line about a call on the wire, as text in every format."""
        self._write_text(text)

    def help(self, text: str) -> None:
        """Write help of several lines, as text in every format."""
        self._write_text(text, keep="\n")

    def _write_object(self, value: Mapping[str, Any]) -> None:
        from hpcli.output.json_text import json_line

        self._write(json_line(value))

    def _write_text(self, text: str, *, keep: str = "", is_prose: bool = False) -> None:
        """Write text with its control characters escaped, except those in `keep`; break prose between words."""
        from hpcli.output.text import break_lines, escape_controls

        shown = escape_controls(text, keep=keep)
        if is_prose and self._is_terminal:
            shown = break_lines(shown, get_terminal_size().columns)
        self._write(shown)

    @contextmanager
    def above(self, bar: Callable[[str], None]) -> Iterator[None]:
        """Write lines above a progress bar while the block runs; between its own lines they would be torn."""
        before, self.bar = self.bar, bar
        try:
            yield
        finally:
            self.bar = before

    @property
    def _is_terminal(self) -> bool:
        try:
            return self.stream.isatty()
        except (OSError, ValueError):  # stderr is closed
            return False

    def _write(self, line: str) -> None:
        with self._lock:
            self.written += 1
            try:
                if self.bar is not None:
                    self.bar(line)
                    return
                self.stream.write(line + "\n")
                self.stream.flush()
            except (OSError, ValueError):  # stderr is closed; the exit code still counts
                from hpcli.output.stdout_writer import abandon

                abandon(self.stream)
