"""Fuzz a served stand-in with requests made from the OpenAPI document: `python tests/contract/run_schemathesis.py`.

No server error, no answer that the document does not have (the stand-in checks each itself, HPCLI_SANDBOX_AUDIT,
and Schemathesis once more), every request that violates the document refused. Bounded in time; other arguments
go to `schemathesis run`. Needs the extra `contract`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpcli.client import Client
from hpcli.sandbox import control

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "hpcli" / "reference" / "openapi.json"
SECONDS = 90
"""Time for all phases; the last, random one fills what is left."""
LAST = ("siteDelete", "deviceDelete")
"""Calls that take away what the others work on."""
LAST_SECONDS = 10
SEED = 61
"""The same requests each time, so that a change is not blamed for what another one broke."""


def main(arguments: list[str]) -> int:
    """Run Schemathesis; return 0 where nothing was found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(folder) as account:
            with Client(*account) as client:
                token = client.transport.sign_in.token().access_token
            most = [f"--exclude-operation-id={name}" for name in LAST]
            found = run_schemathesis(account[2], token, SECONDS, [*most, *arguments])
            rest = [f"--include-operation-id={name}" for name in LAST]
            found += run_schemathesis(account[2], token, LAST_SECONDS, [*rest, *arguments])
        wrong_answers = read(folder / "audit.txt")
        crashes = read(folder / "stderr.txt")
    if wrong_answers:
        sys.stdout.write(f"\nAnswers that the document does not allow:\n{wrong_answers}")
    if "Traceback" in crashes:
        sys.stdout.write(f"\nThe stand-in fell over:\n{crashes}")
    return 1 if found or wrong_answers or "Traceback" in crashes else 0


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Serve a stand-in whose polls return at once; yield key, secret and login host."""
    state = folder / "state.db"
    control.configure(state, poll_seconds=0)
    command = [
        str(Path(sys.executable).with_name("hpcli")),
        "sandbox",
        "serve",
        "--port",
        "0",
        "--state",
        str(state),
    ]
    names = ("CONFIG", "CACHE", "STATE")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HPCLI_")},
        **{f"HPCLI_{part}_DIR": str(folder / part.lower()) for part in names},
        "HPCLI_SANDBOX_AUDIT": str(folder / "audit.txt"),
    }
    with (folder / "stderr.txt").open("w") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    assert server.stdout is not None
    try:
        exported = dict(
            server.stdout.readline().strip().removeprefix("export ").split("=", 1) for _ in range(3)
        )
        yield exported["HPCLI_APP_KEY"], exported["HPCLI_SECRET_KEY"], exported["HPCLI_BASE_URL"]
    finally:
        server.terminate()
        server.wait(timeout=20)


def run_schemathesis(base_url: str, token: str, seconds: int, arguments: list[str]) -> int:
    """Run Schemathesis from this folder, where its configuration and hooks are; return its exit code."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", "schemathesis.toml", "run", str(DOCUMENT), "--url", base_url),
        *("--header", f"Authorization: Bearer {token}", "--max-time", str(seconds), "--seed", str(SEED)),
        *arguments,
    ]
    return subprocess.run(command, cwd=HERE, check=False, timeout=seconds * 3).returncode


def read(file: Path) -> str:
    """Return what a file holds, nothing where it is not there."""
    return file.read_text(encoding="utf-8") if file.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
