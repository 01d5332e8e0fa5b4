"""The stand-in platform as tests use it: served over real HTTP on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcli.client import Client
from hpcli.sandbox import control
from hpcli.sandbox.server import start


@dataclass(frozen=True)
class Platform:
    """A running stand-in."""

    state: Path
    base_url: str
    app_key: str
    secret_key: str

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point the command to it."""
        return {
            "HPCLI_BASE_URL": self.base_url,
            "HPCLI_APP_KEY": self.app_key,
            "HPCLI_SECRET_KEY": self.secret_key,
        }

    def client(self) -> Client:
        """Return a client of it."""
        return Client(self.app_key, self.secret_key, self.base_url)

    def configure(self, **settings: Any) -> None:
        """Set faults, latency, rate, poll time."""
        control.configure(self.state, **settings)

    def trigger(self, kind: str, **details: Any) -> list[str]:
        """Put events on the queue."""
        return control.trigger(self.state, kind, **details)


@contextlib.contextmanager
def start_platform(state: Path) -> Iterator[Platform]:
    """Serve a stand-in until the block ends."""
    sandbox = start(state)
    try:
        yield Platform(state, sandbox.base_url, sandbox.app_key, sandbox.secret_key)
    finally:
        sandbox.close()
