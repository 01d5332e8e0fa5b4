"""The Python client: `Client(app_key=…, secret_key=…).site.list()`.

One attribute a family, one method a call, plain dicts and lists with the API's names. Methods raise the
errors of `hpcli.errors`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from hpcli.client.access.events import AccessEventCalls
    from hpcli.client.access.permissions import AccessCalls
    from hpcli.client.alarms import AlarmCalls
    from hpcli.client.arc import ArcCalls
    from hpcli.client.customer import CustomerCalls
    from hpcli.client.device.devices import DeviceCalls
    from hpcli.client.health import HealthCalls
    from hpcli.client.hotspare.servers import HotspareCalls
    from hpcli.client.installer import InstallerCalls
    from hpcli.client.package import PackageCalls
    from hpcli.client.panel import PanelCalls
    from hpcli.client.person.persons import PersonCalls
    from hpcli.client.ptz import PtzCalls
    from hpcli.client.raw import RawCalls
    from hpcli.client.site import SiteCalls
    from hpcli.client.transport import Transport
    from hpcli.client.video import VideoCalls

GENERAL_HOST = "https://api.hik-partner.com"


class Client:
    """A client of one account.

    Args:
        app_key: the API key (or ARC id).
        secret_key: the API secret (or ARC key).
        base_url: login host; `https://api.hik-partnerru.com` for Russia (Guide §2.2).
        timeout: seconds that one call may take with its retries; 60, or 30 to a device, without it.
        call_rate: calls that may start in any second.
        transport: a transport of your own; the other arguments are ignored then.

    Example::

        from hpcli.client import Client

        with Client(app_key="…", secret_key="…") as client:
            for site in client.site.list():
                print(site["id"], site["siteName"])
    """

    def __init__(
        self,
        app_key: str = "",
        secret_key: str = "",
        base_url: str = GENERAL_HOST,
        *,
        timeout: float | None = None,
        call_rate: float = 5.0,
        transport: Transport | None = None,
    ) -> None:
        self.transport = transport or _plain_transport(app_key, secret_key, base_url, timeout, call_rate)

    @cached_property
    def installer(self) -> InstallerCalls:
        """Employees of the company (Guide §3.2)."""
        from hpcli.client.installer import InstallerCalls

        return InstallerCalls(self.transport)

    @cached_property
    def site(self) -> SiteCalls:
        """Sites of customers (Guide §3.3–3.11, 3.26)."""
        from hpcli.client.site import SiteCalls

        return SiteCalls(self.transport)

    @cached_property
    def customer(self) -> CustomerCalls:
        """End users of sites (Guide §3.12–3.16)."""
        from hpcli.client.customer import CustomerCalls

        return CustomerCalls(self.transport)

    @cached_property
    def health(self) -> HealthCalls:
        """Health reports (Guide §3.17)."""
        from hpcli.client.health import HealthCalls

        return HealthCalls(self.transport)

    @cached_property
    def device(self) -> DeviceCalls:
        """Devices and what they are asked directly (Guide §3.18–3.32)."""
        from hpcli.client.device.devices import DeviceCalls

        return DeviceCalls(self.transport)

    @cached_property
    def panel(self) -> PanelCalls:
        """Alarm panels (Guide A.4.10–A.4.18)."""
        from hpcli.client.panel import PanelCalls

        return PanelCalls(self.transport)

    @cached_property
    def ptz(self) -> PtzCalls:
        """Cameras that move (Guide A.4.6–A.4.9)."""
        from hpcli.client.ptz import PtzCalls

        return PtzCalls(self.transport)

    @cached_property
    def alarms(self) -> AlarmCalls:
        """The alarm queue and pictures (Guide §3.33–3.36)."""
        from hpcli.client.alarms import AlarmCalls

        return AlarmCalls(self.transport)

    @cached_property
    def arc(self) -> ArcCalls:
        """Alarm receiving centres (Guide §3.37–3.42)."""
        from hpcli.client.arc import ArcCalls

        return ArcCalls(self.transport)

    @cached_property
    def person(self) -> PersonCalls:
        """Persons of access control (Guide §3.43–3.45, 3.49–3.51)."""
        from hpcli.client.person.persons import PersonCalls

        return PersonCalls(self.transport)

    @cached_property
    def access(self) -> AccessCalls:
        """Who may open which door (Guide §3.46–3.48)."""
        from hpcli.client.access.permissions import AccessCalls

        return AccessCalls(self.transport)

    @cached_property
    def access_events(self) -> AccessEventCalls:
        """Events of doors, and the people a door device knows (Guide A.4.1, A.4.2)."""
        from hpcli.client.access.events import AccessEventCalls

        return AccessEventCalls(self.transport)

    @cached_property
    def video(self) -> VideoCalls:
        """Recordings (Guide §3.52)."""
        from hpcli.client.video import VideoCalls

        return VideoCalls(self.transport)

    @cached_property
    def hotspare(self) -> HotspareCalls:
        """Servers that stand in for each other (Guide §3.53–3.60)."""
        from hpcli.client.hotspare.servers import HotspareCalls

        return HotspareCalls(self.transport)

    @cached_property
    def package(self) -> PackageCalls:
        """Maintenance packages (Guide §3.61)."""
        from hpcli.client.package import PackageCalls

        return PackageCalls(self.transport)

    @cached_property
    def raw(self) -> RawCalls:
        """Any call by its path."""
        from hpcli.client.raw import RawCalls

        return RawCalls(self.transport)

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()


def _plain_transport(
    app_key: str, secret_key: str, base_url: str, timeout: float | None, call_rate: float
) -> Transport:
    """Return a transport for scripts: the token is kept in memory, the call limit within this process."""
    from hpcli.auth.account import Account, normalise_base_url
    from hpcli.auth.tokens import MemoryTokenCache
    from hpcli.client.call_limit import CallLimiter
    from hpcli.client.transport import DEVICE_SECONDS, Transport

    account = Account(normalise_base_url(base_url), app_key)
    limiter = CallLimiter.within_process(call_rate)
    tokens = MemoryTokenCache()
    if timeout is None:
        return Transport(account, lambda: secret_key, tokens, limiter, device_timeout=DEVICE_SECONDS)
    return Transport(account, lambda: secret_key, tokens, limiter, timeout=timeout)
