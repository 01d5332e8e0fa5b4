"""Which calls are tried again, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hpcli.backoff import Backoff

if TYPE_CHECKING:
    from hpcli.api.operation import Operation
    from hpcli.client.answers import Answer
    from hpcli.client.no_answer import NoAnswer
    from hpcli.errors import HpcliError

BACKOFF: Final = Backoff((0.5,), growth=2.0, longest=20.0, jitter=0.5)

_BUSY_CODES = frozenset({"LAP500007", "EVZ10007", "EVZ10029"})
_UNAVAILABLE_CODES = frozenset({"LAP500001"})
_LONGEST_ASKED = 10.0 * 365 * 86400  # more digits become infinity, which no clock can be set to
_RETRY_STATUS = frozenset({429, 502, 503, 504})


def retry_after(answer: Answer) -> float | None:
    """Return the seconds of a Retry-After header, or None."""
    return read_retry_after(answer.headers.get("Retry-After", ""))


def read_retry_after(header: str) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110 §10.2.3), or None."""
    text = header.strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_ASKED)
    if not text:
        return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - datetime.now(UTC)).total_seconds()), _LONGEST_ASKED)


def lost_error(lost: NoAnswer, operation: Operation) -> HpcliError:
    """Return the error of a lost request; that of a change says that nobody knows."""
    if operation.change and not lost.never_arrived and not lost.is_final:
        lost.error.hint = "It may have been done all the same: look before you send it again."
    return lost.error


def _is_harmless(operation: Operation) -> bool:
    return operation.repeatable or not operation.change


def is_busy(answer: Answer, error: HpcliError) -> bool:
    """Whether the platform refused the call for too many calls."""
    return answer.status == 429 or error.code in _BUSY_CODES


def may_resend(lost: NoAnswer, operation: Operation) -> bool:
    """Whether a lost request may be sent again: it surely never arrived, or a second one does no harm."""
    return not lost.is_final and (lost.never_arrived or _is_harmless(operation))


def may_repeat(answer: Answer, error: HpcliError, operation: Operation) -> bool:
    """Whether a refused call may be sent again.

    A refusal for too many calls was surely not carried out; other faults only allow harmless repeats.
    """
    if is_busy(answer, error):
        return True
    is_passing = answer.status in _RETRY_STATUS or error.code in _UNAVAILABLE_CODES
    return is_passing and _is_harmless(operation)
