"""The runners of the suite notice what must not pass unseen, inside this process as in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hpcli.run.context import Run
from hpcli.sandbox import SECRET_KEY
from tests.support import inside
from tests.support.forked import Forked
from tests.support.inside import InsideRunner
from tests.support.runner import ForkRunner, ProcessRunner, Runner

Replaced = Callable[[Callable[[Run], object]], InsideRunner]


@pytest.fixture(params=[ProcessRunner, ForkRunner, InsideRunner])
def runner(request: pytest.FixtureRequest) -> Runner:
    made: Runner = request.param()
    return made


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> Replaced:
    """Put other work into the place of the command; return the runner inside this process."""

    def replace(work: Callable[[Run], object]) -> InsideRunner:
        def main(_arguments: list[str], run: Run) -> int:
            work(run)
            return 0

        monkeypatch.setattr(inside, "main", main)
        return InsideRunner()

    return replace


def test_a_bad_exit_code_is_in_the_result(runner: Runner) -> None:
    done = runner("timezones", "--nonsense")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: There is no option --nonsense.")


def test_help_goes_to_stdout(runner: Runner) -> None:
    for arguments in ((), ("site",), ("site", "list"), ("timezones",)):
        done = runner(*arguments, "--help")
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.startswith("Usage: hpcli ")


def test_stdin_and_variables_reach_the_command(runner: Runner) -> None:
    done = runner("explain", "-", "-o", "json", stdin="EVZ20007\n", environment={"HPCLI_PROFILE": "sandbox"})
    assert done.json[0]["code"] == "EVZ20007"
    assert "'Zürich'" in runner("site", "list", environment={"HPCLI_PROFILE": "Zürich"}).stderr


def test_a_printed_secret_fails_the_test(runner: Runner) -> None:
    with pytest.raises(AssertionError, match="a secret was printed"):
        runner(SECRET_KEY)
    assert SECRET_KEY in runner(SECRET_KEY, prints_secrets=True).stderr


@pytest.mark.parametrize("kind", ["inside", "process"])
def test_a_traceback_fails_the_test(kind: str, replaced: Replaced, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(f"#!{sys.executable}\n1 / 0\n")
    script.chmod(0o755)
    runner = ProcessRunner(script) if kind == "process" else replaced(lambda _run: 1 / 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        runner("timezones")


def test_a_command_that_takes_too_long_fails_the_test(
    replaced: Replaced,
) -> None:
    with pytest.raises(AssertionError, match="longer than"):
        replaced(lambda _run: threading.Event().wait())("timezones", timeout=0.05)
    with pytest.raises(subprocess.TimeoutExpired):
        ProcessRunner(Path("/usr/bin/yes"))("timezones", timeout=0.05)
    with pytest.raises(subprocess.TimeoutExpired):
        ForkRunner()("sandbox", "serve", timeout=0.05)


def test_what_is_written_past_the_streams_of_the_run_fails_the_test(
    replaced: Replaced,
) -> None:
    for write in (lambda _run: sys.stdout.write("lost"), lambda _run: sys.stderr.write("lost")):
        with pytest.raises(AssertionError, match="past the run's streams: lost"):
            replaced(write)("timezones")


@pytest.mark.parametrize("what", ["the environment", "the handlers", "the threads", "the working directory"])
def test_what_is_left_behind_fails_the_test(
    what: str,
    replaced: Replaced,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    old = signal.getsignal(signal.SIGHUP)
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("HPCLI_LEFT", "before")
    leave: dict[str, Callable[[], object]] = {
        "the environment": lambda: os.environ.update(HPCLI_LEFT="after"),
        "the handlers": lambda: signal.signal(signal.SIGHUP, lambda *_: None),
        "the threads": thread.start,
        "the working directory": lambda: os.chdir(tmp_path),
    }
    try:
        with pytest.raises(AssertionError, match=f"{what}.* left changed"):
            replaced(lambda _run: leave[what]())("timezones")
    finally:
        over.set()
        signal.signal(signal.SIGHUP, old)
        if thread.ident:
            thread.join()


def test_variables_and_time_zone_of_one_run_end_with_it() -> None:
    hpcli = InsideRunner()
    hpcli("timezones", "berlin", environment={"TZ": "Asia/Tokyo", "HPCLI_LEFT": "1"})
    assert (os.environ["TZ"], "HPCLI_LEFT" in os.environ) == ("UTC", False)
    assert time.localtime().tm_gmtoff == 0


def test_a_command_that_leaves_the_process_at_once_leaves_the_run(
    replaced: Replaced,
) -> None:
    assert replaced(lambda run: run.leave(130))("timezones").exit_code == 130


def test_a_forked_command_is_a_child_that_leads_its_session_and_ends_by_its_signal(tmp_path: Path) -> None:
    with Forked(
        ("sandbox", "serve"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        start_new_session=True,
        env={**os.environ, "HPCLI_STATE_DIR": "state"},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        assert (tmp_path / "state").is_dir()
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
        process.kill()
        assert process.wait() == -signal.SIGKILL


def test_a_forked_command_has_the_variables_it_was_given_and_no_others() -> None:
    with Forked(
        ("site", "list"), stderr=subprocess.PIPE, env={"HPCLI_PROFILE": "Zürich"}, text=True
    ) as process:
        assert "'Zürich'" in process.communicate()[1]
    assert process.returncode == 2
