"""Every error that hpcli raises on purpose, with its kind and exit code.

::

    HpcliError
    ├── UsageError                 2  usage        the command line, a file or a value is wrong; nothing was changed
    ├── SignInError                3  sign-in      no credentials, or the platform refused them
    ├── PlatformError              1  platform     the platform refused, or gave an unexpected answer
    │   ├── NotFoundError          4  not-found
    │   ├── PermissionDeniedError  5  permission
    │   ├── ConflictError          1  conflict     already there, already done
    │   └── CallLimitError         6  call-limit   still exceeded after the retries
    ├── NetworkError               7  network      unreachable, cut off, not JSON, or gone
    │   ├── TimeLimitError         7  timeout      --timeout or --wait-timeout ran out
    │   └── ProtocolError          7  protocol     a whole answer that is not what the call's document allows
    ├── DeviceError                8  device       the device answered with an error
    │   ├── DeviceOfflineError     8  offline
    │   └── UnconfirmedError       8  unconfirmed  a change was sent; the device confirmed nothing
    ├── PictureError               1  picture      wrong key, damaged or hostile picture
    ├── SomeFailedError            9  partial      at least one of several items failed
    ├── ProblemsFoundError        10  check        a check (`--fail-on`, `doctor`) found problems
    ├── LocalError                11  local        this computer: file, disk, keyring, a lock
    ├── InterruptedByUserError   130  interrupted  Ctrl-C, or a question answered no
    └── OutputClosedError        141  closed       the reader of stdout went away

`DryRun` is not an error: it carries the plan of a call that is shown instead of sent.

Only `cli.py` turns errors into text on stderr and an exit code.
"""

from enum import IntEnum
from typing import Any, ClassVar, Self

from hpcli.masking import mask_known, mask_text, mask_values, quote_line

_LONGEST_PLATFORM_MESSAGE = 300
_LONGEST_CODE = 60


class ExitCode(IntEnum):
    """Exit codes; the text is what `hpcli help exit-codes` prints."""

    text: str

    def __new__(cls, value: int, text: str) -> Self:
        """Create a member from its number and its help text."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member

    DONE = 0, "done"
    REFUSED = 1, "the platform refused, an unexpected answer, or a wrong picture key"
    USAGE = 2, "wrong usage; nothing was changed"
    SIGN_IN = 3, "not signed in, or credentials refused"
    NOT_FOUND = 4, "not found"
    PERMISSION = 5, "no permission"
    CALL_LIMIT = 6, "call limit still exceeded after retries"
    NETWORK = 7, "network, unusable answer, time limit, no platform, or --wait ran out"
    DEVICE = 8, "the device failed, is offline, or did not confirm a change"
    PARTIAL = 9, "at least one of several items failed"
    CHECK = 10, "a check found problems (--fail-on)"
    LOCAL = 11, "this computer: file, disk, keyring, or another hpcli reads the queue"
    INTERRUPTED = 130, "interrupted, or a question answered no"
    CLOSED = 141, "stdout was closed by its reader"


def _repeats(words: str, code: str) -> bool:
    """Whether words say nothing beside a code: `add Exception{EVZ20010}`."""
    return words.partition(" ")[2].casefold() == f"exception{{{code}}}".casefold()


class HpcliError(Exception):
    """An error with a message for the user.

    Args:
        message: one sentence without code and hint.
        code: the platform's or device's code (`EVZ20007`, `0x40000002`), if there is one.
        hint: what the user can do about it.
        http_status: status of the HTTP answer.
        platform_message: what the platform or the device said in its own words, if anything.

    Attributes:
        platform_message: those words on one line, cut, with controls escaped and secrets masked.
        retry_after: seconds that the platform asked to wait (RFC 9110 §10.2.3), if it did.
        may_be_done: a change was sent, and it is not known whether it was made.
        target: the only device, site, person or server that the command named, as typed.
    """

    kind: ClassVar[str] = "error"
    is_of_target: ClassVar[bool] = False
    """Whether another target could have fared better, so that the text names the target."""
    default_exit_code: ClassVar[ExitCode] = ExitCode.REFUSED

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        http_status: int | None = None,
        platform_message: str | None = None,
    ) -> None:
        message = mask_known(mask_text(message))  # it may quote a server or a file
        super().__init__(message)
        self.message = message
        self.code = code and quote_line(code, _LONGEST_CODE)
        self.hint = hint and mask_known(hint)
        self.http_status = http_status
        self.platform_message = quote_line(platform_message or "", _LONGEST_PLATFORM_MESSAGE) or None
        self.retry_after: float | None = None
        self.may_be_done = isinstance(self, UnconfirmedError)
        self.target: str | None = None
        self.exit_code = self.default_exit_code

    def hide(self, *sent: Any) -> Self:
        """Mask the secrets that were sent and that the server repeats in the error; return the error.

        Args:
            sent: headers, bodies and other data with field names.
        """
        self.message = mask_values(self.message, list(sent))
        self.hint = self.hint and mask_values(self.hint, list(sent))
        self.platform_message = self.platform_message and mask_values(self.platform_message, list(sent))
        self.args = (self.message,)
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: code, message, platformMessage, hint, kind, httpStatus, exitCode, target."""
        return {
            "code": self.code,
            "message": self.message,
            "platformMessage": self.platform_message,
            "hint": self.hint,
            "kind": self.kind,
            "httpStatus": self.http_status,
            "exitCode": int(self.exit_code),
            "target": self.target,
        }

    def __str__(self) -> str:
        """Return the message, the code and the other side's own words: `The device is offline. (EVZ20007)`."""
        told = f"{self.message} ({self.code})" if self.code else self.message
        if self.target and self.is_of_target and self.target.casefold() not in self.message.casefold():
            told = f"{self.target}: {told}"
        words = self.platform_message
        if not words or words in self.message or (self.code and _repeats(words, self.code)):
            return told
        return f'{told} In its own words: "{words}"'


