"""What a device or the gateway before it says of a request: a ResponseStatus, a header, an envelope.

Guide §3.23, A.5.8, A.5.27; field notes, "Pass-through to devices". The names of fields and headers are
taken in any case, codes as decimal or hexadecimal numbers, as digits or as names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcli.isapi.messages import is_json
from hpcli.isapi.xml import XmlError, decode, local_name, parse_xml
from hpcli.parse import parse_json

if TYPE_CHECKING:
    from hpcli.reference.device_errors import DeviceCode

SUCCESS_CODES = frozenset({0, 1})
REBOOT_REQUIRED = 7

_STATUS_FIELDS = ("statuscode", "substatuscode", "errorcode")
_STATUS_MARKS = re.compile(rb"statusCode|subStatusCode|errorCode|ResponseStatus", re.IGNORECASE)
_MARKS_WITHIN = 4096  # a ResponseStatus is short; no need to parse a page of events to find none
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
    """

    status_code: int | None = None
    sub_status: str = ""
    number: int | None = None
    module_number: int | None = None
    text: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the request was done or is under way; statusCode decides before all else."""
        if self.name == "armProcess":
            return True
        if self.status_code is not None:
            return self.status_code in SUCCESS_CODES or self.status_code == REBOOT_REQUIRED
        if self.number is not None:
            return self.number >> 28 == 1  # A.6: the first hexadecimal digit is the status code
        return self.sub_status.lower() in _NO_FAILURE or self.name in _HARMLESS_NAMES

    @property
    def codes(self) -> "tuple[DeviceCode, ...]":
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
        headers: of the answer, found whatever their case.
        body: of the answer.
        is_failed: the HTTP status tells a failure, so that unknown codes in headers count too.
    """
    return _body_status(body) or _header_status(headers, is_sure=is_failed or not body.strip())


def envelope_code(headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the platform's error code (`EVZ20007`) of a call that did not reach the device, else None."""
    fields = _json_fields(body) if _may_have_status(body) else {}
    for value in (fields.get("errorcode"), *(headers.get(header) for header in _HEADERS)):
        code = str(value).strip().upper()
        if _PLATFORM_CODE.fullmatch(code):
            return code
    # A.1 prints EZVIZ codes with a prefix that their own service does not send.
    bare = str(headers.get(_EZVIZ_HEADER, "")).strip()
    return f"EVZ{bare}" if _BARE_EZVIZ_CODE.fullmatch(bare) else None


def parse_number(value: object) -> int | None:
    """Return a device code as a number: from 1073741826, its digits or 0x40000002; None for other text."""
    text = str(value).strip().lower()
    if re.fullmatch(r"0x[0-9a-f]{1,8}", text):
        return int(text, 16)
    return int(text) if re.fullmatch(r"\d{1,10}", text) else None


def _body_status(body: bytes) -> DeviceStatus | None:
    if not _may_have_status(body):
        return None
    raw = _json_fields(body) if is_json(body) else _xml_fields(body)
    fields = {key: "" if value is None else str(value).strip() for key, value in raw.items()}
    if not any(fields.get(name) for name in _STATUS_FIELDS):
        return None
    code = fields.get("errorcode", "")
    is_envelope = _PLATFORM_CODE.fullmatch(code.upper()) is not None or code == "0"
    if is_envelope and not fields.get("statuscode") and not fields.get("substatuscode"):
        return None
    named = code if parse_number(code) is None and not is_envelope else ""
    return DeviceStatus(
        status_code=parse_number(fields.get("statuscode")),
        sub_status=fields.get("substatuscode") or named,
        number=_failure_number(code),
        module_number=_failure_number(fields.get("merrcode")),
        text=fields.get("errormsg") or fields.get("statusstring", ""),
    )


def _failure_number(value: object) -> int | None:
    number = parse_number(value)
    return None if number in SUCCESS_CODES else number


def _may_have_status(body: bytes) -> bool:
    return _STATUS_MARKS.search(body[:_MARKS_WITHIN]) is not None


def _json_fields(body: bytes) -> dict[str, Any]:
    """Return the scalar fields of a JSON ResponseStatus or envelope, keys in lower case."""
    try:
        parsed = parse_json(decode(body).strip("\x00"))
    except ValueError:
        return {}
    if not isinstance(parsed, dict):
        return {}
    fields = {key.strip().lower(): value for key, value in parsed.items()}
    nested = fields.get("responsestatus")
    if isinstance(nested, dict):
        fields = {key.strip().lower(): value for key, value in nested.items()}
    return {key: value for key, value in fields.items() if not isinstance(value, (dict, list, bool))}


def _xml_fields(body: bytes) -> dict[str, Any]:
    try:
        root = parse_xml(body)
    except XmlError:
        return {}
    if local_name(root.tag) != "ResponseStatus":
        return {}
    return {local_name(child.tag).lower(): child.text for child in root}


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
        status = DeviceStatus(sub_status=value if number is None else "", number=number)
        if is_sure or status.codes:
            return status
    return None
