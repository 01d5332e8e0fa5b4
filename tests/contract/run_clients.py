"""Ten calls with a client that is made from the OpenAPI document, and twenty commands against a mock of it.

`python tests/contract/run_clients.py FOLDER PYTHON PRISM…`, as `.ci/clients` does: FOLDER holds the client, PYTHON has
the packages that it needs, and PRISM is the command that serves the mock. The client asks the stand-in; hpcli asks
the mock.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract.run_schemathesis import DOCUMENT, HERE, served

SERIAL = "Q10254783"
COMMANDS = (
    ("auth", "status"),
    ("site", "list"),
    ("device", "list"),
    ("health", "report", "--all"),
    ("installer", "list"),
    ("device", "show", SERIAL),
    ("device", "channels", SERIAL),
    ("device", "upgrade", "check", SERIAL),
    ("arc", "list"),
    ("hotspare", "list"),
    ("panel", "areas", SERIAL),
    ("panel", "zones", SERIAL),
    ("panel", "relays", SERIAL),
    ("access", "events", SERIAL),
    ("access", "users", SERIAL),
    ("device", "info", SERIAL),
    ("device", "time", SERIAL),
    ("device", "output", "list", SERIAL),
    ("device", "ip-channels", "list", SERIAL),
    ("ptz", "preset", "list", SERIAL, "1"),
)
_START_SECONDS = 60


def main(folder: str, python: str, *prism: str) -> int:
    """Make all calls; return 0 where each succeeded."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with served(home) as (app_key, secret_key, base_url):
            calls = [python, str(HERE / "generated_calls.py"), folder, base_url, app_key, secret_key]
            failed = subprocess.run(calls, check=False, timeout=60).returncode != 0
        with mocked(prism, home / "prism.txt") as base_url:
            failed |= bool([words for words in COMMANDS if not run(words, base_url, home)])
    return int(failed)


def run(words: tuple[str, ...], base_url: str, home: Path) -> bool:
    """Run a command against the mock; return whether it succeeded with rows."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HPCLI_")},
        **{f"HPCLI_{part}_DIR": str(home / f"mock-{part.lower()}") for part in ("CONFIG", "CACHE", "STATE")},
        "HPCLI_BASE_URL": base_url,
        "HPCLI_APP_KEY": "key",
        "HPCLI_SECRET_KEY": "secret",
    }
    program = str(Path(sys.executable).with_name("hpcli"))
    done = subprocess.run(
        [program, *words, "-o", "json"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    sys.stdout.write(f"hpcli {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
    return done.returncode == 0 and len(done.stdout) > len("[]\n")


@contextmanager
def mocked(prism: tuple[str, ...], log: Path) -> Iterator[str]:
    """Serve a mock of the document; yield its base URL.

    Raises:
        RuntimeError: it did not start.
    """
    command = [*prism, "mock", "--port", "0", str(DOCUMENT)]
    with log.open("w") as lines:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=lines, text=True, start_new_session=True
        )
    assert server.stdout is not None
    signal.signal(signal.SIGALRM, lambda *_: stop(server))
    signal.alarm(_START_SECONDS)
    try:
        for line in server.stdout:
            if found := re.search(r"listening on (http://[^\s\x1b]+)", line):
                signal.alarm(0)
                yield found[1]
                return
        raise RuntimeError(f"The mock did not start: {log.read_text()}")
    finally:
        signal.alarm(0)
        stop(server)


def stop(server: subprocess.Popen[str]) -> None:
    """End the mock and what it started."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
