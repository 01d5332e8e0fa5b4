"""The stand-in platform as tests use it: served over real HTTP on loopback."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hpcli.client import Client
from hpcli.sandbox import control
from hpcli.sandbox.http.audit import Audit
from hpcli.sandbox.server import Sandbox, start
from hpcli.sandbox.state import seed


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
        return Client(self.app_key, self.secret_key, self.base_url, call_rate=1000)

    def configure(self, **settings: Any) -> None:
        """Set faults, latency, rate, poll time."""
        control.configure(self.state, **settings)

    def trigger(self, kind: str, **details: Any) -> list[str]:
        """Put events on the queue."""
        return control.trigger(self.state, kind, **details)


def make_state(state: Path) -> Path:
    """Make a state file with the demo account, unless it is there."""
    if not state.exists():
        state.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        state.write_bytes(_demo_account())
        state.chmod(0o600)
    return state


@cache
def _demo_account() -> bytes:
    """The state file as the stand-in fills it; to fill one for each test would take longer than most tests."""
    with tempfile.TemporaryDirectory(prefix="hpcli-") as folder:
        file = Path(folder) / "demo.db"
        seed.open_state(file).close()
        return file.read_bytes()


def start_audited(state: Path, audit: Audit | None = None) -> Sandbox:
    """Serve a stand-in; in a test each answer is checked against the document (conftest.py, `audit`)."""
    faults = os.environ.get("HPCLI_SANDBOX_AUDIT")
    return start(make_state(state), audit=audit or (Audit(Path(faults)) if faults else None))


@contextlib.contextmanager
def start_platform(state: Path, audit: Audit | None = None) -> Iterator[Platform]:
    """Serve a stand-in until the block ends."""
    with start_audited(state, audit) as sandbox:
        yield Platform(state, sandbox.base_url, sandbox.app_key, sandbox.secret_key)


def lift_call_limit(folder: Path) -> dict[str, str]:
    """Write a config.toml with which calls need not wait for each other; return the variable that names it."""
    folder.mkdir()
    (folder / "config.toml").write_text("[settings]\ncall-rate = 1000\n", encoding="utf-8")
    return {"HPCLI_CONFIG_DIR": str(folder)}
