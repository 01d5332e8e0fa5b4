"""The answers of the alarm queue (Guide §3.34), whatever they look like: nothing in them is lost or held back.

A whole answer is read strictly, then leniently, then row by row; as a last resort it is one row itself. Of an answer
that was cut off the whole rows are read. Rows may be texts, lie within rows, or not be messages at all.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NoReturn

from hpcli.client.answers import envelope_code, not_an_envelope, not_the_platform, refusal, status_error
from hpcli.client.deep_json import quote_deep_values
from hpcli.errors import HpcliError, NetworkError
from hpcli.isapi.lenient_json import (
    Reading,
    UnreadableElement,
    name_like,
    read_bytes,
    read_lenient,
    replace_bytes,
)
from hpcli.parse import JsonDepthError, parse_json

if TYPE_CHECKING:
    from hpcli.client.answers import Answer

END_OF_ANSWER: Final = "the platform's answer ends in this row"
"""The problem of the row in which an answer was cut off."""

_TEXTS_WITHIN: Final = 4
"""How many lists or texts a row may lie in; deeper ones are rows of an unknown form."""

_MESSAGE_KEYS: Final = frozenset(
    {"alarmdata", "deviceserial", "formattype", "messageid", "eventtype", "cidevent"}
)
_ROW_START: Final = re.compile(
    r'[,\[}][^{}\[\]",]{0,16}(\{\s*"(?:formatType|deviceSerial|alarmData|messageId|accountNumber|eventType)"\s*:)'
)
_BATCH_ID: Final = re.compile(r'(?<!\\)[^\\\w]batchId[^\\\w]{1,12}([\w-][^"\\,{}]{0,199})')
_ERROR_CODE: Final = re.compile(r'(?<!\\)"\s*errorCode\s*"[\s:]*"?\s*([0-9A-Za-z]{1,20})')
_LIST: Final = re.compile(r'\[|"\s*list\s*"')
_MARKUP: Final = re.compile(r"[\ufeff\s\x00]*<")
_JUNK: Final = re.compile(r"[^{}\[\]\"<]{1,32}(?=\{)")
_ENVELOPE: Final = re.compile(r'(?<!\\)"\s*(?:batchId|errorCode|data)\s*"\s*:')


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll brought.

    Attributes:
        id: None for a heartbeat, and where the platform gave none.
        messages: as the platform sent them; a row that is not an object is its text.
        problems: what was wrong with a message, by its place, as a clause for people.
        body: the whole answer, if it could not be read strictly.
        is_whole: False if the answer was cut off: the messages are to be kept, and the batch not confirmed.
        rest: of an answer that was cut off, the text of the row in which it ends.
    """

    id: str | None
    messages: list[Any]
    problems: dict[int, str] = field(default_factory=dict)
    body: bytes | None = None
    is_whole: bool = True
    rest: str = ""

    def with_rest(self) -> Batch:
        """Return the batch with what is left of its last row as a row: no more of it will come."""
        if not self.rest:
            return self
        problems = {**self.problems, len(self.messages): END_OF_ANSWER}
        return replace(self, messages=[*self.messages, self.rest], problems=problems, rest="")


class QueueReader:
    """Reads the answers of one poll, each of them once."""

    def __init__(self) -> None:
        self._read: tuple[Answer, Batch | HpcliError] | None = None

    def refusal(self, answer: Answer) -> HpcliError | None:
        """Return the error of an answer that is not a batch, or None."""
        found = self._result(answer)
        return found if isinstance(found, HpcliError) else None

    def batch(self, answer: Answer) -> Batch:
        """Return the batch of an answer. Raises HpcliError where it is not one."""
        found = self._result(answer)
        if isinstance(found, HpcliError):
            raise found
        return found

    def _result(self, answer: Answer) -> Batch | HpcliError:
        if self._read is None or self._read[0] is not answer:
            self._read = (answer, read_queue(answer))
        return self._read[1]


def read_queue(answer: Answer) -> Batch | HpcliError:
    """Return what an answer of the queue holds, or the error that it means."""
    if answer.is_whole:
        try:
            value = _read_strictly(answer.body.decode("utf-8-sig"))
        except ValueError:
            pass
        else:
            return _refusal(answer, value) or _batch_of(answer, value, None)
    return _read_loosely(answer)


