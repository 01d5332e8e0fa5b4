"""The connections of all HTTP: cut when their time is up, and shown to a guard where strangers chose their address."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlsplit

from hpcli.client.time_limits import time_limits
from hpcli.errors import HpcliError

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest, Response, Session
    from requests.adapters import HTTPAdapter
    from urllib3 import PoolManager, ProxyManager
    from urllib3.connection import HTTPConnection as _Connection
else:
    _Connection = object  # urllib3 is imported when the first connection is made

CONNECT_SECONDS = 10.0
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
"""For translation inside a network (RFC 8215); Python before 3.13 takes it for public."""


class Guard(Protocol):
    """Looks at a connection before TLS or HTTP begin; what it raises ends the request."""

    def __call__(self, connection: socket.socket, *, is_plain: bool, is_proxy: bool) -> None:
        """Look at a connection: whether it is without TLS, whether a proxy is at its end."""


class Sending(Protocol):
    """Is told of a request that goes out."""

    def begin(self) -> None:
        """A connection stands, and the request is about to go out on it; what this raises ends it."""

    def note_sent(self) -> None:
        """All of the request is out."""


class Deadline:
    """Ends every connection of this thread when the time is up, however slowly bytes still trickle in.

    Args:
        seconds: until then.
        sending: is told of the requests that go out.

    Attributes:
        ends_at: when the time is up, by the monotonic clock.
        has_passed: it is.
        has_sent: a request has begun to go out.
    """

    _here = threading.local()

    def __init__(self, seconds: float, sending: Sending | None = None) -> None:
        self.has_passed = self.has_sent = False
        self._sending = sending
        self.ends_at = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._limits = time_limits()

    @classmethod
    def current(cls) -> Deadline:
        """Return the one that this thread works under. Raises RuntimeError where there is none."""
        deadline: Deadline | None = getattr(cls._here, "deadline", None)
        if deadline is None:
            raise RuntimeError("a request without a deadline")
        return deadline

    def __enter__(self) -> Self:
        """Start the clock."""
        self._here.deadline = self
        self._limits.begin(self)
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop the clock and let go of the connections."""
        self._here.deadline = None
        self._limits.end(self)
        with self._lock:
            for connection in self._sockets:
                connection.close()
            self._sockets.clear()

    def shorten(self, seconds: float) -> None:
        """Let the time be up in some seconds at most: what is still to come is not worth a longer wait."""
        self.ends_at = min(self.ends_at, time.monotonic() + seconds)
        self._limits.begin(self)

    def watch(self, connection: socket.socket) -> None:
        """Take a connection into account."""
        with self._lock:
            # A duplicate: TLS takes the socket itself over, and the HTTP library lets go of it when it likes.
            self._sockets.append(_duplicate(connection))
        if self.has_passed:
            self.cut()

    def note_sending(self) -> None:
        """Notify the caller that a request is about to go out."""
        if self._sending is not None:
            self._sending.begin()
        self.has_sent = True

    def note_sent(self) -> None:
        """Notify the caller that the request is out."""
        if self._sending is not None:
            self._sending.note_sent()

    def connect(self, open_connection: Callable[[], socket.socket]) -> socket.socket:
        """Open a connection; looking up a name, and trying all its addresses, has no time limit of its own.

        Raises:
            TimeoutError: it was not open in time; it is closed as soon as it is.
        """
        attempt = _Connecting(open_connection)
        return attempt.result(max(0.0, self.ends_at - time.monotonic()))

    def cut(self) -> None:
        """End the connections now."""
        self.has_passed = True
        with self._lock:
            for connection in self._sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Connecting:
    """A connection that is opened by a thread of its own."""

    def __init__(self, open_connection: Callable[[], socket.socket]) -> None:
        self._open = open_connection
        self._connection: socket.socket | None = None
        self._error: BaseException | None = None
        self._is_given_up = False
        self._lock = threading.Lock()
        # Not one of an executor: the program would wait for it at its end.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self, seconds: float) -> socket.socket:
        """Wait for the connection. Raises TimeoutError, or what opening it raised."""
        try:
            self._thread.join(seconds)
        finally:
            with self._lock:
                self._is_given_up = self._connection is None
        if self._error is not None:
            raise self._error
        if self._connection is None:
            raise TimeoutError
        return self._connection

    def _run(self) -> None:
        try:
            connection = self._open()
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            self._error = error
            return
        with self._lock:
            if not self._is_given_up:
                self._connection = connection
                return
        connection.close()


def _duplicate(connection: socket.socket) -> socket.socket:
    """Return another socket of the same connection; those of TLS and SOCKS cannot be duplicated by `dup`."""
    return socket.socket(fileno=socket.dup(connection.fileno()))


