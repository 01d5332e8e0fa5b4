"""The platform's envelope: bytes to data, or to the error that they mean.

`errorCode` counts more than the HTTP status; it comes as a string or a number, keys may carry blanks,
`data` may be missing or null (field notes, "Envelope").
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from hpcli.errors import (
    CallLimitError,
    ConflictError,
    DeviceError,
    DeviceOfflineError,
    HpcliError,
    NetworkError,
    NotFoundError,
    PermissionDeniedError,
    PlatformError,
    ProtocolError,
    SignInError,
    UsageError,
)
from hpcli.masking import quote_line
from hpcli.parse import JsonDepthError, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKEN_CODES = frozenset({"LAP500002", "LAP500003", "LAP500004", "LAP500005"})

_WRONG_HOST = "A proxy or a wrong host answered; check HTTPS_PROXY and the login host."
_LONGEST_TEXT = 300
_LONGEST_QUOTE = 80
_READ_FOR_QUOTE = 400
_LARGEST_MENDED = 4 << 20  # a second a MiB at worst; a page of a list has a tenth of it
_NESTED = frozenset({dict, list})
_MOST_DIGITS = 640  # any limit of Python's (sys.set_int_max_str_digits) is above that
_WORDS = (
    "message", "msg", "errormsg", "errmsg", "errormessage", "errordesc", "failreason", "reason", "merrcode"
)  # fmt: skip
"""Fields in which the platform and devices say why (field notes, "Envelope"; Guide §3.18, §3.28, A.5.8)."""

_KINDS: dict[str, type[HpcliError]] = {
    kind.kind: kind
    for kind in (
        CallLimitError,
        ConflictError,
        DeviceError,
        DeviceOfflineError,
        NetworkError,
        NotFoundError,
        PermissionDeniedError,
        PlatformError,
        SignInError,
        UsageError,
    )
}


class Answer:
    """One HTTP answer, read whole.

    Attributes:
        headers: found in any case, as `requests` gives them.
        may_be_empty: the call is documented to answer nothing where it succeeds.
        is_whole: False if the body was cut off.
        kept: what was made of it, by how it was read: several look at an answer before it is used.
    """

    __slots__ = ("body", "headers", "is_whole", "kept", "may_be_empty", "status", "url")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        url: str,
        *,
        may_be_empty: bool = False,
        is_whole: bool = True,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
        self.may_be_empty = may_be_empty
        self.is_whole = is_whole
        self.kept: dict[str, Any] = {}


def trim_keys(value: Any) -> Any:
    """Return data that came as JSON with the blanks around object keys taken away; objects without may be the same."""
    if type(value) is dict:
        names = _trimmed(tuple(value))
        if _NESTED.isdisjoint(map(type, value.values())):
            return value if names is None else dict(zip(names, value.values(), strict=True))
        items = [trim_keys(item) if type(item) in _NESTED else item for item in value.values()]
        return dict(zip(names or value, items, strict=True))
    if type(value) is list and not _NESTED.isdisjoint(map(type, value)):
        return [trim_keys(item) for item in value]
    return value


@lru_cache(maxsize=1024)
def _trimmed(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the keys of an object without blanks, None where they have none: most objects of a list have the same."""
    trimmed = tuple(key.strip() for key in keys)
    return None if trimmed == keys else trimmed


def read_json(answer: Answer) -> Any:
    """Return the answer's JSON; what is nested deeper than 64 levels in an answer of over 200 comes as text.

    Raises:
        NetworkError: the body is not JSON; a little of it is quoted, unless it began as JSON.
    """
    try:
        text = answer.body.decode("utf-8-sig")
        try:
            return _parse(text)
        except JsonDepthError:
            from hpcli.client.deep_json import quote_deep_values

            # A batch of alarms with such a message would come again for ever.
            return _parse(quote_deep_values(text))
    except ValueError as error:
        raise not_the_platform(answer) from error


def _parse(text: str) -> Any:
    """Read JSON; a number of more digits than Python reads comes as text, as one of them must not cost an answer."""
    try:
        return parse_json(text)
    except ValueError as error:
        if type(error) is not ValueError:  # broken, or nested too deep
            raise
        return parse_json(
            text, parse_int=lambda digits: int(digits) if len(digits) < _MOST_DIGITS else digits
        )