def _read_strictly(text: str) -> Any:
    """Read JSON as the standard has it, without `NaN`, and without numbers that a journal could not give back."""
    try:
        return parse_json(text, parse_float=_finite, parse_constant=_refuse)
    except JsonDepthError:
        return parse_json(quote_deep_values(text), parse_float=_finite, parse_constant=_refuse)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _read_loosely(answer: Answer) -> Batch | HpcliError:
    text = read_bytes(answer.body)
    junk = _JUNK.match(text)
    text = text[junk.end() :] if junk else text
    try:
        reading = read_lenient(text, _ROW_START)
    except ValueError:
        return _last_resort(answer, text)
    if not isinstance(_opened(reading.values[0]), dict | list) and _ENVELOPE.search(text):
        return _last_resort(answer, text)
    error = _refusal(answer, reading.values[0])
    if error is not None:
        return error
    batch = _batch_of(answer, reading.values[0], reading)
    for more in reading.values[1:]:  # a second answer behind the first one
        batch = _joined(batch, _batch_of(answer, more, reading))
    if reading.tail:
        batch = _joined(batch, _from_rows(None, _rows_from_starts(reading.tail)))
    is_whole = answer.is_whole and not reading.is_cut
    if not (is_whole or batch.messages or batch.id):
        return cut_off()
    return replace(batch, body=answer.body, is_whole=is_whole, rest=replace_bytes(reading.rest))


def cut_off() -> NetworkError:
    """Return the error of an answer that ends too early."""
    return NetworkError("The platform's answer was cut off.")


def _refusal(answer: Answer, value: Any) -> HpcliError | None:
    """Return the error of an answer that is not a batch: the platform's own, or that of another's answer."""
    value = _opened(value)
    if isinstance(value, list) and any(isinstance(row, dict) and _is_message(row) for row in value):
        return status_error(answer)  # the rows without their envelope
    if not isinstance(value, dict):
        return not_an_envelope(answer) if answer.is_whole else cut_off()
    envelope = _usual(value)
    code = envelope_code(envelope)
    if code and _NO_CODE.sub("", code).strip("0"):
        return refusal(code, envelope, answer.status)
    if "errorCode" in envelope:
        return None
    is_platforms = "data" in envelope or "batchId" in envelope
    return status_error(answer, envelope) or (None if is_platforms else not_an_envelope(answer))


def _batch_of(answer: Answer, value: Any, reading: Reading | None) -> Batch:
    value = _opened(value)
    envelope = _usual(value) if isinstance(value, dict) else {"data": value}
    data = _unpacked(envelope.get("data", envelope.get("list")))
    if data is None:
        data = {name: item for name, item in envelope.items() if isinstance(item, dict | list)}
    inner = _usual(data) if isinstance(data, dict) else {}
    found = list(_rows_in(data, reading, 0)) if data not in (None, "", [], {}) else []
    if not found and any(_unpacked(item) for name, item in inner.items() if name != "batchId"):
        found = [_other_row(data, None)]
    is_plain = isinstance(inner.get("list"), list | None) and all(row.is_plain for row in found)
    batch = _from_rows(_id_in(envelope) or _id_in(inner), found)
    return batch if is_plain and reading is None else replace(batch, body=answer.body)


def _id_in(fields: dict[str, Any]) -> str | None:
    given = fields.get("batchId")
    return (
        str(given).strip() or None if isinstance(given, str | int) and not isinstance(given, bool) else None
    )