def is_local_host(base_url: str) -> bool:
    """Return whether a host is this computer or in a private network, wherever its name leads to."""
    try:
        found = socket.getaddrinfo(urlsplit(base_url).hostname, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    return bool(found) and not any(is_public(read_address(str(entry[4][0]))) for entry in found)


def is_loopback_name(host: str) -> bool:
    """Return whether a host, as a URL writes it, is this computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return read_address(host).is_loopback
    except ValueError:
        return False


def is_private_literal(host: str) -> bool:
    """Return whether a host is written as an address that is not out in the internet."""
    try:
        return not is_public(read_address(host))
    except ValueError:
        return False


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is out in the internet; IPv6 forms of an IPv4 address are looked through."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_public(inner)
        if address.is_site_local or address.teredo or address in _LOCAL_NAT64:
            return False
    return address.is_global and not address.is_multicast


def read_address(text: str) -> IPv4Address | IPv6Address:
    """Return an address without its zone (`%eth0`). Raises ValueError."""
    return ip_address(text.partition("%")[0])


def leave_out_proxies(session: Session) -> None:
    """Keep a session from proxies and `.netrc`; the authorities that the environment names still count."""
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def send_once(session: Session, prepared: PreparedRequest, seconds: float) -> Response:
    """Send a request by the adapter of a session, within a Deadline; return the answer with its body unread.

    The session itself reads the whole body of a redirect and where it leads, also where none is followed, and the
    cookies of every answer.

    Args:
        session: has adapters of `make_adapter`.
        prepared: the request.
        seconds: the longest silence.

    Raises:
        Exception: one of `failures`.
    """
    import urllib3

    url = str(prepared.url)
    given = session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None)
    return session.get_adapter(url).send(
        prepared,
        stream=True,
        timeout=urllib3.Timeout(seconds, min(CONNECT_SECONDS, seconds)),  # type: ignore[arg-type] # the stubs know numbers only
        verify=given["verify"] or False,
        cert=given["cert"],
        proxies=given["proxies"],
    )


def failures() -> tuple[type[Exception], ...]:
    """Return what the libraries raise at a connection or an answer; ValueError and its like at odd answers."""
    import http.client

    import requests
    import urllib3

    return (
        requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError,
        OverflowError,
    )  # fmt: skip


def make_adapter(guard: Guard | None = None) -> HTTPAdapter:
    """Return an adapter of `requests` whose answers are whole, whose connections end with the Deadline of their thread.

    Nothing is repeated by it.

    Args:
        guard: is shown every new connection.
    """
    from requests.adapters import HTTPAdapter

    class StrictAdapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **more: Any) -> None:
            super().init_poolmanager(*args, **more)
            _replace_connections(self.poolmanager, guard, is_proxy=False)

        def proxy_manager_for(self, proxy: str, **more: Any) -> ProxyManager:
            is_known = proxy in self.proxy_manager
            manager: ProxyManager = super().proxy_manager_for(proxy, **more)
            if not is_known:
                # Of the computer behind a SOCKS proxy nothing is known here.
                is_socks = proxy.lower().startswith("socks")
                _replace_connections(manager, None if is_socks else guard, is_proxy=True)
            return manager

    return StrictAdapter(max_retries=0)


def _replace_connections(manager: PoolManager, guard: Guard | None, *, is_proxy: bool) -> None:
    """Give a manager pools whose connections are of our kind, on top of its own (SOCKS has some of its own)."""
    pools: dict[str, Any] = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {
        scheme: type(
            pool.__name__,
            (pool,),
            {"ConnectionCls": _make_connection(pool.ConnectionCls, guard, is_proxy=is_proxy)},
        )
        for scheme, pool in pools.items()
    }


def _make_connection(base: type[Any], guard: Guard | None, *, is_proxy: bool) -> type[Any]:
    """Return one of urllib3's kinds of connections made strict."""
    from urllib3.connection import HTTPSConnection

    from hpcli.client.http_message import WholeResponse

    is_plain = not issubclass(base, HTTPSConnection)

    def show(connection: socket.socket) -> None:
        if guard is not None:
            guard(connection, is_plain=is_plain, is_proxy=is_proxy)

    own = {"response_class": WholeResponse, "show": staticmethod(show)}
    return type(base.__name__, (_StrictConnection, base), own)


class _StrictConnection(_Connection):
    """A connection that ends with the Deadline of its thread; stands in front of one of urllib3's kinds."""

    show: Callable[[socket.socket], None]
    _twin: socket.socket | None = None
    _watched_by: Deadline | None = None

    # urllib3's own SOCKS support steps in here as well; after `connect` TLS would have begun.
    def _new_conn(self) -> socket.socket:
        from urllib3.exceptions import ConnectTimeoutError

        deadline = Deadline.current()
        try:
            connection = deadline.connect(super()._new_conn)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"Connection to {self.host} timed out.") from error
        self._twin = _duplicate(connection)
        self._watch(deadline)
        try:
            self.show(connection)
        except (HpcliError, OSError):
            connection.close()
            raise
        return connection

    def request(self, *args: Any, **more: Any) -> None:
        deadline = Deadline.current()
        self._watch(deadline)
        if self.sock is None:
            self.connect()
        deadline.note_sending()
        super().request(*args, **more)
        deadline.note_sent()

    def close(self) -> None:
        super().close()
        if self._twin is not None:
            self._twin.close()
            self._twin = None

    def _watch(self, deadline: Deadline) -> None:
        if self._twin is not None and self._watched_by is not deadline:
            deadline.watch(self._twin)
            self._watched_by = deadline
