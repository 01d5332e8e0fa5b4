"""A device's refusal as one error, with the meaning and the advice of appendices A.6 and A.7."""

from collections.abc import Mapping

from hpcli.errors import DeviceError, DeviceOfflineError, ExitCode, HpcliError
from hpcli.isapi.status import DeviceStatus, envelope_code, read_status

__all__ = ["DeviceRefusedError", "device_error", "device_remark", "envelope_code", "read_status"]

ARMING_STARTED = "The panel has started arming; `hpcli panel areas` shows when it is armed."
_REMARKS = {
    "riskPassword": "The device accepted this password but calls it weak; choose a stronger one.",
    "armProcess": ARMING_STARTED,
    "rebootRequired": "The device must restart before this takes effect.",
}
_EXIT_CODES = {"lowPrivilege": ExitCode.PERMISSION}
_HTTP_REFUSALS = {
    401: ("the user name or the password is wrong", "badAuthorization"),
    403: ("no permission", "lowPrivilege"),
    404: ("it does not know this URI", "notSupport"),
    405: ("it does not know this method for this URI", "methodNotAllowed"),
}
_WRONG_LOGIN = (
    "Check the user and the password (`--as USER`); after several wrong ones the device locks the user."
)
_LOCKED_FOR_A_TIME = "Wait until it has unlocked the user; further tries may lock it for longer."
_HINTS = {
    "lowPrivilege": "Try the other level (`--user-level installer|admin`) or a user who may (`--as USER`).",
    "notSupport": "This model or firmware lacks the function.",
    "methodNotAllowed": "Try another method: GET reads, PUT changes, POST adds or searches.",
    "badAuthorization": _WRONG_LOGIN,
    "passwordError": _WRONG_LOGIN,
    "incorrentUserNameOrPassword": _WRONG_LOGIN,
    "userNameLocked": (
        "The device unlocks the user by itself, mostly after 30 minutes; further tries may lock it for longer."
    ),
    "userNotExist": "Try the other level: `--user-level installer|admin`.",
    "deviceBusy": "Wait a minute and try again.",
    "upgrading": "Wait until it is done: `hpcli device upgrade progress SERIAL`.",
    "armedStatus": "`hpcli panel areas SERIAL` shows which areas are armed.",
    "arming": "Arming is under way, or an open zone holds it up: `hpcli panel zones SERIAL --problems`.",
    "armingFailed": "Close or bypass what is open: `hpcli panel zones SERIAL --problems` shows it.",
    "bypassFailed": "An armed zone cannot be bypassed: disarm its area first.",
    "bypassStatus": "It is bypassed already: `hpcli panel zones SERIAL` shows it.",
    "zoneNotSupport": "Zones that guard against fire and for help cannot be bypassed.",
    "invalidOperation": "It may not be in use, or not be possible in this state.",
    "zoneFault": "`hpcli panel zones SERIAL --problems` shows the fault.",
    "badXmlContent": "An element is missing or a value is out of range.",
    "badJsonContent": "A field is missing or a value is out of range.",
    "badParameters": "A parameter is missing or out of range.",
    "rebootRequired": "Restart the device.",
}
_BUSY = 2
_USER_LOCKED = "userNameLocked"


class DeviceRefusedError(DeviceError):
    """The device answered with a status of A.6 or A.7, or with a bare HTTP status.

    Attributes:
        name: the sub-status name (`lowPrivilege`), empty if the device gave none that is known.
    """

    def __init__(
        self,
        message: str,
        *,
        name: str,
        code: str | None,
        hint: str | None,
        http_status: int,
        words: str = "",
    ) -> None:
        super().__init__(
            message, code=code, hint=hint, http_status=http_status, platform_message=words or None
        )
        self.name = name
        self.exit_code = _EXIT_CODES.get(name, self.default_exit_code)


