"""Tell systemd how a service is: sd_notify(3), lines of text to the socket that it names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The service manager that started this process, if one did.

    Args:
        environment: environment variables; without NOTIFY_SOCKET nothing is sent.
    """

    environment: Mapping[str, str]

    def tell(self, *lines: str) -> None:
        """Send lines such as `READY=1`; nobody has to listen."""
        address = self.environment.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):
            return
        import socket

        name = f"\0{address[1:]}" if address.startswith("@") else address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.settimeout(1.0)
            to.connect(name)
            to.send("\n".join(lines).encode())

    @property
    def seconds(self) -> float:
        """How often to tell that the service is alive: three times in the time of the watchdog."""
        text = self.environment.get("WATCHDOG_USEC", "")
        return min(10.0, int(text) / 3e6) if text.isdecimal() and int(text) else 10.0
