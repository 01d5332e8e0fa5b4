"""What a device or the gateway before it says of a request: a ResponseStatus, a userCheck, a header, an envelope.

Guide §3.23, A.5.8, A.5.27; field notes, "Pass-through to devices". The names of fields and headers are
taken in any case, codes as decimal or hexadecimal numbers, as digits or as names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcli.isapi.body import Kind, folded, plain_of, read_body, without_envelope

if TYPE_CHECKING:
    from hpcli.isapi.body import Body
    from hpcli.reference.device_errors import DeviceCode

SUCCESS_CODES = frozenset({0, 1})
REBOOT_REQUIRED = 7

_STATUS_FIELDS = ("statuscode", "substatuscode", "errorcode")
_STATUS_MARKS = re.compile(
    rb"statusCode|subStatusCode|errorCode|ResponseStatus(?!Strg)|userCheck|lockStatus|success|\x00",
    re.IGNORECASE,
)
_MARKS_WITHIN = 4096  # a ResponseStatus is short; no need to parse a page of events to find none
_SUCCESS_FIELDS = frozenset({"statuscode", "substatuscode", "statusstring"})
_STATUS, _LOGIN = "responsestatus", "usercheck"
_WORDS = (
    "errormsg",
    "statusstring",
    "substatuscode",
    "merrcode",
    "failreason",
    "errordesc",
    "errmsg",
    "errormessage",
    "message",
    "msg",
    "reason",
)
_LOCKED = frozenset({"lock", "locked", "true", "1"})
_LOCKED_NAMES = frozenset({"usernamelocked", "userlocked"})
_UNAUTHORIZED = 401
_PLATFORM_CODE = re.compile(r"[A-Z]{3}\d{5,6}")
_BARE_EZVIZ_CODE = re.compile(r"\d{5}")
_EZVIZ_HEADER = "X-EZO-Code"
_HEADERS = ("X-DeviceCode", "X-ErrorCode", _EZVIZ_HEADER)
_NO_FAILURE = frozenset({"", "0", "1", "200", "ok", "success", "null", "none"})
_HARMLESS_NAMES = frozenset({"ok", "riskPassword", "armProcess", "rebootRequired"})


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What a device says of a request.

    Attributes:
        status_code: 0 to 9 of A.5.27, None if absent.
        sub_status: the name as sent, may be empty.
        number: error code, mostly of A.6; None if absent or no more than "ok".
        module_number: MErrCode, a code of A.7; None likewise.
        text: errorMsg or statusString.
        words: everything it says in its own words, on one line.
        is_locked: the user is locked after wrong passwords.
        unlock_seconds: how long the user stays locked, None if it does not say.
        tries_left: wrong passwords that it still takes before it locks the user, None if it does not say.
    """

    status_code: int | None = None
    sub_status: str = ""
    number: int | None = None
    module_number: int | None = None
    text: str = ""
    words: str = ""
    is_locked: bool = False
    unlock_seconds: int | None = None
    tries_left: int | None = None

    @property
    def is_success(self) -> bool:
        """Whether the request was done or is under way; statusCode decides before all else."""
        if self.is_locked:
            return False
        if self.name == "armProcess":
            return True
        if self.status_code is not None:
            return self.status_code in SUCCESS_CODES or self.status_code == REBOOT_REQUIRED
        if self.number is not None:
            return self.number >> 28 == 1  # A.6: the first hexadecimal digit is the status code
        return self.sub_status.lower() in _NO_FAILURE or self.name in _HARMLESS_NAMES

    @property
    def is_told(self) -> bool:
        """Whether it says good or bad: an errorCode of 0 or 1 alone does neither, without a word beside it."""
        told = self.status_code is not None or self.number is not None or self.sub_status
        return bool(told) or (self.text.lower() in _NO_FAILURE and bool(self.text))

    @property
    def codes(self) -> tuple[DeviceCode, ...]:
        """What the tables of A.6 and A.7 have on it, the likeliest first (errata 230)."""
        from hpcli.reference.device_errors import device_codes_by_name, device_codes_by_number

        by_number = device_codes_by_number(self.number) if self.number is not None else ()
        by_name = device_codes_by_name(self.sub_status) if self.sub_status else ()
        of_status = tuple(code for code in by_name if code.status == str(self.status_code))
        by_module = device_codes_by_number(self.module_number) if self.module_number is not None else ()
        return (*by_number, *of_status, *by_name, *by_module)

    @property
    def name(self) -> str:
        """The sub-status name in the guide's spelling, as sent where the guide has none."""
        known = next((code.name for code in self.codes if code.name), "")
        if not known and not self.sub_status and self.status_code == REBOOT_REQUIRED:
            return "rebootRequired"
        return known or self.sub_status


