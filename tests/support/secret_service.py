"""A real Secret Service (gnome-keyring) on a message bus of its own, for the tests of the keyring."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The password of the login keyring is the empty line. `cat`, and with it the bus, ends with our end of its input.
_SESSION = (
    "echo | gnome-keyring-daemon --unlock --components=secrets >&2 "
    '&& echo "$DBUS_SESSION_BUS_ADDRESS" && exec cat'
)


def bare_environment(home: Path) -> dict[str, str]:
    """Return an environment without message bus, display and keyring configuration."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}


@contextlib.contextmanager
def secret_service() -> Iterator[dict[str, str]]:
    """Run a Secret Service with an empty, unlocked keyring; give the environment that reaches it.

    Raises:
        FileNotFoundError: dbus-run-session is not installed.
        RuntimeError: the service did not start; the message holds what it said.
    """
    # Not pytest's tmp_path: the path of a socket may be no longer than 107 bytes.
    with tempfile.TemporaryDirectory(prefix="hpcli-", ignore_cleanup_errors=True) as folder:
        runtime, log = Path(folder) / "run", Path(folder) / "log"
        runtime.mkdir(mode=0o700)
        environment = {**bare_environment(Path(folder)), "XDG_RUNTIME_DIR": str(runtime)}
        with (
            log.open("wb") as said,
            subprocess.Popen(
                ["dbus-run-session", "--", "sh", "-c", _SESSION],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            ) as session,
        ):
            assert session.stdin is not None
            assert session.stdout is not None
            address = session.stdout.readline().strip()
            if not address:
                raise RuntimeError(f"The Secret Service did not start: {log.read_text()}")
            try:
                yield {**environment, "DBUS_SESSION_BUS_ADDRESS": address}
            finally:
                session.stdin.close()
                session.wait(timeout=30)
