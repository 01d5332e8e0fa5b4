"""Stopping a command that changes many: what is left is said and kept."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hpcli.backoff import Backoff
from hpcli.errors import InterruptedByUserError, PlatformError, TimeLimitError
from hpcli.run.attempts import attempt_each
from hpcli.run.job import Job, JobInterruptedError
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner
from tests.support.waiting import wait_for

SERIALS = ("Q10254783", "Q19323594", "F55121300", "F55121301")
AREAS = tuple(str(number) for number in range(1, 5))


def interrupted(
    started: Callable[..., subprocess.Popen[str]], platform: Platform, *arguments: str, number: int
) -> tuple[int, str, str, int]:
    """Start a change of many with slow answers, send a signal after the first change; return how it ended."""
    platform.configure(latency_ms=250)
    process = started("arc", "disable", *SERIALS, "--yes", *arguments)
    log = Path(os.environ["XDG_STATE_HOME"]) / "hpcli/changes.db"
    wait_for(log.exists)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)
    return process.returncode, stdout, stderr, process.pid


@pytest.mark.forked
@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_finishes_what_is_under_way_and_says_what_is_left(
    started: Callable[..., subprocess.Popen[str]], platform: Platform, number: int
) -> None:
    code, stdout, stderr, _ = interrupted(started, platform, "-o", "json", number=number)
    assert code == -number
    done = json.loads(stdout)
    last = json.loads(stderr.splitlines()[-1])
    assert [row["target"] for row in done] == list(SERIALS[: len(done)])
    assert 1 <= len(done) < len(SERIALS)
    assert (last["done"], last["unknown"], last["left"]) == (
        sum(row["ok"] for row in done), 0, len(SERIALS) - len(done),
    )  # fmt: skip
    file = Path(last["file"])
    assert file.read_text().split() == list(SERIALS[len(done) :])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert last["notice"].startswith(f"Interrupted: {last['done']} of {len(SERIALS)} done, 0 unknown, ")


@pytest.mark.forked
@pytest.mark.usefixtures("account")
def test_a_reading_command_prints_what_it_has_and_keeps_the_rest(
    hpcli: Runner, started: Callable[..., subprocess.Popen[str]], platform: Platform
) -> None:
    hpcli("config", "set", "concurrency", "1")
    platform.configure(latency_ms=250)
    process = started("device", "info", *SERIALS, "-o", "json")
    wait_for(lambda: any(Path(os.environ["XDG_CACHE_HOME"]).rglob("*token*")))  # the first call is next
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    done = json.loads(stdout)
    last = json.loads(stderr.splitlines()[-1])
    assert process.returncode == -signal.SIGINT
    assert [row["target"] for row in done] == list(SERIALS[: len(done)])
    assert (last["done"], last["unknown"], last["left"]) == (len(done), 0, len(SERIALS) - len(done))
    assert 1 <= len(done) < len(SERIALS)
    assert Path(last["file"]).read_text().split() == list(SERIALS[len(done) :])


@pytest.fixture
def no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause after a failure is longer than the time limit of a call."""
    monkeypatch.setattr("hpcli.client.transport.BACKOFF", Backoff((3600.0,)))


@pytest.mark.usefixtures("no_retries")
def test_the_rest_of_a_reading_command_has_what_may_succeed_when_repeated(
    run: Run, platform: Platform, home: Path
) -> None:
    run("site", "list")  # signs in
    platform.configure(faults={"limit429": 1.0})
    for command in (("device", "info", *SERIALS), ("device", "isapi", "GET", "/ISAPI/System/time", *SERIALS)):
        result = run(*command, "--timeout", "1")
        assert result.exit_code == 6
        assert "Not finished: 0 of 4 done, 0 unknown, 4 left: " in result.stderr
        assert "hint: The same command with @FILE in place of its targets" in result.stderr
    assert not (home / ".local/state/hpcli/changes.db").exists()


@pytest.mark.usefixtures("no_retries")
def test_the_rest_after_failures_has_what_may_succeed_when_repeated(run: Run, platform: Platform) -> None:
    run("site", "list")  # signs in
    platform.configure(faults={"LAP500001": 1.0})
    result = run("arc", "disable", *SERIALS, "--yes", "--timeout", "1")
    assert result.exit_code in (7, 9)  # on a busy computer the time limit of one may come before its answer
    line = next(line for line in result.stderr.splitlines() if line.startswith("Not finished"))
    assert line.startswith("Not finished: 0 of 4 done, ")
    file = Path(line.rpartition(": ")[2].removesuffix("."))
    assert set(file.read_text().replace("# unknown: ", "").split()) == set(SERIALS)


def test_a_refusal_that_will_not_pass_leaves_nothing(run: Run, home: Path) -> None:
    result = run("arc", "disable", "X11111111", "X22222222", "--yes")
    assert result.exit_code != 0
    assert "Not finished" not in result.stderr
    assert not (home / ".local/state/hpcli/rest").exists()


def test_a_job_stops_between_two_targets() -> None:
    job = Job()
    tried: list[str] = []

    def change(target: str) -> None:
        tried.append(target)
        if target == "b":
            os.kill(os.getpid(), signal.SIGINT)
        if target == "a":
            error = TimeLimitError("No answer.")
            error.may_be_done = True
            raise error

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(JobInterruptedError):
        list(attempt_each("abcd", change, [], job=job))
    assert tried == ["a", "b"]
    assert job.tally is not None
    assert job.tally[:4] == (4, 1, ["a"], ["c", "d"])
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_arrives_twice_at_once_is_one_wish() -> None:
    job = Job()
    tried: list[str] = []

    def change(target: str) -> None:
        tried.append(target)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(JobInterruptedError):
        list(attempt_each("ab", change, [], job=job))
    assert tried == ["a"]
    assert job.tally is not None
    assert job.tally[1:4] == (1, [], ["b"])


def test_a_second_signal_ends_at_once_and_what_was_under_way_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hpcli.run.job.SAME_PRESS", 0.0)
    job = Job()

    def change(_target: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        list(attempt_each("ab", change, [], job=job))
    assert job.tally is not None
    assert job.tally[1:4] == (0, ["a"], ["b"])


def test_a_stop_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpcli.run.job.PATIENCE", 0.05)
    job = Job()

    def change(_target: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        list(attempt_each("ab", change, [], job=job))


def test_one_target_and_parts_within_a_job_are_not_followed() -> None:
    job = Job()

    def change(target: str) -> None:
        list(attempt_each(["1", "2"], lambda _: None, [], job=job))
        if target == "b":
            raise PlatformError("Refused.")

    list(attempt_each("ab", change, [], job=job))
    assert job.tally is None
    with pytest.raises(InterruptedByUserError):
        list(attempt_each("a", lambda _: (_ for _ in ()).throw(InterruptedByUserError("No.")), [], job=Job()))
