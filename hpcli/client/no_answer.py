"""Requests without an answer: what became of them, and whether another try makes sense."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hpcli.errors import HpcliError, NetworkError, TimeLimitError, UsageError

if TYPE_CHECKING:
    from hpcli.client.answers import Answer

_PROXY_WANTS_SIGN_IN = "407"
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})  # by OpenSSL's version


class NoAnswer(Exception):  # noqa: N818 - carries the error; never leaves the client
    """No whole answer came.

    Attributes:
        error: what to raise where it is not repeated.
        never_arrived: the platform surely did not get the request, so that nothing was changed.
        is_final: another try would end the same way.
        received: what came of the answer before it was cut off, None if that is not even its head.
    """

    def __init__(self, error: HpcliError, *, never_arrived: bool = False, is_final: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.never_arrived = never_arrived
        self.is_final = is_final
        self.received: Answer | None = None


def out_of_time() -> TimeLimitError:
    """Return the error of an answer that took too long."""
    return TimeLimitError("The platform did not answer in time.", hint="Try again, or raise --timeout.")


def read_failure(error: Exception, host: str) -> NoAnswer:
    """Return why no answer came: the request never left, or its answer was lost.

    Args:
        error: of requests or urllib3.
        host: where the request was meant to go.
    """
    import requests
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError, ReadTimeoutError

    inner = list(_unwrap(error))
    if any(isinstance(found, ssl.SSLCertVerificationError) for found in inner):
        hint = "Check the date of this computer, and REQUESTS_CA_BUNDLE where a proxy re-signs traffic."
        return NoAnswer(
            NetworkError(f"No trusted TLS connection to {host}.", hint=hint),
            never_arrived=True,
            is_final=True,
        )
    if any(isinstance(found, ssl.SSLError) and found.reason in _NO_TLS for found in inner):
        hint = f"Where it speaks plain http, say so: {host.replace('https:', 'http:', 1)}."
        return NoAnswer(
            NetworkError(f"{host} does not speak TLS.", hint=hint), never_arrived=True, is_final=True
        )
    if isinstance(error, requests.exceptions.InvalidSchema | requests.exceptions.InvalidProxyURL):
        return NoAnswer(
            _unusable_proxy("is of a kind that hpcli does not speak"), never_arrived=True, is_final=True
        )
    if isinstance(error, requests.exceptions.InvalidURL):
        return NoAnswer(
            UsageError(f"The request cannot be sent to {host}."), never_arrived=True, is_final=True
        )
    has_connected = not any(isinstance(found, NewConnectionError | ConnectTimeoutError) for found in inner)
    if any(isinstance(found, ProxyError) for found in inner):
        return _read_proxy_failure(inner, host, has_connected=has_connected)
    if not has_connected:
        hint = "Check the network and name resolution: `hpcli doctor`."
        return NoAnswer(NetworkError(f"{host} cannot be reached.", hint=hint), never_arrived=True)
    if any(isinstance(found, requests.Timeout | ReadTimeoutError) for found in inner):
        return NoAnswer(out_of_time())
    return _read_bad_message(inner) or NoAnswer(NetworkError(f"The connection to {host} broke off."))


def _read_bad_message(inner: list[BaseException]) -> NoAnswer | None:
    """Read what was wrong with the answer that came; None where none came."""
    from http.client import HTTPException, IncompleteRead, RemoteDisconnected

    from urllib3.exceptions import DecodeError

    from hpcli.client.http_message import BadMessageError, CutOffError

    for found in reversed(inner):
        if isinstance(found, RemoteDisconnected):
            return None
        if isinstance(found, CutOffError | IncompleteRead):
            return NoAnswer(NetworkError("The answer was cut off."))
        if isinstance(found, BadMessageError):
            return NoAnswer(NetworkError(f"The answer {found}"), is_final=True)
        if isinstance(found, DecodeError):
            return NoAnswer(NetworkError("The answer is broken: it cannot be unpacked."), is_final=True)
        if isinstance(found, HTTPException | ValueError | OverflowError) and not isinstance(found, OSError):
            return NoAnswer(NetworkError("The answer is broken: it is not HTTP."), is_final=True)
    return None


def _read_proxy_failure(inner: list[BaseException], host: str, *, has_connected: bool) -> NoAnswer:
    """Read urllib3's error about a proxy, which it also raises where the connection through one broke off."""
    if not has_connected:
        return NoAnswer(_unusable_proxy("cannot be reached"), never_arrived=True)
    refused = next((str(found) for found in inner if str(found).startswith("Tunnel connection failed")), None)
    if refused is not None:
        status = refused.removeprefix("Tunnel connection failed: ")
        is_final = status.startswith(_PROXY_WANTS_SIGN_IN)
        return NoAnswer(_unusable_proxy(f"refused: {status}"), never_arrived=True, is_final=is_final)
    return NoAnswer(NetworkError(f"The connection to {host} through the proxy broke off."))


def _unusable_proxy(why: str) -> NetworkError:
    return NetworkError(f"The proxy {why}.", hint="Check HTTPS_PROXY, ALL_PROXY and NO_PROXY.")


def _unwrap(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that requests and urllib3 wrapped into it, from the outside in."""
    found: object = error
    while isinstance(found, BaseException):
        yield found
        reason = getattr(found, "reason", None)
        inner = [*([reason] if isinstance(reason, BaseException) else []), *found.args]
        found = next((item for item in inner if isinstance(item, BaseException)), None)
