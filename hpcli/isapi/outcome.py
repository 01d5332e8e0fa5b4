"""The one judge of whether a device did what it was asked to change.

A change is done where the answer is one of these, and only then:

======================================================  ============================================
answer (HTTP 200, 201, 202 or 204)                      why
======================================================  ============================================
ResponseStatus with statusCode 0 or 1                   A.5.8, A.5.27; any letter case, prefix or
                                                        namespace, in an element, object or list around
                                                        it, the code as a number or as text
ResponseStatus with statusCode 7                        done; the device must restart first, which
                                                        `Outcome.remark` says
ResponseStatus without a statusCode, statusString OK    older devices
subStatusCode ok, armProcess or riskPassword, or an     A.6: the first digit of these codes is 1;
errorCode 0x1…, without a statusCode                    arming takes its time
an object with a new `id`, to a POST                    devices that answer with what they made; an id is
                                                        a number above 0 or a name
the documented answer of that operation                 A.4; for all 32 it is a ResponseStatus, so
                                                        this counts where one is not
HTTP 201 or 204 where the guide has it                  it has it nowhere
any of these in the platform's envelope of a success,   errata 115
or as a JSON text
======================================================  ============================================

A success outside with a failure inside (a status of an item, `success: false`, a list or a number of what failed)
is a failure. A body of zero bytes or a bare envelope (`{"errorCode": "0"}`) confirms nothing: the state has to be
read. So do codes in headers. Anything else, whatever it is, is not a confirmation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpcli.errors import DeviceError, HpcliError, UnconfirmedError
from hpcli.isapi.body import Kind, fold, folded, objects_in, plain_of, read_body, without_envelope
from hpcli.isapi.errors import refusal_of, remark_of
from hpcli.isapi.failed_items import failure_by_words
from hpcli.isapi.status import DeviceStatus, status_in

_STATUS = "responsestatus"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer says of a change.

    Attributes:
        is_done: the device confirmed it.
        remark: what the success means beyond done, as that the device must restart.
        error: it failed, or the answer does not confirm it; None also where nothing was said at all.
    """

    is_done: bool = False
    remark: str | None = None
    error: HpcliError | None = None

    @property
    def is_silent(self) -> bool:
        """Whether the answer says nothing at all: an empty body, or a bare envelope."""
        return not self.is_done and self.error is None


def judge(
    status: int, headers: Mapping[str, str], body: bytes, *, method: str, response: str | None = None
) -> Outcome:
    """Return what an answer says of a change; refusals of the gateway and of the device were read before.

    Args:
        status: of HTTP, below 300.
        headers: of the answer.
        body: of the answer.
        method: POST makes something, whose id is a success.
        response: name of the documented answer message, where there is one.
    """
    parsed = read_body(body, headers.get("Content-Type") or headers.get("content-type") or "")
    if not body:
        return Outcome()
    raw = plain_of(parsed.root) if parsed.root is not None else parsed.value
    plain = without_envelope(raw) if parsed.kind in (Kind.JSON, Kind.XML) else None
    if plain is None and raw is not None:
        return Outcome()
    failure = failure_told(plain, status)
    if failure is not None:
        return Outcome(error=failure)
    found = _outer_status(plain)
    if found is not None and not found.is_success:
        return Outcome(error=refusal_of(found, status))
    if found is not None:
        return Outcome(is_done=True, remark=remark_of(found))
    if (method == "POST" and _has_new_id(plain)) or _is_documented(plain, response):
        return Outcome(is_done=True)
    message = f"The change was sent, but the device did not confirm it: it answered {parsed.described}."
    return Outcome(error=UnconfirmedError(message, hint=UnconfirmedError.advice, http_status=status))


def failure_told(plain: Any, http_status: int = 200) -> HpcliError | None:
    """Return the first failure anywhere in an answer: by a status, or in words."""
    return failure_in(plain, http_status) or failure_by_words(plain, http_status)


def failure_in(plain: Any, http_status: int = 200) -> HpcliError | None:
    """Return the first failure anywhere in an answer: a status that is not a success, or a part that failed."""
    failure = next(_failures(plain), None)
    return None if failure is None else _failed_in_part(failure, http_status)


