"""Which calls are tried again, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hpcli.backoff import Backoff
from hpcli.client.answers import TOKEN_CODES, redirect_error
from hpcli.errors import NetworkError, NotFoundError
from hpcli.parse import parse_exact_http_date, parse_http_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcli.api.operation import Operation
    from hpcli.client.answers import Answer
    from hpcli.client.no_answer import NoAnswer
    from hpcli.errors import HpcliError

BACKOFF: Final = Backoff((0.5,), growth=2.0, longest=20.0, jitter=0.5)

_BUSY_CODES = frozenset({"LAP500007", "EVZ10007", "EVZ10029"})
_UNAVAILABLE_CODES = frozenset({"LAP500001"})
_LONGEST_ASKED = 7.0 * 86400  # a longer pause is a mistake
_MOST_DIGITS = 6
_ALREADY_CODES = frozenset(
    {"EVZ20017", "EVZ20020", "LAP006008", "LAP006018", "LAP008000", "LAP008081", "LAP026339", "LAP064003"}
)
"""What was asked for is there, or is so, already (Guide A.1)."""
_UNKNOWN = " It is not known whether the change was made."
_RETRY_STATUS = frozenset({429, 502, 503, 504})


def retry_after(answer: Answer) -> float | None:
    """Return the seconds of a Retry-After header, or None."""
    return read_retry_after(answer.headers.get("Retry-After", ""), answer.headers.get("Date", ""))


def read_retry_after(header: str, date: str = "") -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110 §10.2.3), None for odd ones.

    Args:
        header: seconds or a date.
        date: the Date header of the same answer, since this computer's clock may be wrong.
    """
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(text) if len(text) <= _MOST_DIGITS else None
    moment = parse_exact_http_date(text)
    if moment is None:
        return None
    from datetime import UTC, datetime

    seconds = (moment - (parse_http_date(date) or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if seconds < _LONGEST_ASKED else None


def lost_error(error: HpcliError, operation: Operation) -> HpcliError:
    """Return the error of a change whose answer was lost: it is not known whether it was made."""
    if operation.change:
        error.hint = None  # that of the error itself advises to try again
        unknown_error(error, operation)
    return error


def unknown_error(error: HpcliError, operation: Operation) -> HpcliError:
    """Return the error of a change whose answer says nothing about it."""
    error.may_be_done |= operation.change
    if operation.change and not error.message.endswith(_UNKNOWN):
        error.message += _UNKNOWN
        error.args = (error.message,)
        look = f": `hpcli {operation.look}`" if operation.look else ""
        advice = f"It may have been done all the same: look before you send it again{look}."
        error.hint = f"{advice} {error.hint or ''}".rstrip()
    return error


def refusal_of(answer: Answer, refused: Callable[[Answer], HpcliError | None]) -> HpcliError | None:
    """Return the error of an answer, or None; a redirect is one whatever the call."""
    return redirect_error(answer) or refused(answer)


def read_once(refused: Callable[[Answer], HpcliError | None]) -> Callable[[Answer], HpcliError | None]:
    """Return the same reading of an answer, done once: it is first asked about the token, then about the call."""
    known: tuple[Answer, HpcliError | None] | None = None

    def read(answer: Answer) -> HpcliError | None:
        nonlocal known
        if known is None or known[0] is not answer:
            known = answer, refused(answer)
        return known[1]

    return read


def refuses_token(answer: Answer, refused: Callable[[Answer], HpcliError | None]) -> bool:
    """Whether the platform did not take the token; then it has not done what it was asked."""
    error = refused(answer)
    if error is None:
        return False
    return error.code in TOKEN_CODES or (answer.status == 401 and error.code is None)


def is_unknown(refusal: HpcliError) -> bool:
    """Whether an answer leaves open what became of the call: it is not one of the platform's, or no usable one."""
    return isinstance(refusal, NetworkError)


def has_removed_before(refusal: HpcliError, operation: Operation) -> bool:
    """Whether a refusal of a second try means that the first one, whose answer was lost, has or may have done it."""
    return operation.removes and isinstance(refusal, NotFoundError) and refusal.code is not None


def has_made_before(refusal: HpcliError, operation: Operation) -> bool:
    """Whether a refusal of a second try means that the first one, whose answer was lost, has or may have made it."""
    return operation.change and is_there_already(refusal)


def is_there_already(refusal: HpcliError) -> bool:
    """Whether a refusal says that what was asked for is there, or is so, already."""
    return refusal.code in _ALREADY_CODES


def _is_harmless(operation: Operation) -> bool:
    return operation.repeatable


def is_busy(answer: Answer, error: HpcliError) -> bool:
    """Whether the platform refused the call for too many calls."""
    return answer.status == 429 or error.code in _BUSY_CODES


def may_resend(lost: NoAnswer, operation: Operation) -> bool:
    """Whether a lost request may be sent again: it surely never arrived, or a second one does no harm."""
    return not lost.is_final and (lost.never_arrived or _is_harmless(operation))


def may_repeat(answer: Answer, error: HpcliError, operation: Operation) -> bool:
    """Whether a refused call may be sent again.

    A refusal for too many calls was surely not carried out; other faults only allow harmless repeats. Where a call
    uses up a small number a day, that number may be what is exceeded.
    """
    if operation.is_sent_once:
        return False
    if is_busy(answer, error):
        return True
    is_passing = answer.status in _RETRY_STATUS or error.code in _UNAVAILABLE_CODES
    return is_passing and _is_harmless(operation)
