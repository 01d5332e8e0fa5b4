"""The way to the login host: clock, name resolution, proxy, TLS."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hpcli.commands.doctor.finding import Finding, SkippedError
from hpcli.daemon_call import start_call
from hpcli.errors import NetworkError
from hpcli.parse import parse_http_date

if TYPE_CHECKING:
    from requests import Response

    from hpcli.run.account import AccountSession

_SECONDS = 10.0
_MOST_SKEW = 120.0  # a token is valid for hours, but times of alarms and searches would be wrong


@dataclass
class LoginHost:
    """The login host of an account; it is asked once.

    Args:
        session: the account.
        now: the current time.
    """

    session: AccountSession
    now: Callable[[], datetime]

    @cached_property
    def _host(self) -> str:
        return self.session.account.login_host

    @cached_property
    def _answer(self) -> Response:
        """The login host's answer to a plain request, with any status.

        Raises:
            NetworkError: the host does not answer.
        """
        import requests

        from hpcli.client.connections import Deadline, failures, leave_out_proxies, make_adapter, send_once

        session = requests.Session()
        if self.session.is_stand_in:
            leave_out_proxies(session)
        session.mount("http://", make_adapter())
        session.mount("https://", make_adapter())
        try:
            with session, Deadline(_SECONDS):
                request = session.prepare_request(requests.Request("GET", self._host))
                with send_once(session, request, _SECONDS) as response:
                    return response
        except requests.exceptions.SSLError as error:
            raise NetworkError(
                "The certificate is not trusted.",
                hint="Behind a proxy that re-signs traffic, set REQUESTS_CA_BUNDLE to its certificate; "
                "otherwise check the clock.",
            ) from error
        except requests.exceptions.ProxyError as error:
            raise NetworkError(
                "The proxy refused or cannot be reached.", hint="Check HTTPS_PROXY and NO_PROXY."
            ) from error
        except failures() as error:
            raise NetworkError(
                f"{self._host} does not answer.", hint="Check network, firewall and HTTPS_PROXY."
            ) from error

    @cached_property
    def _proxy_used(self) -> str | None:
        if self.session.is_stand_in:
            return None
        from requests.utils import get_environ_proxies, select_proxy

        return select_proxy(self._host, get_environ_proxies(self._host))

    def check_clock(self) -> Finding:
        """Compare this computer's clock with the platform's."""
        try:
            theirs = parse_http_date(self._answer.headers.get("Date", ""))
        except NetworkError as error:
            raise SkippedError("the login host does not answer, see below") from error
        if theirs is None:
            raise SkippedError("the login host does not send the time")
        skew = (self.now() - theirs).total_seconds()
        if abs(skew) > _MOST_SKEW:
            direction = "ahead of" if skew > 0 else "behind"
            return Finding(
                "clock",
                "problem",
                f"{abs(skew):.0f} s {direction} the platform",
                "Let this computer use NTP.",
            )
        return Finding("clock", "ok", f"differs from the platform by {abs(skew):.0f} s")

    def check_names(self) -> Finding:
        """Look up the address of the host."""
        host = urlsplit(self._host).hostname or ""
        if self._proxy_used:
            return Finding("name resolution", "ok", f"the proxy resolves {host}")
        try:
            looked_up = start_call(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), "names")
            found = looked_up.result(_SECONDS)
        except OSError as error:
            raise NetworkError(
                f"{host} has no address.",
                hint="Check the network's name server, and `hpcli config get base-url`.",
            ) from error
        addresses = sorted({str(entry[4][0]) for entry in found})
        return Finding("name resolution", "ok", f"{host} is {', '.join(addresses[:3])}")

    def check_proxy(self) -> Finding:
        """Connect to the proxy, if one is set."""
        proxy = self._proxy_used
        if proxy is None:
            return Finding("proxy", "ok", "none")
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
        try:
            port = parts.port or 80
            socket.create_connection((parts.hostname or "", port), timeout=_SECONDS).close()
        except (OSError, ValueError) as error:
            raise NetworkError(
                f"The proxy {parts.hostname} cannot be reached.", hint="Check HTTPS_PROXY and NO_PROXY."
            ) from error
        return Finding("proxy", "ok", f"{parts.hostname}:{port}")

    def check_tls(self) -> Finding:
        """Check the certificate of the host."""
        if self._host.startswith("http:"):
            return Finding("TLS", "ok", "not used on this computer")
        status = self._answer.status_code
        return Finding("TLS", "ok", f"the certificate is trusted; the host answers {status}")
