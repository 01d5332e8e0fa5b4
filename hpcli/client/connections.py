"""Connections for addresses that strangers chose: checked as soon as they stand, and cut when their time is up."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlsplit

from hpcli.errors import HpcliError

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter
    from urllib3 import ProxyManager
    from urllib3.connectionpool import HTTPConnectionPool

_NAT64 = IPv6Network("64:ff9b::/96")


class Guard(Protocol):
    """Looks at a connection before TLS or HTTP begin; what it raises ends the request."""

    def __call__(self, connection: socket.socket, *, is_plain: bool, is_proxy: bool) -> None:
        """Look at a connection: whether it is without TLS, whether a proxy is at its end."""


class Deadline:
    """Ends every connection it watches when the time is up, however slowly bytes still trickle in."""

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Start the clock."""
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop the clock and let go of the connections."""
        self._timer.cancel()
        for connection in self._sockets:
            connection.close()

    def watch(self, connection: socket.socket) -> None:
        """Take a new connection into account."""
        # A duplicate: TLS takes the socket itself over, and the HTTP library lets go of it when it likes.
        self._sockets.append(connection.dup())
        if self.has_passed:
            self._cut()

    def _cut(self) -> None:
        self.has_passed = True
        for connection in self._sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def is_local_host(base_url: str) -> bool:
    """Tell whether a host is this computer or in a private network, wherever its name leads to."""
    try:
        found = socket.getaddrinfo(urlsplit(base_url).hostname, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return False
    return bool(found) and not any(is_public(read_address(str(entry[4][0]))) for entry in found)


def is_loopback_name(host: str) -> bool:
    """Tell whether a host, as a URL writes it, is this computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return read_address(host).is_loopback
    except ValueError:
        return False


def is_private_literal(host: str) -> bool:
    """Tell whether a host is written as an address that is not out in the internet."""
    try:
        return not is_public(read_address(host))
    except ValueError:
        return False


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is out in the internet; IPv6 forms of an IPv4 address are looked through."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_public(inner)
        if address.is_site_local or address.teredo:
            return False
    return address.is_global and not address.is_multicast


def read_address(text: str) -> IPv4Address | IPv6Address:
    """Return an address without its zone (`%eth0`). Raises ValueError."""
    return ip_address(text.partition("%")[0])


def make_adapter(guard: Guard) -> HTTPAdapter:
    """Return an adapter of `requests` that shows every new connection to a guard and repeats nothing."""
    from requests.adapters import HTTPAdapter

    class GuardedAdapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **more: Any) -> None:
            super().init_poolmanager(*args, **more)
            self.poolmanager.pool_classes_by_scheme = _make_pools(guard, is_proxy=False)

        def proxy_manager_for(self, proxy: str, **more: Any) -> ProxyManager:
            manager: ProxyManager = super().proxy_manager_for(proxy, **more)
            # SOCKS has connection classes of its own, which must stay.
            if not proxy.lower().startswith("socks"):
                manager.pool_classes_by_scheme = _make_pools(guard, is_proxy=True)
            return manager

    return GuardedAdapter(max_retries=0)


def _make_pools(guard: Guard, *, is_proxy: bool) -> dict[str, type[HTTPConnectionPool]]:
    """Return urllib3's pools by scheme, with connections that call the guard."""
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    def show(connection: socket.socket, *, is_plain: bool) -> socket.socket:
        try:
            guard(connection, is_plain=is_plain, is_proxy=is_proxy)
        except (HpcliError, OSError):
            connection.close()
            raise
        return connection

    # urllib3's own SOCKS support steps in at `_new_conn` as well; after `connect` TLS would have begun.
    class GuardedConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return show(super()._new_conn(), is_plain=True)

    class GuardedTlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return show(super()._new_conn(), is_plain=False)

    class Pool(HTTPConnectionPool):
        ConnectionCls = GuardedConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTlsConnection

    return {"http": Pool, "https": TlsPool}