def _opened(value: Any) -> Any:
    """Return the envelope that is in a text, or alone in a list."""
    value = _unpacked(value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value if _ENVELOPE_NAMES.isdisjoint(_usual(value[0])) else value[0]
    return value


def _joined(first: Batch, second: Batch) -> Batch:
    later = {place + len(first.messages): problem for place, problem in second.problems.items()}
    return replace(
        first,
        id=first.id or second.id,
        messages=first.messages + second.messages,
        problems=first.problems | later,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    message: Any
    problem: str | None = None
    is_plain: bool = False


def _rows_in(value: Any, reading: Reading | None, depth: int) -> Iterator[_Row]:
    """Yield the rows of a value: a list of them, one alone, or one in another form."""
    if isinstance(value, list):
        for index, element in enumerate(value):
            problem = reading.problem_of(value, index) if reading else None
            yield from _rows_of_element(element, reading, problem, depth)
    elif isinstance(value, dict):
        fields = _trimmed(value)
        if _is_message(fields):
            yield _Row(fields)
            return
        found = list(_rows_held(_usual(fields), reading, depth))
        yield from found
        if not found and depth:
            yield _other_row(value, None)
    elif value not in _NOTHING:
        yield _other_row(value, None)


def _rows_held(fields: dict[str, Any], reading: Reading | None, depth: int) -> Iterator[_Row]:
    """Yield the rows that an object holds: under the names for that, else under any other."""
    held = [name for name in _HOLDERS if name in fields]
    for name in held:
        content = _unpacked(fields[name])
        if depth <= _TEXTS_WITHIN and isinstance(content, dict | list):
            yield from _rows_in(content, reading, depth + 1) if content else ()
        elif content not in _NOTHING:
            yield _other_row(content, None)
    if held or depth > _TEXTS_WITHIN:
        return
    for item in fields.values():
        content = _unpacked(item)
        if isinstance(content, dict | list) and _holds_messages(content, depth):
            yield from _rows_in(content, reading, depth + 1)


def _holds_messages(value: Any, depth: int) -> bool:
    if isinstance(value, dict) and _is_message(value):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth <= _TEXTS_WITHIN and any(_holds_messages(item, depth + 1) for item in inner)


def _rows_of_element(
    element: Any, reading: Reading | None, problem: str | None, depth: int
) -> Iterator[_Row]:
    if isinstance(element, dict) and _is_message(element):
        yield _Row(_trimmed(element), problem, is_plain=True)
        return
    if isinstance(element, UnreadableElement):
        yield _Row(replace_bytes(element.text), problem or element.problem)
        return
    content = _unpacked(element)
    if depth < _TEXTS_WITHIN and isinstance(content, dict | list) and content:
        yield from _rows_in(content, reading if content is element else None, depth + 1)
    else:
        yield _other_row(element, problem)


def _other_row(value: Any, problem: str | None) -> _Row:
    return _Row(value if isinstance(value, str) else _as_text(value), problem)


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _unpacked(value: Any) -> Any:
    """Return what a text of JSON holds, any other value as it is."""
    if value == "null":
        return None
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] == '"':
        return _unquoted(value)
    if value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return _read_strictly(value)
    except ValueError:
        pass
    try:
        reading = read_lenient(value, _ROW_START)
    except ValueError:
        return value
    return value if reading.is_cut else reading.values[0]


def _unquoted(text: str) -> Any:
    """Return what a text holds that is quoted as JSON once more, or twice; the text itself where that is nothing."""
    inner: Any = text
    for _ in range(_TEXTS_WITHIN):
        try:
            inner = json.loads(inner, strict=False)
        except (ValueError, RecursionError):
            return text
        if not isinstance(inner, str) or inner.lstrip()[:1] != '"':
            break
    content = inner if isinstance(inner, str) else None
    return text if content is None or content.lstrip()[:1] not in ("{", "[") else _unpacked(content)


def _trimmed(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an object without blanks around its names."""
    if any(name[:1].isspace() or name[-1:].isspace() for name in fields):
        return {name.strip(): value for name, value in fields.items()}
    return fields


def _usual(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an envelope under its usual names, though capitals differ or one character cannot be read."""
    if _ENVELOPE_NAMES.issuperset(fields):
        return fields
    usual: dict[str, Any] = {}
    for name, value in fields.items():
        known = name if name in _ENVELOPE_NAMES else name_like(name, _ENVELOPE_NAMES_IN_ORDER) or name.strip()
        usual[name.strip() if known != name and (known in fields or known in usual) else known] = value
    return usual


def _is_message(fields: dict[str, Any]) -> bool:
    return "alarmData" in fields or not _MESSAGE_KEYS.isdisjoint([name.strip().lower() for name in fields])


_HOLDERS: Final = ("list", "data", "rows")
_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})
_ENVELOPE_NAMES_IN_ORDER: Final = ("data", "list", "rows", "batchId", "errorCode", "message")
_ENVELOPE_NAMES: Final = frozenset(_ENVELOPE_NAMES_IN_ORDER)
_NO_CODE: Final = re.compile(r"[^0-9A-Za-z]")


def _last_resort(answer: Answer, text: str) -> Batch | HpcliError:
    """Look for rows in what is not JSON, else take the answer itself for one: if it is the platform's, and no error."""
    code = _ERROR_CODE.search(text)
    is_platforms = not _MARKUP.match(text) and _ENVELOPE.search(text)
    if answer.status != 200 or not is_platforms or (code and code[1].strip("0")):
        return status_error(answer) or not_the_platform(answer)
    rows = _rows_from_starts(text)
    rows_from = _LIST.search(text)
    given = _BATCH_ID.search(text, 0, rows_from.start() if rows_from else len(text))
    if not rows:
        rows = [_Row(replace_bytes(text), "the platform's answer is not JSON")]
    batch = _from_rows(given[1].strip() if given else None, rows)
    return replace(batch, body=answer.body, is_whole=answer.is_whole)


def _rows_from_starts(text: str) -> list[_Row]:
    """Return the rows that begin somewhere in a text, whatever stands between them."""
    starts = [found.start(1) for found in _ROW_START.finditer(text)]
    return [_row_at(text[start:end]) for start, end in pairwise([*starts, len(text)])]


def _from_rows(batch_id: str | None, rows: list[_Row]) -> Batch:
    problems = {place: row.problem for place, row in enumerate(rows) if row.problem}
    return Batch(batch_id, [row.message for row in rows], problems)


def _row_at(text: str) -> _Row:
    """Return the row with which a text begins."""
    try:
        reading = read_lenient(text)
    except ValueError:
        reading = None
    if reading is None or reading.is_cut or not isinstance(reading.values[0], dict):
        return _Row(replace_bytes(text), "it is not JSON")
    return _Row(_trimmed(reading.values[0]), "the platform's answer around it is not JSON")