def device_error(status: int, headers: Mapping[str, str], body: bytes) -> HpcliError | None:
    """Return the error of a pass-through answer, None for a success.

    A bare 429 or 5xx without a word of the device is the platform's own and gives None too.

    Args:
        status: HTTP status.
        headers: of the answer, found in any case.
        body: of the answer.

    Returns:
        DeviceRefusedError with exit code 8, but 5 for no permission;
        DeviceOfflineError or DeviceError for a code of the platform (see `envelope_code`).
    """
    said = read_status(headers, body, is_failed=status >= 400)
    platform_code = envelope_code(headers, body)
    if platform_code and (said is None or (said.number is not None and not said.codes)):
        return _platform_refusal(platform_code, status)
    if said is not None and not said.is_success:
        return refusal_of(said, status)
    return _http_refusal(status)


def device_remark(headers: Mapping[str, str], body: bytes) -> str | None:
    """Return what a success means beyond done: a weak password, arming under way, a restart needed."""
    said = read_status(headers, body)
    return remark_of(said) if said is not None else None


def advice(name: str) -> str | None:
    """Return what to do about a sub-status name, None where there is nothing but the device's own words."""
    return _HINTS.get(name)


def refusal_of(said: DeviceStatus, http_status: int) -> DeviceRefusedError:
    """Return the error of a status that is not a success."""
    if said.is_locked:
        return _locked(said, http_status)
    number = said.number or next((code.decimal for code in said.codes if code.decimal), said.module_number)
    name = said.name
    meaning = next((code.description for code in said.codes if code.description), said.text)
    if not name and not meaning and http_status in _HTTP_REFUSALS:
        meaning, name = _HTTP_REFUSALS[http_status]
    suggestion = next((code.suggestion for code in said.codes if code.suggestion), None)
    if said.status_code == _BUSY and suggestion is None:
        suggestion = _HINTS["deviceBusy"]
    return DeviceRefusedError(
        _sentence(meaning, name if number else ""),
        name=name,
        code=f"0x{number:08X}" if number else name or None,
        hint=_tries(said.tries_left) + (_HINTS.get(name, suggestion) or "") or None,
        http_status=http_status,
        words=said.words,
    )


def remark_of(said: DeviceStatus) -> str | None:
    """Return what a status means beyond done, None for a plain success or a failure."""
    return _REMARKS.get(said.name) if said.is_success else None


def _locked(said: DeviceStatus, http_status: int) -> DeviceRefusedError:
    """Return the error of a user whom the device has locked after wrong passwords: another try makes it longer."""
    from hpcli.reference.device_errors import device_codes_by_name

    left = f" for another {_minutes(said.unlock_seconds)}" if said.unlock_seconds else ""
    number = next((code.decimal for code in device_codes_by_name(_USER_LOCKED) if code.decimal), None)
    return DeviceRefusedError(
        f"The device has locked the user{left}, after too many wrong passwords.",
        name=_USER_LOCKED,
        code=f"0x{number:08X}" if number else _USER_LOCKED,
        hint=_LOCKED_FOR_A_TIME if said.unlock_seconds else _HINTS[_USER_LOCKED],
        http_status=http_status,
        words=said.words,
    )


def _minutes(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _tries(left: int | None) -> str:
    if left is None:
        return ""
    return f"{left} {'try is' if left == 1 else 'tries are'} left before the device locks the user. "


def _sentence(meaning: str, name: str) -> str:
    told = f"The device refused: {meaning.rstrip('. ')}" if meaning else "The device refused the request"
    return f"{told} ({name})." if name else f"{told}."


def _http_refusal(status: int) -> DeviceRefusedError | None:
    if status < 400 or status == 429 or status >= 500:
        return None
    meaning, name = _HTTP_REFUSALS.get(status, (f"HTTP {status}", ""))
    return DeviceRefusedError(
        _sentence(meaning, ""), name=name, code=None, hint=_HINTS.get(name), http_status=status
    )


def _platform_refusal(code: str, http_status: int) -> DeviceError:
    from hpcli.reference.platform_errors import platform_error

    entry = platform_error(code)
    if entry is None:
        return DeviceError("The platform did not reach the device.", code=code, http_status=http_status)
    kind = DeviceOfflineError if entry.kind == "offline" else DeviceError
    return kind(entry.description, code=code, hint=entry.hint or None, http_status=http_status)