def is_json(answer: Answer) -> bool:
    """Return whether the answer's body is JSON."""
    try:
        read_json(answer)
    except NetworkError:
        return False
    return True


def read_lenient_envelope(answer: Answer) -> dict[str, Any]:
    """Return the envelope of a list's answer, in which a bad byte or character costs no row (see `lenient_json`).

    Raises:
        NetworkError: the body is not a JSON object, ends too early, or is damaged and has no data: that nothing is
            there is known from a sound answer only.
    """
    try:
        return read_envelope(answer)
    except NetworkError:
        if "lenient" not in answer.kept:
            answer.kept["lenient"] = _mended_envelope(answer)
        envelope = answer.kept["lenient"]
        if envelope is None:
            raise
        return dict(envelope)


def _mended_envelope(answer: Answer) -> dict[str, Any] | None:
    """Return the envelope of damaged JSON, None where there is none with data."""
    if len(answer.body) > _LARGEST_MENDED:
        return None
    from hpcli.isapi.lenient_json import name_like, read_bytes, read_lenient  # most answers do not need it

    try:
        reading = read_lenient(read_bytes(answer.body))
    except ValueError:
        return None
    if reading.is_cut or not isinstance(reading.values[0], dict):
        return None
    found = trim_keys(reading.values[0])
    envelope = {name_like(name, ("data", "errorCode")) or name: value for name, value in found.items()}
    return envelope if envelope.get("data") else None


def lenient_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer as `envelope_refusal` does, of one that `read_lenient_envelope` reads."""
    return _refusal_in(answer, read_lenient_envelope)


def read_envelope(answer: Answer, *, trim: bool = True) -> dict[str, Any]:
    """Return the envelope of an answer.

    Args:
        answer: what came.
        trim: take blanks from keys at every depth, not only at the first two; alarm payloads
            are kept as they came.

    Raises:
        NetworkError: the body is not a JSON object.
    """
    way = "trimmed" if trim else "as it came"
    known = answer.kept.get(way)
    if known is None:
        known = answer.kept[way] = _read_envelope(answer, trim=trim)
    return dict(known)


def _read_envelope(answer: Answer, *, trim: bool) -> dict[str, Any]:
    if not answer.body or answer.body.strip() == b"None":
        return _empty_envelope(answer)
    parsed = answer.kept.get("json")
    if parsed is None:
        parsed = answer.kept["json"] = read_json(answer)
    if not isinstance(parsed, dict):
        raise not_an_envelope(answer)
    envelope = {key.strip(): value for key, value in parsed.items()}
    if trim:
        return dict(trim_keys(envelope))
    data = envelope.get("data")
    if isinstance(data, dict):
        envelope["data"] = {key.strip(): value for key, value in data.items()}
    return envelope


def _empty_envelope(answer: Answer) -> dict[str, Any]:
    """An empty body is an answer where the call is documented so (§3.41, errata 137); else something is missing."""
    if answer.status < 300 and answer.may_be_empty:
        return {"errorCode": "0"}
    raise not_the_platform(answer)


def envelope_code(envelope: Mapping[str, Any]) -> str | None:
    """Return the error code of an envelope, or None for a success and where there is no code."""
    code = _code_in(envelope)
    return None if code in ("", "0") else code


def _code_in(envelope: Mapping[str, Any]) -> str:
    """Return the text of `errorCode`; empty where there is none, or something that is neither text nor a number."""
    code = envelope.get("errorCode")
    return str(code).strip() if isinstance(code, str | int) and not isinstance(code, bool) else ""


def refusal(code: str | None, envelope: Mapping[str, Any], status: int) -> HpcliError:
    """Return the error that a code means, with the vendor's description and a hint of ours."""
    from hpcli.reference.platform_errors import platform_error

    entry = platform_error(code) if code else None
    data = envelope.get("data")
    text = own_words(envelope) or (own_words(data) if isinstance(data, dict) else "")
    if entry is None:
        message = text[:_LONGEST_TEXT] or "The platform refused the call."
        return PlatformError(_sentence(message), code=code, http_status=status, platform_message=text)
    kind = _KINDS.get(entry.kind, PlatformError)
    return kind(
        _sentence(entry.description or text[:_LONGEST_TEXT]),
        code=code,
        hint=entry.hint or None,
        http_status=status,
        platform_message=text,
    )