class UsageError(HpcliError):
    """The command line, a file or a value is wrong; nothing was changed."""

    kind = "usage"
    default_exit_code = ExitCode.USAGE


class SignInError(HpcliError):
    """No credentials, or the platform refused them."""

    kind = "sign-in"
    default_exit_code = ExitCode.SIGN_IN


class PlatformError(HpcliError):
    """The platform refused the call, or answered something unexpected."""

    kind = "platform"
    is_of_target = True


class NotFoundError(PlatformError):
    """The site, device, person or file does not exist, or this account cannot see it."""

    kind = "not-found"
    default_exit_code = ExitCode.NOT_FOUND


class PermissionDeniedError(PlatformError):
    """The account may not do this."""

    kind = "permission"
    default_exit_code = ExitCode.PERMISSION


class ConflictError(PlatformError):
    """The object already exists, is already shared, or already runs."""

    kind = "conflict"


class CallLimitError(PlatformError):
    """The call limit is still exceeded after the retries."""

    kind = "call-limit"
    is_of_target = False
    default_exit_code = ExitCode.CALL_LIMIT


class NetworkError(HpcliError):
    """The platform cannot be reached, or another server answered."""

    kind = "network"
    default_exit_code = ExitCode.NETWORK


class TimeLimitError(NetworkError):
    """A time limit ran out."""

    kind = "timeout"
    is_of_target = True


class ProtocolError(NetworkError):
    """The answer is complete, but the call's document does not allow it; a change may have been made."""

    kind = "protocol"
    is_of_target = True


class DeviceError(HpcliError):
    """The device answered with an error."""

    kind = "device"
    is_of_target = True
    default_exit_code = ExitCode.DEVICE


class DeviceOfflineError(DeviceError):
    """The device is not connected to the platform."""

    kind = "offline"


class UnconfirmedError(DeviceError):
    """A change was sent, but the device did not confirm it, and its state could not be read."""

    kind = "unconfirmed"
    advice = "Whether it was done is not known: look before you send it again."


class PictureError(HpcliError):
    """A picture cannot be decrypted, read or fetched."""

    kind = "picture"


class SomeFailedError(HpcliError):
    """At least one of several items failed; each failure has been reported."""

    kind = "partial"
    default_exit_code = ExitCode.PARTIAL


class ProblemsFoundError(HpcliError):
    """A check found problems."""

    kind = "check"
    default_exit_code = ExitCode.CHECK


class LocalError(HpcliError):
    """Something on this computer: a file, the disk, the keyring, a lock."""

    kind = "local"
    default_exit_code = ExitCode.LOCAL


class InterruptedByUserError(HpcliError):
    """Ctrl-C, or a question answered no.

    Args:
        message: as for every error.
        signal: the signal that the process shall die by; None if it ends with the exit code.
    """

    kind = "interrupted"
    default_exit_code = ExitCode.INTERRUPTED

    def __init__(self, message: str, *, signal: int | None = None) -> None:
        super().__init__(message)
        self.signal = signal


class OutputClosedError(HpcliError):
    """The reader of stdout went away."""

    kind = "closed"
    default_exit_code = ExitCode.CLOSED


class DryRun(Exception):  # noqa: N818 - not an error: the call was planned instead of sent
    """Raised instead of sending a change while `planning`; carries the plan."""

    def __init__(self, plan: dict[str, Any]) -> None:
        super().__init__("planned")
        self.plan = plan
