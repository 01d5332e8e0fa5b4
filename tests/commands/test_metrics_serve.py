"""`hpcli metrics serve`: what a scrape gets, what it costs, and how it begins and ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.request import urlopen

import pytest

from hpcli.commands.metrics.refresh import Part, read_parts
from hpcli.commands.metrics.serve import parse_address
from hpcli.errors import NetworkError, UsageError
from hpcli.output.metrics_server import serve_metrics
from hpcli.output.prometheus import Metric, metrics_text
from hpcli.sandbox import control
from hpcli.stop import Stop
from tests.commands.test_metrics import assert_clean, samples
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner
from tests.support.tail_process import PATIENCE
from tests.support.waiting import wait_for


def scrape(address: str) -> str:
    with urlopen(address) as answer:
        return str(answer.read().decode())


@pytest.fixture
def served(
    hpcli: Runner, platform: Platform, no_call_limit: None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server whose health is read every minute at most, and its address."""
    process = hpcli.start(
        "metrics", "serve", "--listen", "127.0.0.1:0", "--every", "1s", environment=platform.environment
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("Serving metrics on http://127.0.0.1:"), line
    try:
        yield process, line.split()[3].rstrip(";")
    finally:
        process.kill()
        process.communicate()


def calls(platform: Platform) -> int:
    return sum(control.statistics(platform.state)["requests"].values())


def test_a_scrape_has_both_and_makes_no_call(
    hpcli: Runner, platform: Platform, served: tuple[subprocess.Popen[str], str]
) -> None:
    process, address = served
    assert "hpcli_alarms_reader_running" in scrape(address)
    wait_for(lambda: "hpcli_health_device_online" in scrape(address), every=0.02)
    before = calls(platform)
    text = [scrape(address) for _ in range(20)][-1]
    assert calls(platform) == before
    assert_clean(text)
    found = samples(text)
    assert found["hpcli_metrics_refresh_success"] == {("alarms",): 1, ("health",): 1}
    report = hpcli("health", "report", "--all", "-o", "prometheus", environment=platform.environment)
    alone = samples(report.stdout)
    assert {name: value for name, value in found.items() if name.startswith("hpcli_health_")} == alone
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_a_port_that_is_taken_is_named(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("metrics", "serve", "--listen", f"127.0.0.1:{port}")
    assert (result.exit_code, result.stdout) == (11, "")
    assert f"cannot listen on port {port} of 127.0.0.1" in result.stderr
    assert "use --listen with another one" in result.stderr


def test_the_missing_library_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    result = run("metrics", "serve")
    assert (result.exit_code, result.stdout) == (11, "")
    assert "metrics serve needs prometheus-client" in result.stderr
    assert "pip install '.[metrics]'" in result.stderr


def test_without_an_account_there_is_nothing_to_serve(hpcli: Runner) -> None:
    assert hpcli("metrics", "serve", "--listen", "127.0.0.1:0").exit_code == 3


def test_all_profiles_are_served_by_their_names(
    hpcli: Runner, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".config/hpcli").mkdir(parents=True, mode=0o700)
    (home / ".config/hpcli/config.toml").write_text(
        "".join(f'[profiles.{name}]\napp-key = "{name}"\n' for name in ("one", "two"))
    )
    status = hpcli("alarms", "status", "--profile", "two", "-o", "ids")
    assert status.exit_code == 0, status.stderr
    path = Path(status.lines[0])
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_text("not a database" * 100)
    stop, texts = Stop(), list[str]()
    stop.set()

    @contextmanager
    def served(_host: str, _port: int, read: Callable[[], Sequence[Metric]]) -> Iterator[int]:
        yield 1
        texts.append(metrics_text(read()))

    monkeypatch.setattr("hpcli.output.metrics_server.serve_metrics", served)
    monkeypatch.setattr("hpcli.run.signals.until_stopped", lambda: nullcontext(stop))
    assert hpcli("metrics", "serve", "--all-profiles").exit_code == 0
    found = samples(texts[0])
    assert found["hpcli_alarms_status_readable"] == {("one",): 1, ("two",): 0}
    assert found["hpcli_alarms_reader_running"] == {("one",): 0}
    refused = hpcli("metrics", "serve", "--all-profiles", "--profile", "one")
    assert (refused.exit_code, "cannot be used together" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--every", "0.5s"), "--every: 0.5s is too short"),
        (("--health-every", "30s"), "--health-every: 30s is too short"),
        (("--health-every", "often"), "--health-every: 'often' is not a duration"),
        (("--listen", "9876"), "is not HOST:PORT"),
    ],
)
def test_wrong_options_are_usage_errors(hpcli: Runner, options: tuple[str, ...], said: str) -> None:
    result = hpcli("metrics", "serve", *options)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9876", ("127.0.0.1", 9876)),
        ("[::1]:80", ("::1", 80)),
        (":0", ("127.0.0.1", 0)),
        (" localhost:1 ", ("localhost", 1)),
        *[(text, None) for text in ("", "x", "x:", "x:y", "x:65536", "x:-1", "::1:80", "x:²")],
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: tuple[str, int] | None) -> None:
    if address is not None:
        assert parse_address(text) == address
        return
    with pytest.raises(UsageError):
        parse_address(text)


def test_what_cannot_be_read_keeps_its_numbers_and_their_age() -> None:
    answers: list[Sequence[Metric] | Exception] = [
        NetworkError("Away."),
        [Metric("hpcli_x", "Text.", (), [((), 1)])],
        NetworkError("Away."),
        RuntimeError("x"),
        [Metric("hpcli_x", "Text.", (), [((), 2)])],
    ]
    moment, said = 1000.0, list[str]()

    def read() -> Sequence[Metric]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    part = Part("health", read, 900.0, said.append, now=lambda: moment, clock=lambda: moment)
    seen = []
    for _ in range(5):
        moment += 100
        pause = part.refresh()
        found = samples(metrics_text(read_parts([part])))
        age = found.get("hpcli_metrics_refresh_timestamp_seconds", {}).get(("health",))
        well = found["hpcli_metrics_refresh_success"][("health",)]
        seen.append((found.get("hpcli_x", {}).get(()), age, well, pause))
    assert seen == [
        (None, None, 0, 60.0),
        (1, 1200.0, 1, 900.0),
        (1, 1200.0, 0, 60.0),
        (1, 1200.0, 0, 60.0),
        (2, 1500.0, 1, 900.0),
    ]
    assert [line.split(":")[0] for line in said] == [
        "The numbers of health could not be read",
        "The numbers of health can be read again.",
        "The numbers of health could not be read",
        "The numbers of health can be read again.",
    ]


@pytest.mark.parametrize(("took", "pause"), [(100.0, 800.0), (450.0, 450.0), (2000.0, 2000.0)])
def test_a_long_reading_is_followed_by_a_pause_that_is_as_long(took: float, pause: float) -> None:
    times = iter((0.0, took))
    part = Part("health", list, 900.0, lambda _line: None, clock=lambda: next(times))
    assert part.refresh() == pause


def test_ipv6_is_served_too() -> None:
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("this computer has no IPv6")
    with serve_metrics("::1", 0, lambda: [Metric("hpcli_x", "Text.", (), [((), 1)])]) as port:
        assert "hpcli_x 1.0" in scrape(f"http://[::1]:{port}/metrics")