def own_words(fields: Mapping[str, Any]) -> str:
    """Return what an envelope or a row says of a failure in its own words, empty where it says nothing."""
    members = {key.lower().replace("_", ""): value for key, value in fields.items()}
    said = [str(members[key]).strip() for key in _WORDS if isinstance(members.get(key), str | int)]
    return "; ".join(dict.fromkeys(text for text in said if text and text not in ("0", "True", "False")))


def envelope_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer that carries the platform's envelope, or None.

    The error code is the truth whatever the HTTP status; the status counts where there is no code.
    """
    return _refusal_in(answer, partial(read_envelope, trim=False))


def _refusal_in(answer: Answer, read: Callable[[Answer], dict[str, Any]]) -> HpcliError | None:
    try:
        envelope = read(answer)
    except NetworkError as error:
        return status_error(answer) or error
    code = envelope_code(envelope)
    if code:
        return refusal(code, envelope, answer.status)
    if _code_in(envelope):
        return None
    return status_error(answer, envelope) or (None if _has_token(envelope) else not_an_envelope(answer))


def _has_token(envelope: Mapping[str, Any]) -> bool:
    """Whether it answers the sign-in, which may do so without an envelope or a code (errata 70)."""
    data = envelope.get("data")
    return "accessToken" in envelope or (isinstance(data, dict) and "accessToken" in trim_keys(data))


def status_error(answer: Answer, envelope: Mapping[str, Any] | None = None) -> HpcliError | None:
    """Return the error of an HTTP status that no error code explains, or None where it is a success."""
    if answer.status < 300:
        return None
    if answer.status == 404:
        return NotFoundError(
            "The platform does not know this call.",
            http_status=404,
            hint="Is the login host right (`hpcli auth status`)? `hpcli api --list` names the calls there are.",
        )
    if answer.status == 401:
        return SignInError(
            "The platform does not accept the token.", http_status=401, hint="Run `hpcli auth status`."
        )
    if answer.status == 403:
        return PermissionDeniedError("The platform denies access to this call.", http_status=answer.status)
    if answer.status == 429:
        return CallLimitError("Too many calls.", http_status=429, hint="Wait a minute and try again.")
    if envelope is None or answer.status < 400:
        return not_the_platform(answer)
    return NetworkError(f"The platform answered HTTP {answer.status}.", http_status=answer.status)


def redirect_error(answer: Answer) -> NetworkError | None:
    """Return the error of a 3xx, which is never followed; None for any other answer."""
    if not 300 <= answer.status < 400:
        return None
    return NetworkError(
        f"The platform's host redirects the call elsewhere (HTTP {answer.status}).",
        http_status=answer.status,
        hint=_WRONG_HOST,
    )


def not_an_envelope(answer: Answer) -> NetworkError:
    """Return the error of JSON that is not the platform's; it is not quoted, as it may hold anything."""
    return _other_answer(answer, "JSON without an error code.")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def not_the_platform(answer: Answer) -> NetworkError:
    """Return the error of an answer that is not JSON; a little of it is quoted, unless it began as JSON."""
    text = answer.body[:_READ_FOR_QUOTE].decode("utf-8-sig", "replace").strip()
    if text.startswith(("{", "[")):
        return _other_answer(answer, "JSON that is broken.")  # it is not quoted, as it may hold a token
    quoted = quote_line(text, _LONGEST_QUOTE)
    return _other_answer(answer, quoted or ("blanks." if answer.body else "an empty body."))


def _other_answer(answer: Answer, what: str) -> NetworkError:
    kind = ProtocolError if answer.status < 300 else NetworkError
    return kind(
        f"The answer is not the platform's (HTTP {answer.status}): {what}",
        http_status=answer.status,
        hint=_WRONG_HOST,
    )