def read_status(headers: Mapping[str, str], body: bytes, *, is_failed: bool = False) -> DeviceStatus | None:
    """Return what the device says of the request, in its body or else in a header; None for plain data.

    Args:
        headers: of the answer, found in any case.
        body: of the answer.
        is_failed: the HTTP status says failure, so that unknown codes in headers count too.
    """
    return _body_status(headers, body) or _header_status(headers, is_sure=is_failed or not body.strip())


def envelope_code(headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the platform's error code (`EVZ20007`) of a call that did not reach the device, else None."""
    parsed = _read(headers, body)
    fields = folded(parsed.value) if parsed is not None and isinstance(parsed.value, Mapping) else {}
    for value in (fields.get("errorcode"), *(headers.get(header) for header in _HEADERS)):
        code = str(value).strip().upper()
        if _PLATFORM_CODE.fullmatch(code):
            return code
    # A.1 prints EZVIZ codes with a prefix that their own service does not send.
    bare = str(headers.get(_EZVIZ_HEADER, "")).strip()
    return f"EVZ{bare}" if _BARE_EZVIZ_CODE.fullmatch(bare) else None


def status_in(members: Mapping[str, Any], *, is_named: bool = False) -> DeviceStatus | None:
    """Return what an object says of a request, None where it says nothing.

    Args:
        members: of the object, as `body.folded` returns them.
        is_named: it is a ResponseStatus by its name, so that a statusString alone says it.
    """
    fields = {
        key: "" if value is None else str(value).strip()
        for key, value in members.items()
        if not isinstance(value, dict | list | bool)
    }
    if members.get("success") is False or fields.get("success", "").lower() == "false":
        fields = _failed(fields)
    is_told = any(fields.get(name) for name in _STATUS_FIELDS) or (is_named and fields.get("statusstring"))
    if not is_told:
        return None
    code = fields.get("errorcode", "")
    is_envelope = _PLATFORM_CODE.fullmatch(code.upper()) is not None or code == "0"
    if is_envelope and not fields.get("statuscode") and not fields.get("substatuscode"):
        return None
    named = code if parse_number(code) is None and not is_envelope else ""
    alone = "" if any(fields.get(name) for name in _STATUS_FIELDS) else fields["statusstring"]
    return DeviceStatus(
        status_code=_status_code(fields.get("statuscode", "")),
        sub_status=fields.get("substatuscode") or named or alone,
        number=_failure_number(code),
        module_number=_failure_number(fields.get("merrcode")),
        text=fields.get("errormsg") or fields.get("statusstring", ""),
        **_lock_of(fields),
        words=_words_of(fields),
    )


def _failed(fields: Mapping[str, str]) -> dict[str, str]:
    """Return fields without those that say success, where `success: false` stands beside them."""
    said = {name: text for name, text in fields.items() if name not in _SUCCESS_FIELDS}
    code = _status_code(fields.get("statuscode", ""))
    if code is not None and code not in SUCCESS_CODES:
        said["statuscode"] = fields["statuscode"]
    if fields.get("substatuscode", "").lower() not in _NO_FAILURE:
        said["substatuscode"] = fields["substatuscode"]
    return {"substatuscode": "failed", **said}


def parse_number(value: object) -> int | None:
    """Return a device code as a number: from 1073741826, its digits or 0x40000002; None for other text."""
    text = str(value).strip().lower()
    if re.fullmatch(r"0x[0-9a-f]{1,8}", text):
        return int(text, 16)
    return int(text) if re.fullmatch(r"\d{1,10}", text) else None


def _body_status(headers: Mapping[str, str], body: bytes) -> DeviceStatus | None:
    parsed = _read(headers, body)
    if parsed is None:
        return None
    plain = plain_of(parsed.root) if parsed.root is not None else without_envelope(parsed.value)
    if not isinstance(plain, Mapping):
        return None
    named = _named(plain, _STATUS)
    if named is not None:
        return status_in(named, is_named=True)
    login = _named(plain, _LOGIN)
    if login is not None:
        return _login_status(login)
    return None if parsed.kind is Kind.XML else status_in(folded(plain)) or _login_status(folded(plain))


def _read(headers: Mapping[str, str], body: bytes) -> Body | None:
    """Read a body that may hold a status; None for one that surely does not."""
    if not _STATUS_MARKS.search(body[:_MARKS_WITHIN]):
        return None
    return read_body(body, headers.get("Content-Type") or headers.get("content-type") or "")


def _named(plain: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return the members of the object of this name, which may be nested one level."""
    outer = folded(plain)
    for found in (outer, *(folded(inner) for inner in outer.values() if isinstance(inner, Mapping))):
        if isinstance(found.get(name), Mapping):
            return folded(found[name])
    return None


def _login_status(members: Mapping[str, Any]) -> DeviceStatus | None:
    """Return what a check of the login says of a user who may not in; None where there is no word of that."""
    fields = {key: str(value).strip() for key, value in members.items() if not isinstance(value, dict | list)}
    lock = _lock_of(fields)
    value = parse_number(fields.get("statusvalue"))
    if not lock["is_locked"] and (value is None or value < 300):
        return None
    name = "badAuthorization" if value == _UNAUTHORIZED else ""
    return DeviceStatus(
        sub_status="userNameLocked" if lock["is_locked"] else name or f"status {value}",
        text=fields.get("statusstring", ""),
        words=_words_of(fields),
        **lock,
    )


def _lock_of(fields: Mapping[str, str]) -> dict[str, Any]:
    is_locked = fields.get("lockstatus", "").lower() in _LOCKED or (
        fields.get("substatuscode", "").lower() in _LOCKED_NAMES
    )
    return {
        "is_locked": is_locked,
        "unlock_seconds": parse_number(fields.get("unlocktime")) if is_locked else None,
        "tries_left": parse_number(fields.get("retrylogintime")),
    }


def _words_of(fields: Mapping[str, str]) -> str:
    """Return what the device says in its own words, each once."""
    said: dict[str, str] = {}
    for name in _WORDS:
        text = fields.get(name, "")
        if text and text.lower() not in _NO_FAILURE:
            said.setdefault(text.lower(), text)
    return "; ".join(said.values())


def _status_code(text: str) -> int | None:
    """Return a statusCode, None if absent; text that is not a number gives -1, which A.5.27 lacks."""
    if not text:
        return None
    number = parse_number(text.removesuffix(".0"))
    return 1 if text.lower() == "ok" else -1 if number is None else number


def _failure_number(value: object) -> int | None:
    number = parse_number(value)
    return None if number in SUCCESS_CODES else number


def _header_status(headers: Mapping[str, str], *, is_sure: bool) -> DeviceStatus | None:
    """Read the device's code from a header.

    Args:
        headers: of the answer.
        is_sure: something failed, or there is nothing else to go by; otherwise a code that no table
            knows is passed over, since the body holds data.
    """
    for header in _HEADERS:
        value = headers.get(header, "").strip()
        if value.lower() in _NO_FAILURE or _PLATFORM_CODE.fullmatch(value.upper()):
            continue
        number = parse_number(value)
        status = DeviceStatus(sub_status=value if number is None else "", number=number, words=value)
        if is_sure or status.codes:
            return status
    return None
