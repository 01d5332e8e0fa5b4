"""Fixtures: an isolated home, the installed command, the stand-in platform over real HTTP."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hpcli.masking import forget_secrets

if TYPE_CHECKING:  # the process that hands tests out to others imports none of it
    from hpcli.alarms.journal.writer import Journal
    from hpcli.client import Client
    from tests.support.platform_server import Platform
    from tests.support.proxy import Proxy
    from tests.support.runner import Run, Runner

_DROPPED = (
    *("HPCLI_", "XDG_", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "CLICOLOR", "NETRC"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


# Collecting makes many objects, and all of them stay: looking for garbage among them would take a quarter of the time.
gc.disable()


@cache
def choose_hypothesis_profile() -> None:
    """Let no test depend on how quick this computer is at the moment."""
    from hypothesis import HealthCheck, settings

    settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("suite")


def pytest_collectstart() -> None:
    choose_hypothesis_profile()  # before a test module is imported


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for every test; nothing of the person who runs the tests is read or written."""
    forget_secrets()
    folder = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.upper().startswith(_DROPPED):
            monkeypatch.delenv(name)
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / ".cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / ".local/state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / ".local/share"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return folder


@pytest.fixture(autouse=True)
def audit(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every answer of every stand-in of the test is checked against the OpenAPI document."""
    faults = home / "audit.txt"
    monkeypatch.setenv("HPCLI_SANDBOX_AUDIT", str(faults))
    yield faults
    wrong = faults.read_text(encoding="utf-8") if faults.exists() else ""
    assert not wrong, f"The sandbox answered what its document does not allow:\n{wrong}"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal of its own."""
    from hpcli.alarms.journal.writer import Journal

    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--runner",
        choices=("inside", "process"),
        default="inside",
        help="where commands run: inside the process of the tests, or as processes of their own",
    )


IMPORTED_BY_COLLECTING = pytest.StashKey[frozenset[str]]()
"""Names of the modules that were imported when all tests were known; see test_collection.py."""


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()
    session.config.stash[IMPORTED_BY_COLLECTING] = frozenset(sys.modules)


@pytest.fixture
def hpcli(request: pytest.FixtureRequest) -> Runner:
    """The command; tests marked `process`, and all with `--runner process`, run it as a new process."""
    if request.config.getoption("--runner") == "process" or request.node.get_closest_marker("process"):
        from tests.support.runner import ProcessRunner

        return ProcessRunner()
    if request.node.get_closest_marker("forked"):
        from tests.support.runner import ForkRunner

        return ForkRunner()
    from tests.support.inside import InsideRunner

    return InsideRunner()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """A stand-in platform with the demo account."""
    from tests.support.platform_server import start_platform

    with start_platform(tmp_path / "platform.db") as started:
        yield started


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    """A stand-in platform behind a proxy that keeps what it is sent, and spoils answers to order."""
    from tests.support.proxy import start_proxy

    with start_proxy(tmp_path / "platform.db") as started:
        yield started


@pytest.fixture
def run(hpcli: Runner, platform: Platform, home: Path) -> Run:
    """The command, signed in to the stand-in; its calls do not wait for each other."""
    from tests.support.platform_server import lift_call_limit

    return partial(hpcli, environment={**platform.environment, **lift_call_limit(home / "no-limit")})


@pytest.fixture
def no_call_limit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of commands do not wait for each other."""
    from tests.support.platform_server import lift_call_limit

    for name, value in lift_call_limit(home / "no-limit").items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that failed are tried again at once."""
    from hpcli.backoff import Backoff

    monkeypatch.setattr("hpcli.client.transport.BACKOFF", Backoff((0.01,)))


@pytest.fixture
def client(platform: Platform) -> Client:
    """A client of the stand-in."""
    return platform.client()


@pytest.fixture
def account(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of a test belong to the stand-in's account; polls are short."""
    platform.configure(poll_seconds=0.2)
    for name, value in platform.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def started(hpcli: Runner) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start commands that are killed when the test ends."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **streams: Any) -> subprocess.Popen[str]:
        running.append(hpcli.start(*arguments, **streams))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()
