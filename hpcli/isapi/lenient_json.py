"""JSON that is broken in places, read as far as it can be read, with a note of what was wrong and where.

For answers in which one bad byte must not cost its neighbours: a batch of alarms, a list of devices. Strict readers
come first; this one accepts bytes that are not UTF-8, control characters in strings, unknown escapes, leading zeros,
numbers of any length, missing and extra commas, a text that ends too early, and elements of a list that make no sense.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from hpcli.isapi.text import STRAY

LEVELS: Final = 64
"""Deeper values come as the text that they are."""

_LONGEST_NAME: Final = 40
_NO_LETTERS: Final = re.compile(r"[^A-Za-z0-9]+")
_MOST_DIGITS: Final = 640  # any limit of Python's (sys.set_int_max_str_digits) is above that
_JUNK_BEFORE: Final = 8
"""How far before a broken element the comma may be behind which the next row starts, if all but junk is missing."""

_ROW_HEAD: Final = 200
"""Characters in which the start of a row shows; looking further would take long where there are many broken rows."""

_MOST_SAID: Final = 3
_BLANKS: Final = re.compile(rf"[\s{STRAY}]*")
_GAP: Final = re.compile(rf"[\s{STRAY},]*")
_COMMAS: Final = re.compile(r"[\s\x00\ufeff,]*")
_STRAYS: Final = re.compile(r"[^\s\x00\ufeff,]")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_SCALAR: Final = re.compile(rf'[^\s,:"\[\]{{}}{STRAY}]++(?![{STRAY}]+[^\s,:"\[\]{{}}{STRAY}])')
"""A whole word or number: a stray character inside makes it neither."""
_LOOKED_AT: Final = 16
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_NOT_UTF8: Final = re.compile(r"[\udc80-\udcff]")
_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}|(.))', re.DOTALL)
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}
_OTHER_WORDS: Final[dict[str, Any]] = {
    "True": True, "False": False, "None": None, "NULL": None, "nan": None, "NaN": None, "undefined": None,
}  # fmt: skip
_STRAY_BRACKET: Final = re.compile(r"\}[\s,}]{0,64}[\[{\]]")
"""One behind which the list goes on or ends; before anything else it means that the end of the list is missing."""

_TO_COMMA: Final = re.compile(r"[^,\]}]*")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_bytes(body: bytes) -> str:
    """Return UTF-8 as text; a byte that is not UTF-8 is kept, for `Reading` to note where it stands."""
    if _is_wide(body):
        return body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")
    return body.decode("utf-8-sig", "surrogateescape")


def _is_wide(body: bytes) -> bool:
    """Whether it is UTF-16 or UTF-32: JSON begins with ASCII, so every other byte is NUL; a stray one means nothing."""
    begins = len(codecs.BOM_UTF16) if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else 0
    head = body[begins : begins + _LOOKED_AT]
    return any(head) and not (any(head[::2]) and any(head[1::2]))


def replace_bytes(text: str) -> str:
    """Return a text of `read_bytes` with U+FFFD for each byte that is not UTF-8."""
    return text if text.isascii() else _NOT_UTF8.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class UnreadableElement:
    """An element of a list that no reading makes sense of: its text, and what is wrong with it."""

    text: str
    problem: str

    def __str__(self) -> str:
        """Return the text, to be quoted."""
        return replace_bytes(self.text)


class _BrokenError(ValueError):
    """No reading makes sense of the text at this place."""


class _CutError(ValueError):
    """The text ends in the middle of a value."""


@dataclass
class Reading:
    """A text read leniently; `read_lenient` makes it.

    Attributes:
        values: what it holds, one value or several in a row.
        is_cut: it ends before its first value does.
        rest: the text of the element in which it ends, empty if it does not end in one.
        tail: what stands behind the values and is not JSON.
    """

    text: str
    row_start: re.Pattern[str] | None = None
    values: list[Any] = field(default_factory=list)
    is_cut: bool = False
    rest: str = ""
    tail: str = ""
    _at: int = 0
    _flaws: list[tuple[int, str]] = field(default_factory=list)
    _spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    _are_starts_over: bool = False

    def problem_of(self, elements: list[Any], index: int) -> str | None:
        """Return what is wrong with an element of a list of `values`, as a clause for people."""
        spans = self._spans.get(id(elements))
        if spans is None or index >= len(spans):
            return None
        start, end = spans[index]
        first = bisect_left(self._flaws, (start, ""))
        last = bisect_left(self._flaws, (end, ""))
        return (
            "; ".join(list(dict.fromkeys(what for _, what in self._flaws[first:last]))[:_MOST_SAID]) or None
        )

    def run(self) -> None:
        """Read the text. Raises ValueError where nothing can be read."""
        while self._at < len(self.text):
            start = self._at
            try:
                self.values.append(self._value(0, is_inside=False))
            except ValueError:
                if not self.values:
                    raise
                self.tail = self.text[start:]
                break
            self._skip()
        self._flaws.sort()
        if not self.values:
            raise _BrokenError

    def _skip(self, pattern: re.Pattern[str] = _BLANKS) -> str:
        """Pass blanks and return the character behind them, empty at the end."""
        found = pattern.match(self.text, self._at)
        assert found is not None  # it matches the empty text too
        if found.end() > self._at and (stray := _STRAYS.search(self.text, self._at, found.end())):
            self._note("a stray byte", stray.start())
        self._at = found.end()
        return self.text[self._at : self._at + 1]

    def _note(self, what: str, at: int | None = None) -> None:
        self._flaws.append((self._at if at is None else at, what))

    def _value(self, level: int, *, is_inside: bool) -> Any:
        sign = self._skip()
        if not sign:
            raise _CutError
        if sign in "{[" and level >= LEVELS:
            return self._deep()
        if sign == "{":
            return self._object(level, is_inside=is_inside)
        if sign == "[":
            return self._list(level, is_inside=is_inside)
        return self._string() if sign == '"' else self._scalar()

    def _object(self, level: int, *, is_inside: bool) -> dict[str, Any]:
        self._at += 1
        fields: dict[str, Any] = {}
        while True:
            sign = self._skip(_GAP)
            if sign == "}":
                self._at += 1
                return fields
            if is_inside and (sign == "]" or (sign == "{" and len(fields) > 1 and self._is_row_start())):
                self._note("a missing bracket", self._at - 1)
                return fields
            try:
                key = self._key(sign)
                fields[key] = self._value(level + 1, is_inside=is_inside)
            except _CutError:
                if is_inside:
                    raise
                self.is_cut = True
                return fields

    def _key(self, sign: str) -> str:
        if not sign:
            raise _CutError
        if sign == '"':
            key = self._string()
        else:
            self._note("a name without quotes")
            key = str(self._word())
        if self._skip() != ":":
            if self._at >= len(self.text):
                raise _CutError
            raise _BrokenError
        self._at += 1
        return key

    def _list(self, level: int, *, is_inside: bool) -> list[Any]:
        self._at += 1
        elements: list[Any] = []
        spans: list[tuple[int, int]] = []
        while True:
            sign = self._skip(_COMMAS)
            if sign == "]":
                self._at += 1
                break
            if sign == "}":
                self._note("a bracket too many or missing", self._at - 1)
                if _STRAY_BRACKET.match(self.text, self._at):
                    self._at += 1
                    continue
                break
            start = self._at
            try:
                elements.append(self._element(sign, level, start, is_inside=is_inside))
            except _CutError:
                if is_inside:
                    raise
                self.is_cut, self.rest, self._at = True, self.text[start:], len(self.text)
                break
            spans.append((start, max(self._at, start + 1)))
            self._skip()
        self._spans[id(elements)] = spans
        return elements

    def _element(self, sign: str, level: int, start: int, *, is_inside: bool) -> Any:
        """Read an element; in the outermost list a broken one is skipped up to the next."""
        if not sign:
            raise _CutError
        if self._skip() in (",", "]") and self._at > start:
            return UnreadableElement(self.text[start : self._at].rstrip(), "it is not JSON")
        try:
            return self._value(level + 1, is_inside=True)
        except (_BrokenError, _CutError) as error:
            if is_inside:
                raise
            end = self._next_start(start)
            if end is None:
                if isinstance(error, _CutError):
                    raise
                end = self._end_of_element(start)
            self._at = end
            return UnreadableElement(self.text[start:end].rstrip(" \t\r\n,"), "it is not JSON")

    def _is_row_start(self) -> bool:
        """Return whether the next row starts here."""
        if self.row_start is None:
            return False
        found = self.row_start.search(self.text, max(0, self._at - _JUNK_BEFORE), self._at + _ROW_HEAD)
        return found is not None and found.start(1) == self._at

    def _next_start(self, after: int) -> int | None:
        if self.row_start is None or self._are_starts_over:
            return None
        found = self.row_start.search(self.text, max(0, after - _JUNK_BEFORE))
        while found is not None and found.start(1) <= after:
            found = self.row_start.search(self.text, found.start() + 1)
        self._are_starts_over = found is None
        return None if found is None else found.start(1)

    def _end_of_element(self, start: int) -> int:
        """Return where a broken element ends: where its brackets are closed, else at the end of the text."""
        if self.text[start] in '{["':
            return self._balanced_end(start)
        found = _TO_COMMA.match(self.text, start + 1)
        assert found is not None  # it matches the empty text too
        return found.end()

    def _balanced_end(self, start: int) -> int:
        depth = 0
        for token in _TOKEN.finditer(self.text, start):
            depth += (token[0] in "[{") - (token[0] in "]}")
            if depth <= 0 and token[0] in "]}":
                return token.end() if depth == 0 else max(token.start(), start + 1)
        return len(self.text)

    def _deep(self) -> str:
        """Return an object or a list as its text."""
        start = self._at
        self._at = self._balanced_end(start)
        return self.text[start : self._at]

    def _string(self) -> str:
        found = _STRING.match(self.text, self._at)
        if found is None:
            raise _CutError
        text = found[1]
        if not text.isascii() and _NOT_UTF8.search(text):
            self._note("bytes that are not UTF-8")
            text = _NOT_UTF8.sub("\ufffd", text)
        if _CONTROL.search(text):
            self._note("a raw control character")
            text = _CONTROL.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)
        if "\\" in text:
            text = self._unescaped(text)
        self._at = found.end()
        return text

    def _unescaped(self, text: str) -> str:
        def known(escape: re.Match[str]) -> str:
            if escape[1] is None:
                return escape[0]
            self._note(
                f"the unknown escape \\{escape[1]}" if escape[1].isprintable() else "an unknown escape"
            )
            return "\\" + escape[0]

        return str(json.loads(f'"{_ESCAPE.sub(known, text)}"'))

    def _word(self) -> str:
        found = _SCALAR.match(self.text, self._at)
        if found is None:
            raise _BrokenError
        self._at = found.end()
        return found[0]

    def _scalar(self) -> Any:
        start = self._at
        word = self._word()
        if self._at >= len(self.text):  # more of it may have been cut off
            raise _CutError
        if word in _WORDS:
            return _WORDS[word]
        try:
            value = json.loads(word)
        except ValueError:
            value = self._odd_scalar(word, start)
        if isinstance(value, float) and not math.isfinite(value):
            self._note("a number out of range", start)
            return word
        return value

    def _odd_scalar(self, word: str, start: int) -> Any:
        if word in _OTHER_WORDS:
            self._note(f"the word {word}", start)
            return _OTHER_WORDS[word]
        digits = word.lstrip("+-")
        if not (digits[:1].isdigit() or digits[:1] == ".") or not digits.isascii():
            raise _BrokenError
        self._note(
            f"a number of {len(digits)} digits" if len(digits) > _MOST_DIGITS else "an odd number", start
        )
        sign = "-" if word.startswith("-") else ""
        if digits.isdigit() and len(digits) <= _MOST_DIGITS:
            return int(sign + digits)
        try:
            return float(word) if len(digits) <= _MOST_DIGITS else word
        except ValueError:
            return word


def name_like(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a damaged one must be, in any capitals: each run of other signs may be one letter."""
    bare = name.strip()
    if len(bare) > _LONGEST_NAME:
        return None
    pattern = re.compile(_NO_LETTERS.sub(".?", bare), re.IGNORECASE)
    return next((candidate for candidate in known if pattern.fullmatch(candidate)), None)


def read_lenient(text: str, row_start: re.Pattern[str] | None = None) -> Reading:
    """Read JSON leniently.

    Args:
        text: of `read_bytes`, or any.
        row_start: finds, with its first group, where an element of the outermost list begins, so that a broken
            element costs itself only.

    Raises:
        ValueError: nothing of it can be read.
    """
    reading = Reading(text, row_start)
    reading.run()
    return reading