def _outer_status(plain: Any) -> DeviceStatus | None:
    """Return the status of a success on the outside of a message, or one level below; failures were seen before."""
    if isinstance(plain, list):
        return _common_status([_outer_status(item) for item in plain])
    if not isinstance(plain, Mapping):
        return None
    outer = folded(plain)
    inner = [item for item in outer.values() if isinstance(item, Mapping)]
    for members in (outer, *map(folded, inner)):
        named = members.get(_STATUS)
        if named and isinstance(named, Mapping | list):
            return _common_status([_flat_status(item) for item in _as_list(named)])
    return _flat_status(outer) or (_flat_status(inner[0]) if len(outer) == len(inner) == 1 else None)


def _flat_status(plain: Any) -> DeviceStatus | None:
    """Return the status that an object is; None if it is not a status, or says neither good nor bad."""
    members = folded(plain) if isinstance(plain, Mapping) else {}
    if not (members.keys() & _TELLING or members.keys() <= _FLAT):
        return None
    found = status_in(members, is_named=True)
    return found if found is not None and found.is_told else None


def _common_status(found: Sequence[DeviceStatus | None]) -> DeviceStatus | None:
    """Return the status of several answers in a list: each of them must be a success."""
    told = [status for status in found if status is not None]
    if not told or len(told) < len(found):
        return None
    return next((status for status in told if remark_of(status)), told[0])


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_NO_IDS = frozenset(
    {"", "-", "null", "none", "nil", "nan", "undefined", "unknown", "invalid", "n/a", "true", "false"}
)
_NOT_ABOVE_ZERO = re.compile(r"-\d+(?:\.\d*)?|[+-]?0+(?:\.0*)?")
_TELLING = frozenset({"statuscode", "substatuscode", "errorcode"})
_FLAT = frozenset({"requesturl", "statusstring"})


def _failures(plain: Any) -> Iterator[DeviceStatus | tuple[str, ...]]:
    """Yield what failed anywhere in a message: statuses that are not a success, and lists of failed parts."""
    for name, members in objects_in(plain):
        said = status_in(members, is_named=name == _STATUS)
        if said is not None and not said.is_success:
            yield said
        if parts := _failed_parts(members):
            yield parts


def _failed_parts(members: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the parts of a device that did not take a change (A.5.28)."""
    listed = members.get("failednodeinfolist")
    nodes = folded(listed).get("failednodeinfo") if isinstance(listed, Mapping) else listed
    rows = nodes if isinstance(nodes, list) else [nodes] if nodes else []
    named = [folded(row) if isinstance(row, Mapping) else {"nodeid": row} for row in rows]
    return tuple(str(row.get("nodeip") or row.get("nodeid") or "unnamed") for row in named)


def _failed_in_part(failure: DeviceStatus | tuple[str, ...], http_status: int) -> HpcliError:
    if isinstance(failure, tuple):
        return DeviceError(
            f"Some parts of the device did not take the change: {', '.join(failure)}.",
            http_status=http_status,
        )
    return refusal_of(failure, http_status)


def _has_new_id(plain: Any) -> bool:
    """Whether a message is an object with an id, or holds one object and that has one."""
    if not isinstance(plain, Mapping):
        return False
    outer = folded(plain)
    inner = [folded(item) for item in outer.values() if isinstance(item, Mapping)]
    return any(_is_id(members.get("id")) for members in (outer, *(inner if len(outer) == 1 else ())))


def _is_id(value: object) -> bool:
    """Whether a value is an id of something new: a number above 0, or a name that is not a word for nothing."""
    if isinstance(value, str):
        return value.strip().lower() not in _NO_IDS and not _NOT_ABOVE_ZERO.fullmatch(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value > 0 and value % 1 == 0


def _is_documented(plain: Any, response: str | None) -> bool:
    """Whether a message is the documented answer, and that is more than a status."""
    from hpcli.isapi.definitions import messages

    root = messages()[response].root if response else None
    if root is None or fold(root) == _STATUS or not isinstance(plain, Mapping):
        return False
    return bool(folded(plain).get(fold(root)))
