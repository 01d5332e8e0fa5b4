"""Read the input of a command: lists, `@FILE`, stdin, secrets, answers to questions."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from hpcli.errors import InterruptedByUserError, LocalError, UsageError
from hpcli.names import normal
from hpcli.parse import parse_json

if TYPE_CHECKING:
    from hpcli.run.workbook_input import WorkbookSheet

_LINE_END = " \t\r\n\xa0\x1a"


class Inputs:
    """Reads values, secrets and answers from stdin, files and the terminal.

    Args:
        stdin: text stream.
        stderr: stream for questions.
        assume_yes: `--yes` was given.
        info: takes a notice.

    Attributes:
        files: the files that were read, whole path to SHA-256.
    """

    def __init__(
        self,
        stdin: TextIO,
        stderr: TextIO,
        *,
        assume_yes: bool = False,
        info: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.stdin = stdin
        self.stderr = stderr
        self.assume_yes = assume_yes
        self.info = info
        self.files: dict[str, str] = {}
        self._stdin_taken_by: str | None = None

    def read_list(self, values: Iterable[str], what: str, *, commas: bool = True) -> list[str]:
        """Return a list of values, given repeatedly, with commas, as `-` (stdin, one a line) or as `@FILE`.

        Lines that begin with `#` are comments.

        Args:
            values: the arguments.
            what: name of a value in messages.
            commas: whether a comma separates values; False for names, which may contain one.

        Raises:
            UsageError: stdin is read twice, or the list is empty.
            LocalError: the file cannot be read.
        """
        items: list[str] = []
        for value in values:
            if value == "-" or value.startswith("@"):
                items += [line for _, line in self.read_lines(value, what) if not line.startswith("#")]
            elif commas:
                items += [part.strip() for part in value.split(",")]
            else:
                items.append(value.strip())
        unique = list(dict.fromkeys(item for item in items if item and not item.startswith("# ")))
        if not unique:
            raise UsageError(f"No {what} was given.")
        return unique

    def read_text(self, value: str, what: str) -> str:
        """Return the text of `value`: of stdin for `-` and `@-`, of the file for `@FILE`, else the value itself."""
        from hpcli.run.text_input import decode_text

        content = self.read_given(value, what)
        return value if content is None else decode_text(content, what, _place(value))

    def read_table_text(self, value: str, what: str) -> str:
        """Return a text as `read_text` does, also one that a spreadsheet saved in Windows-1252, with a notice."""
        from hpcli.run.text_input import decode_lenient

        content = self.read_given(value, what)
        return value if content is None else decode_lenient(content, what, _place(value), self.info)

    def read_table(self, value: str, what: str) -> str | WorkbookSheet:
        """Return a table: CSV as `read_table_text` does, or the sheet of a workbook."""
        from hpcli.run.text_input import decode_lenient
        from hpcli.run.workbook_input import MARK, workbook_lines

        content = self.read_given(value, what) or b""
        if content.startswith(MARK):
            return workbook_lines(content, f"{what}{_place(value)}")
        return decode_lenient(content, what, _place(value), self.info)

    def read_lines(self, value: str, what: str) -> list[tuple[int, str]]:
        """Return number and stripped text of each line of `value`; see `read_table_text`.

        Raises:
            UsageError: a line has a control character; the message names line and column.
        """
        from hpcli.run.text_input import read_lines

        return list(read_lines(self.read_table_text(value, what), what))

    def read_bytes(self, value: str, what: str) -> bytes:
        """Return the bytes of `value`; see `read_text`."""
        content = self.read_given(value, what)
        return value.encode() if content is None else content

    def read_json(self, value: str, what: str) -> Any:
        """Return the JSON value of a text, of stdin (`-`) or of `@FILE`.

        Raises:
            UsageError: it is not JSON; the message names line and column.
        """
        text = self.read_text(value, what)
        try:
            return parse_json(text)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise UsageError(f"The {what} is not valid JSON: {error.msg} at {place}.") from error
        except ValueError as error:
            raise UsageError(f"The {what} has numbers that are too long, or is nested too deeply.") from error

    def read_secret(self, prompt: str, *, from_stdin: bool, option: str) -> str:
        """Return a secret: the first line of stdin without blanks at its end, or the answer at a hidden prompt.

        Args:
            prompt: text of the prompt.
            from_stdin: read stdin; blanks at the end of the line are left out, which editors and Windows leave there.
            option: the option that reads stdin, for the hint.

        Raises:
            UsageError: the user cannot be asked, or the secret is empty.
        """
        if from_stdin:
            self.claim_stdin(prompt)
            what = (
                prompt if prompt[:2].isupper() else prompt[:1].lower() + prompt[1:]
            )  # PIN, API key; else a word
            secret = self._read_stdin(self.stdin.readline, what).rstrip(_LINE_END)
        else:
            if not self.can_ask:
                raise UsageError(f"{prompt} is missing, and cannot be asked for here.", hint=f"Use {option}.")
            secret = self._ask_hidden(prompt)
        if not secret:
            raise UsageError(f"{prompt} is empty.")
        return secret

    def ask_line(self, prompt: str, hint: str) -> str:
        """Return a line typed at a prompt.

        Raises:
            UsageError: the user cannot be asked.
        """
        if not self.can_ask:
            raise UsageError(f"{prompt} is missing.", hint=hint)
        return self._ask(f"{prompt}: ").strip()

    def confirm(self, question: str, typed: str | None = None) -> None:
        """Ask for confirmation and return on yes.

        Args:
            question: one sentence with a question mark.
            typed: text that the user must type instead of yes.

        Raises:
            UsageError: the user cannot be asked; nothing was sent.
            InterruptedByUserError: the answer is no.
        """
        if self.assume_yes:
            return
        if not self.can_ask:
            raise UsageError(
                f"{question} Cannot ask for confirmation here: {self._why_not()}.",
                hint="Use --yes to skip the question.",
            )
        if typed is None:
            is_yes = self._ask(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        else:
            answer = self._ask(f"{question} Type '{typed}' to continue: ")
            is_yes = normal(answer.strip()) == normal(typed)
        if not is_yes:
            raise InterruptedByUserError("Nothing was changed.")

    @property
    def can_ask(self) -> bool:
        """Whether the user can be asked: stdin and stderr are terminals, and stdin is not used as input."""
        return self.stdin.isatty() and self.stderr.isatty() and self._stdin_taken_by is None

    def _why_not(self) -> str:
        """Return why the user cannot be asked."""
        if self._stdin_taken_by is not None:
            return f"stdin holds another input ({self._stdin_taken_by})"
        stream = "stderr" if self.stdin.isatty() else "stdin"
        return f"{stream} is not a terminal"

    def claim_stdin(self, what: str) -> None:
        """Claim stdin for one input.

        Raises:
            UsageError: another input already uses it.
        """
        if self._stdin_taken_by is not None:
            raise UsageError(
                f"{self._stdin_taken_by} and {what} cannot both come from stdin.", hint="Use @FILE for one."
            )
        self._stdin_taken_by = what

    def read_given(self, value: str, what: str) -> bytes | None:
        """Return the bytes of stdin for `-` and `@-`, of the file for `@FILE`, else None."""
        if value in ("-", "@-"):
            self.claim_stdin(what)
            return self.stdin.buffer.read()
        if not value.startswith("@"):
            return None
        content = read_file(Path(value[1:]), what)
        import hashlib  # few commands read a file, and it loads OpenSSL

        self.files[str(Path(value[1:]).expanduser().absolute())] = hashlib.sha256(content).hexdigest()
        return content

    def _read_stdin(self, read: Callable[[], str], what: str) -> str:
        """Return the text of stdin without a byte-order mark."""
        try:
            return read().removeprefix("\ufeff")
        except UnicodeDecodeError:
            # `from None`: the decoder's error contains the content.
            raise UsageError(f"The {what} on stdin is not UTF-8 text.") from None

    def _ask(self, prompt: str) -> str:
        from hpcli.output.text import break_lines, escape_controls

        question, mark, answer = escape_controls(prompt).rpartition("? ")
        width = get_terminal_size().columns
        asked = break_lines(question + mark.rstrip(), width)
        gap = "" if not mark else " " if len(asked.rpartition("\n")[2]) + len(answer) < width else "\n"
        self.stderr.write(asked + gap + answer)
        self.stderr.flush()
        line = self._read_stdin(self.stdin.readline, "answer")
        if not line:
            self.stderr.write("\n")
            raise InterruptedByUserError("Nothing was changed.")
        return line.rstrip("\r\n")

    def _ask_hidden(self, prompt: str) -> str:
        import getpass

        try:
            if sys.platform == "win32":
                return getpass.getpass(f"{prompt}: ")
            return getpass.getpass(f"{prompt}: ", stream=self.stderr)
        except EOFError as error:
            self.stderr.write("\n")
            raise InterruptedByUserError("Nothing was changed.") from error


def read_file(path: Path, what: str) -> bytes:
    """Return the bytes of a file.

    Raises:
        LocalError: the file cannot be read.
    """
    try:
        return path.expanduser().read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: `~user` of an unknown user
        reason = error.strerror if isinstance(error, OSError) else error
        raise LocalError(f"The {what} cannot be read: {path}: {reason}.") from error


def _place(value: str) -> str:
    return " on stdin" if value in ("-", "@-") else f" ({value[1:]})"
