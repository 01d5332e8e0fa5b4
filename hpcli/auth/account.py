"""An account: a login host and an app key. This module decides which hosts may receive a token."""

import hashlib
import re
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from hpcli.errors import PlatformError, UsageError

# Guide §3.1: Russia has its own login host.
REGIONS = {"general": "https://api.hik-partner.com", "russia": "https://api.hik-partnerru.com"}

# The platform's own domains; the area domains of Guide §3.1 are under the first two.
_PLATFORM_DOMAINS = ("hik-partner.com", "hik-partnerru.com", "hik-proconnect.com", "hik-proconnectru.com")

# Second labels that are a public suffix before a country's two letters: `co.uk`, `com.br`.
_SHARED_SECOND_LABELS = frozenset(
    {"ac", "asso", "co", "com", "ed", "edu", "gen", "go", "gob", "gouv", "gov", "govt", "gub", "ltd"}
    | {"me", "mil", "ne", "net", "nhs", "nom", "or", "org", "plc", "pro", "sch", "web"}
)

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class Account(NamedTuple):
    """A platform account.

    Args:
        login_host: base URL of the sign-in.
        app_key: its API key.
    """

    login_host: str
    app_key: str

    def __repr__(self) -> str:
        """Return the login host: a traceback shows no app key."""
        return f"Account({self.login_host!r})"

    @property
    def id(self) -> str:
        """The id in the account's file names: 16 hex digits, the same for every spelling of the login host."""
        text = f"{normalise_base_url(self.login_host)}\n{self.app_key}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int

    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (
            "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        )


def normalise_base_url(text: str) -> str:
    """Return a login host as `https://host[:port]` in lower case.

    Args:
        text: a host or URL; the default scheme is https.

    Raises:
        UsageError: it is not a plain host, or is plain http to another computer.
    """
    try:
        origin = _parse_origin(text)
    except ValueError as error:
        raise UsageError(
            f"The base URL {_quote(text)} cannot be used: {error}.",
            hint=f"Give only scheme and host, such as {REGIONS['general']}.",
        ) from error
    if origin.scheme == "http" and not _is_loopback_host(origin.host):
        raise UsageError(
            f"The base URL {_quote(text)} would send the keys unencrypted.",
            hint="Use https, or a loopback host.",
        )
    return origin.url()


def is_loopback(base_url: str) -> bool:
    """Return whether a base URL or host is this computer: localhost, 127.0.0.0/8 or ::1."""
    try:
        return _is_loopback_host(_parse_origin(base_url).host)
    except ValueError:
        return False


def check_area_domain(area: str, login_host: str) -> str:
    """Return the area domain of a token as a base URL, after checking that it belongs to the platform.

    This accepts https hosts under the platform's own domains or the registrable domain of the login host, on
    the default port or the login host's port; from a loopback login host also loopback hosts, whose port is that of
    the login host if only the host is named. Without a public
    suffix list, the registrable domain is a rule of thumb (`_registrable_domain`). That is good enough: the area
    domain comes from the login host, which already has the keys.

    Args:
        area: the answer, perhaps without scheme, with blanks or a trailing slash (field note).
        login_host: base URL of the sign-in.

    Raises:
        PlatformError: the area domain is not acceptable; nothing may be sent there.
        UsageError: the login host is not valid.
    """
    login = _parse_origin(normalise_base_url(login_host))
    is_here = is_loopback(area) and _is_loopback_host(login.host)
    if is_here and area.strip() == _parse_origin(area).host:  # as a mock says that cannot know its port
        area = f"{area.strip()}:{login.port}"
    try:
        origin = _parse_origin(area, default_scheme=login.scheme if is_loopback(area) else "https")
    except ValueError as error:
        raise _refuse_area(area, login, str(error)) from error
    if is_here:
        return origin.url()
    if origin.scheme != "https":
        raise _refuse_area(area, login, "it is not https")
    if origin.port not in (_DEFAULT_PORTS["https"], login.port):
        raise _refuse_area(area, login, "its port is unusual")
    domains = (*_PLATFORM_DOMAINS, _registrable_domain(login.host))
    is_under = f".{origin.host}".endswith(tuple(f".{domain}" for domain in domains if domain))
    if not is_under and origin.host != login.host:
        raise _refuse_area(area, login, "it is not under the platform's domains")
    return origin.url()


def _refuse_area(area: str, login: _Origin, reason: str) -> PlatformError:
    return PlatformError(
        f"The platform gave the area domain {_quote(area)}, but {reason}; no token was sent there.",
        hint=f"Check that the login host {login.url()} is the right one.",
    )


def _parse_origin(text: str, default_scheme: str = "https") -> _Origin:
    """Return the origin in a text.

    Raises:
        ValueError: it has more than scheme, host and port, or characters that programs interpret differently.
    """
    text = text.strip()
    # urlsplit silently drops tabs and line ends, and HTTP libraries (IDNA) map look-alikes to plain letters.
    if not text.isascii() or not text.isprintable():
        raise ValueError("it has characters that are not allowed in a host name")
    parts = urlsplit(text if "://" in text else f"{default_scheme}://{text}")
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("it is neither https nor http")
    if "@" in parts.netloc:
        raise ValueError("it contains a user name")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("it contains more than a host")
    return _Origin(parts.scheme, _parse_host(parts), parts.port or _DEFAULT_PORTS[parts.scheme])


def _parse_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host:
        if re.fullmatch(r"[0-9a-f:.]+", host) is None:
            raise ValueError("its host is not a valid IPv6 address")
        return host
    if len(host) > 253 or _HOST_NAME.fullmatch(host) is None:
        raise ValueError("its host is not a valid host name")
    # Some resolvers read a last label of digits, or of 0x…, as an address (`127.1`, `0x7f000001`).
    if re.fullmatch(r"\d+|0x[0-9a-f]*", host.rpartition(".")[2]) and _IPV4.fullmatch(host) is None:
        raise ValueError("its host is not a valid host name")
    return host


def _is_loopback_host(host: str) -> bool:
    return host in ("localhost", "::1") or (host.startswith("127.") and _IPV4.fullmatch(host) is not None)


def _registrable_domain(host: str) -> str | None:
    """Return the registrable part of a host name, None if there is none.

    It has the last two labels, or three if the last two look like a public suffix (`co.uk`). An address, a single
    label and a bare public suffix have none; then only the same host is accepted.
    """
    labels = host.split(".")
    is_shared = len(labels[-1]) == 2 and _SHARED_SECOND_LABELS.issuperset(labels[-2:-1])
    size = 3 if is_shared else 2
    if ":" in host or _IPV4.fullmatch(host) or len(labels) < size:
        return None
    return ".".join(labels[-size:])


def _quote(text: str) -> str:
    """Quote a URL for a message: without user name, password and control characters, and not too long."""
    return repr(re.sub(r"[^/]*@", "***@", text)[:100])
