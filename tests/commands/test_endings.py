"""How a command ends when its streams, its arguments or its user go wrong: one line, the right code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpcli.errors import ExitCode
from hpcli.sandbox import DEFAULT_DEVICE, control
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.terminal import open_terminal

pytestmark = pytest.mark.forked  # streams that are closed, full, or not read

ADD = (
    "api",
    "v1/site/add",
    "--data",
    '{"name": "Neubau", "timeZone": 133}',
    "--profile",
    "sandbox",
    "--dry-run",
)


def run_with(hpcli: Runner, *arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    with hpcli.start(*arguments, **streams) as process:
        told = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, *told)


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("site", "--help"), ("timezones",), ADD])
def test_a_full_disk_behind_stdout_is_one_line_and_11(hpcli: Runner, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run_with(hpcli, *arguments, stdout=full)
    assert done.returncode == ExitCode.LOCAL
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("timezones",), ADD])
def test_a_reader_that_is_gone_ends_it_silently_with_141(hpcli: Runner, arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run_with(hpcli, *arguments, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (ExitCode.CLOSED, "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("explain", "XYZ"), ExitCode.NOT_FOUND),
        (("site", "list", "--profile", "sandbox", "-v", "-o", "ids"), ExitCode.DONE),
        (("site",), ExitCode.USAGE),
    ],
)
def test_a_stderr_that_takes_nothing_changes_no_exit_code(
    hpcli: Runner, arguments: tuple[str, ...], code: ExitCode
) -> None:
    with Path("/dev/full").open("w") as full:
        assert run_with(hpcli, *arguments, stderr=full).returncode == code
    reader, writer = os.pipe()
    os.close(reader)
    assert run_with(hpcli, *arguments, stderr=writer).returncode == code
    os.close(writer)


def test_closed_streams_do_no_harm(hpcli: Runner) -> None:
    for number in (0, 1, 2):
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" "$@" {number}>&-', str(hpcli.program), "explain", "EVZ20007"],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (number, done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ("timezones", "--bogus", "-o", "json"),
        ("site", "lst", "-ojson"),
        ("sites", "--output=ndjson"),
        ("site", "--profile", "x", "list", "-o", "json"),
        ("timezones", "-o", "json", "--timeout", "soon"),
    ],
)
def test_an_error_of_the_command_line_is_json_too(hpcli: Runner, arguments: tuple[str, ...]) -> None:
    result = hpcli(*arguments)
    assert result.exit_code == ExitCode.USAGE
    assert result.error["kind"] == "usage"


@pytest.mark.parametrize("option", ["-ojson", "-vv", "-v", "--profile=x", "--color"])
def test_an_option_in_between_is_told_where_it_goes(hpcli: Runner, option: str) -> None:
    result = hpcli("site", option, "list")
    assert result.exit_code == ExitCode.USAGE
    assert "before 'site' or after the verb" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("timezones", "--timeout", "999999999999d"),
        ("timezones", "--timeout", "40000d"),
        ("timezones", "--timeout", "99999999999"),
        ("explain", "9" * 5000),
        ("explain", "@~nobody-of-this-name/codes"),
        ("api", "v1/site/search", "--data", "[" * 100_000, "--profile", "sandbox"),
        ("api", "v1/site/search", "--data", "9" * 5000, "--profile", "sandbox"),
        ("site", "list", "--search", os.fsdecode(b"\xff"), "--profile", "sandbox"),
    ],
)
def test_absurd_arguments_are_told_in_one_line(hpcli: Runner, arguments: tuple[str, ...]) -> None:
    result = hpcli(*arguments)
    assert result.exit_code in (ExitCode.USAGE, ExitCode.NOT_FOUND, ExitCode.LOCAL), result.stderr
    assert "hpcli itself failed" not in result.stderr


def test_short_and_long_durations_are_read_once(hpcli: Runner) -> None:
    assert hpcli("timezones", "berlin", "--timeout", "0.00001", "-o", "ids").stdout == "133\n"
    assert hpcli("timezones", "berlin", "--timeout", "999999999", "-o", "ids").stdout == "133\n"


@pytest.mark.parametrize("stdin", [b"\xef\xbb\xbfEVZ20007\n", b"EVZ20007\r\n"])
def test_a_list_from_another_system_is_read(hpcli: Runner, stdin: bytes) -> None:
    done = subprocess.run(
        [str(hpcli.program), "explain", "-", "-o", "ids"], input=stdin, capture_output=True, check=False
    )
    assert done.stdout == b"EVZ20007\n"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "-"),
        ("auth", "login", "--app-key", "k", "--secret-stdin", "--insecure-storage"),
        ("api", "v1/site/search", "--data", "-", "--profile", "sandbox"),
    ],
)
def test_stdin_that_is_no_text_is_a_usage_error(
    hpcli: Runner, locale: str, arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [str(hpcli.program), *arguments],
        input=b"gehe\xff\x81im\n",  # not Windows-1252 either, in which lists of names may be
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": locale},
    )
    assert done.returncode == ExitCode.USAGE
    assert b"UTF-8" in done.stderr
    assert b"gehe" not in done.stderr


@pytest.mark.parametrize(
    ("typed", "code"), [("\x04", ExitCode.INTERRUPTED), ("\x03", -signal.SIGINT)], ids=["end", "ctrl-c"]
)
def test_a_hidden_question_can_be_left(hpcli: Runner, platform: Platform, typed: str, code: int) -> None:
    arguments = ("device", "isapi", "GET", "/ISAPI/System/time", DEFAULT_DEVICE, "--as", "admin")
    terminal = hpcli.on_terminal(*arguments, environment=platform.environment)
    terminal.wait_for("Password of admin: ")
    terminal.type(typed)
    assert terminal.finish() == code
    assert "hpcli itself" not in terminal.shown


def test_ctrl_c_while_it_starts_ends_it_without_a_traceback() -> None:
    interrupted = "import hpcli.cli\ndef stop(*_): raise KeyboardInterrupt\nhpcli.cli.main = stop\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{interrupted}from hpcli.__main__ import main\nmain()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_ctrl_c_while_many_devices_are_asked_ends_it_at_once(hpcli: Runner, platform: Platform) -> None:
    platform.configure(faults={"stall60@/transparent": 1.0})
    arguments = ("device", "isapi", "GET", "/ISAPI/System/time", "--all", "-v")
    with hpcli.start(*arguments, environment=platform.environment) as process:
        while not any("transparent" in path for path in control.statistics(platform.state)["requests"]):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == -signal.SIGINT


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_no_service_dies_by_the_signal(
    hpcli: Runner, platform: Platform, number: signal.Signals
) -> None:
    platform.configure(faults={"stall60@/v1/site": 1.0})
    with hpcli.start("site", "list", environment=platform.environment) as process:
        while not any("site/search" in path for path in control.statistics(platform.state)["requests"]):
            assert process.poll() is None
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (-number, "Interrupted.\n")


def test_a_hangup_that_nohup_ignores_stays_ignored(hpcli: Runner, platform: Platform) -> None:
    platform.configure(latency_ms=500)
    with subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; exec "$0" site list -o ids', str(hpcli.program)],
        env={**os.environ, **platform.environment},
        stdout=subprocess.PIPE,
    ) as process:
        while not any("token" in path for path in control.statistics(platform.state)["requests"]):
            assert process.poll() is None
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0


def test_ctrl_c_stops_the_shell_loop_around_it(hpcli: Runner, platform: Platform) -> None:
    platform.configure(faults={"stall60@/v1/site": 1.0})
    loop = f"for n in 1 2 3; do echo round $n; {hpcli.program} site list; done; echo after the loop"
    terminal = open_terminal(Path("/bin/bash"), ("--norc", "-c", loop), platform.environment)
    terminal.wait_for("round 1")
    while not any("site/search" in path for path in control.statistics(platform.state)["requests"]):
        assert terminal.process.poll() is None
    terminal.type("\x03")
    terminal.finish()
    assert "Interrupted." in terminal.shown
    assert "round 2" not in terminal.shown
    assert "after the loop" not in terminal.shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_was_changed_before_a_signal_is_printed(
    hpcli: Runner, platform: Platform, number: signal.Signals
) -> None:
    serials = hpcli("device", "list", "-o", "ids", environment=platform.environment).lines[:8]
    platform.configure(latency_ms=200)
    arguments = ("device", "delete", *serials, "--yes", "-o", "json")
    with hpcli.start(*arguments, environment=platform.environment) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(number)
        printed, told = process.communicate(timeout=60)
    assert process.returncode == -number
    deleted = [line for line in (first + told).splitlines() if "Deleted " in line]
    assert 1 <= len(deleted) < len(serials)
    assert len(json.loads(printed)) == len(deleted)


def test_v_before_the_family_and_behind_the_verb_add_up(hpcli: Runner) -> None:
    asked = ("site", "list", "--profile", "sandbox", "-o", "ids")
    assert '"pageSize"' not in hpcli(*asked, "-v").stderr
    for arguments in (("-v", *asked, "-v"), (*asked, "-vv"), (*asked, "-v", "-v")):
        assert '"pageSize"' in hpcli(*arguments).stderr


def test_quiet_silences_notices_but_no_error(hpcli: Runner) -> None:
    asked = ("site", "list", "--search", "nobody has this name", "--profile", "sandbox")
    assert hpcli(*asked).stderr == "No sites.\n"
    assert hpcli("-q", *asked).stderr == ""
    assert hpcli("explain", "XYZ", "-q").stderr.startswith("error: ")
