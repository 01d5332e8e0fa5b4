"""Servers that stand in for each other: roles, heartbeats, watching, files."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpcli.api.operations.hotspare.files import UPLOAD
from hpcli.client import Client
from hpcli.client.hotspare.servers import HotspareCalls
from hpcli.commands.framework.repeating import Repeater, parse_interval
from hpcli.commands.hotspare.watch import HostWatch
from hpcli.errors import ConflictError, HpcliError, NetworkError, NotFoundError, PlatformError, UsageError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from hpcli.stop import Stop
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner
from tests.support.waiting import wait_for

HOST, SPARE = "host-01", "spare-01"
PATIENCE = 30.0


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "hotspare")


@pytest.fixture
def pair(client: Client) -> None:
    client.hotspare.add(HOST, 0)
    client.hotspare.add(SPARE, 1)


@pytest.fixture
def start(hpcli: Runner, platform: Platform) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a service; all that still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        process = hpcli.start("hotspare", *arguments, environment=platform.environment)
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def beats(platform: Platform) -> int:
    return control.statistics(platform.state)["requests"].get("POST /api/hpcgw/v1/hotspare/heartbeat", 0)


def silence(platform: Platform, uuid: str, seconds: float) -> None:
    """Put a server's last heartbeat some time back."""
    with seed.open_state(platform.state) as store, store.transaction():
        store.change("hotspare", uuid, last=time.time() - seconds)


class TestServers:
    def test_the_request_is_the_guides(self, run: Run) -> None:
        plan = run("add", HOST, "--role", "host", "--dry-run", "-o", "json").json
        assert (plan[0]["url"].rpartition("/v1/")[2], plan[0]["body"]) == (
            "hotspare/add",
            {"uuid": HOST, "type": 0},
        )
        plan = run("delete", HOST, SPARE, "--dry-run", "-o", "json").json
        assert [entry["body"] for entry in plan] == [{"deleteMode": "list", "list": [HOST, SPARE]}]
        plan = run("delete", "--all", "--dry-run", "-o", "json").json
        assert plan[0]["body"] == {"deleteMode": "all"}

    def test_the_host_comes_first_and_each_role_once(self, run: Run, client: Client) -> None:
        result = run("add", SPARE, "--role", "spare1")
        assert (result.exit_code, "(LAP026338)" in result.stderr, "--role host" in result.stderr) == (
            1,
            True,
            True,
        )
        client.hotspare.add(HOST, 0)
        for number in (1, 2, 3):
            client.hotspare.add(f"spare-{number}", number)
        with pytest.raises(ConflictError, match="LAP026339"):
            client.hotspare.add("one-more", 3)
        assert run("list", "--no-header").lines == [f"{HOST}\tHost"] + [
            f"spare-{n}\tSpare {n}" for n in (1, 2, 3)
        ]

    @pytest.mark.usefixtures("pair")
    def test_deleting_asks_and_all_is_typed(self, run: Run, client: Client) -> None:
        assert run("delete", SPARE).exit_code == 2
        assert run("delete", "--yes").exit_code == 2
        assert run("delete", SPARE, "unknown", "--yes").exit_code == 9
        assert [row["uuid"] for row in client.hotspare.list()] == [HOST]
        client.hotspare.delete(None)
        assert client.hotspare.list() == []

    def test_bad_values_are_told_and_not_sent(self, platform: Platform, client: Client) -> None:
        with pytest.raises(UsageError, match="at most 128"):
            client.hotspare.add("u" * 129, 0)
        with pytest.raises(UsageError, match="no role 4"):
            client.hotspare.add("u", 4)
        assert control.statistics(platform.state)["requests"] == {}


class TestHeartbeat:
    @pytest.mark.usefixtures("pair")
    def test_one_shows_all(self, run: Run, platform: Platform) -> None:
        silence(platform, HOST, 125)
        rows = run("heartbeat", SPARE, "--no-header").lines
        assert rows[0].startswith(f"{HOST}\tHost\t2 min ")
        assert rows[1].split("\t")[0] == SPARE

    def test_a_moment_in_place_of_a_difference_is_understood(self) -> None:
        class Answers:
            def call(self, *_arguments: Any, **_more: Any) -> Any:
                return {
                    "list": [
                        {"uuid": " h", "type": "0", "timeLag": 1707102237228},
                        {"uuid": "s", "timeLag": 5},
                    ]
                }

            def now(self) -> float:
                return 1707102240.228

        rows = HotspareCalls(Answers()).heartbeat("s")  # type: ignore[arg-type] # all that a heartbeat needs
        assert [(row["uuid"], row["timeLag"]) for row in rows] == [("h", 3000), ("s", 5)]

    @pytest.mark.usefixtures("pair")
    def test_it_goes_on_through_faults_and_ends_cleanly(
        self, start: Callable[..., subprocess.Popen[str]], platform: Platform
    ) -> None:
        process = start("heartbeat", SPARE, "--every", "1s", "--timeout", "1")
        wait_for(lambda: beats(platform) >= 1, every=0.02)
        platform.configure(faults={"LAP000000@heartbeat": 1.0})
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert next(line for line in lines if "failed" in line).startswith("The heartbeat failed: ")
        platform.configure(faults={})
        assert next(line for line in lines if "works" in line) == "The heartbeat works again.\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0

    @pytest.mark.usefixtures("pair")
    def test_it_starts_while_the_network_is_away(
        self, start: Callable[..., subprocess.Popen[str]], platform: Platform
    ) -> None:
        platform.configure(faults={"refuse@heartbeat": 1.0})
        process = start("heartbeat", SPARE, "--every", "1s", "--timeout", "1")
        assert process.stderr is not None
        assert process.stderr.readline().startswith("The heartbeat failed: ")
        platform.configure(faults={})
        assert process.stderr.readline() == "The heartbeat works again.\n"

    def test_a_wrong_call_ends_it(self, run: Run) -> None:
        assert run("heartbeat", "unknown", "--every", "1s").exit_code == 4

    @pytest.mark.usefixtures("pair")
    def test_ctrl_c_is_130_even_during_a_call(
        self, start: Callable[..., subprocess.Popen[str]], platform: Platform
    ) -> None:
        platform.configure(faults={"stall60@heartbeat": 1.0})
        process = start("heartbeat", SPARE, "--every", "1s")
        wait_for(lambda: beats(platform) >= 1, every=0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stderr is not None
        assert process.stderr.read().splitlines()[-1] == "Stopped."


class TestWatch:
    @pytest.mark.usefixtures("pair")
    def test_it_tells_when_the_host_is_silent_and_when_it_is_back(
        self, start: Callable[..., subprocess.Popen[str]], platform: Platform, client: Client
    ) -> None:
        process = start(
            "watch", "--as", SPARE, "--every", "1s", "--down-after", "1h", "-o", "plain", "--no-header"
        )
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline() == "Watching the host, which is up; press Ctrl-C to stop.\n"
        silence(platform, HOST, 3 * 3600)
        down = process.stdout.readline().split("\t")
        assert (down[1:3], down[3].strip()) == ([HOST, "down"], "3 h")
        client.hotspare.heartbeat(HOST)
        assert process.stdout.readline().split("\t")[1:3] == [HOST, "up"]
        process.send_signal(signal.SIGTERM)
        assert (process.wait(PATIENCE), process.stdout.read()) == (0, "")

    @pytest.mark.usefixtures("pair")
    def test_a_failed_call_is_never_down(
        self, start: Callable[..., subprocess.Popen[str]], platform: Platform
    ) -> None:
        process = start("watch", "--as", SPARE, "--every", "1s", "--timeout", "1", "-o", "ndjson")
        assert process.stderr is not None
        process.stderr.readline()
        platform.configure(faults={"html502@heartbeat": 1.0})
        assert "failed" in process.stderr.readline()
        platform.configure(faults={})
        assert "works again" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE)
        assert (process.returncode, out) == (0, "")

    @pytest.mark.usefixtures("pair")
    def test_it_never_beats_for_a_host(self, run: Run, platform: Platform) -> None:
        result = run("watch", "--as", HOST)
        assert (result.exit_code, "is the host" in result.stderr, beats(platform)) == (2, True, 0)
        assert run("watch", "--as", "unknown").exit_code == 4
        assert run("watch", "--as", SPARE, "--host", SPARE).exit_code == 2
        assert beats(platform) == 0

    def test_changes_only_and_a_silent_host_at_first(self) -> None:
        watch = HostWatch(SPARE, None, 1000)

        def seen(lag: int) -> Any:
            change = watch.see(
                [{"uuid": HOST, "type": 0, "timeLag": lag}, {"uuid": SPARE, "type": 1, "timeLag": 0}]
            )
            return change and change["state"]

        assert [seen(lag) for lag in (1001, 2000, 1000, 0, 1001)] == ["down", None, "up", None, "down"]

    def test_a_host_that_is_gone_is_no_silence(self) -> None:
        with pytest.raises(NotFoundError):
            HostWatch(SPARE, "other", 1000).see([{"uuid": HOST, "type": 0, "timeLag": 0}])


class TestRepeater:
    def test_a_refusal_after_a_success_is_lived_through(self) -> None:
        stop, told = Stop(), list[str]()
        results: list[int | HpcliError] = [1, PlatformError("no"), NetworkError("away"), 2]

        def work() -> int:
            result = results.pop(0)
            if isinstance(result, HpcliError):
                raise result
            if not results:
                stop.set()
            return result

        assert list(Repeater(work, 0, "It", told.append).run(stop)) == [1, 2]
        assert told == ["It failed: no Retrying.", "It works again."]

    @pytest.mark.parametrize("text", ["0", "0.5s", "often"])
    def test_too_often_is_refused(self, text: str) -> None:
        with pytest.raises(UsageError):
            parse_interval(text)


class TestFiles:
    def test_a_file_goes_up_as_a_form_and_comes_down_again(self, run: Run, tmp_path: Path) -> None:
        content = bytes(range(256)) * 8192
        (tmp_path / "backup.zip").write_bytes(content)
        result = run("file", "upload", str(tmp_path / "backup.zip"))
        assert result.exit_code == 0, result.stderr
        (key,) = result.lines
        assert run("file", "list", "-o", "ids").lines == [key]
        assert run("file", "download", key, "--save", str(tmp_path / "got.zip")).exit_code == 0
        assert (tmp_path / "got.zip").read_bytes() == content
        assert run("file", "delete", key).exit_code == 2
        assert run("file", "delete", key, "--yes").exit_code == 0
        assert run("file", "download", key).exit_code == 4

    def test_more_than_2_mb_are_not_sent(self, run: Run, platform: Platform, tmp_path: Path) -> None:
        (tmp_path / "big").write_bytes(bytes((2 << 20) + 1))
        result = run("file", "upload", str(tmp_path / "big"))
        assert (result.exit_code, "at most 2 MB" in result.stderr, "LAP026341" in result.stderr) == (
            2,
            True,
            True,
        )
        assert control.statistics(platform.state)["requests"] == {}

    def test_the_stand_in_refuses_them_too(self, client: Client) -> None:
        upload = ("big", bytes((2 << 20) + 1))
        with pytest.raises(HpcliError, match="LAP026341"):
            client.transport.call(UPLOAD, upload=upload)

    def test_text_is_a_file_too(self, client: Client, run: Run) -> None:
        key = client.hotspare.file.upload("a.json", b'{"a": 1}')
        result = run("file", "download", key)
        assert (result.stdout, result.exit_code) == ('{"a": 1}', 0)

    def test_sync_fetches_what_is_newer_only(self, run: Run, client: Client, tmp_path: Path) -> None:
        target = tmp_path / "kept" / "backup.zip"
        target.parent.mkdir()
        assert run("file", "sync", "--save", str(target)).exit_code == 4
        client.hotspare.file.upload("a", b"first")
        assert "Saved" in run("file", "sync", "--save", str(target)).stderr
        target.write_bytes(b"edited")
        assert "up to date" in run("file", "sync", "--save", str(target)).stderr
        os.utime(target, (1, 1))
        client.hotspare.file.upload("a", b"second")
        run("file", "sync", "--save", str(target))
        assert target.read_bytes() == b"second"
        assert list(target.parent.iterdir()) == [target]

    def test_sync_goes_on_and_lives_through_faults(
        self, start: Callable[..., subprocess.Popen[str]], platform: Platform, client: Client, tmp_path: Path
    ) -> None:
        target = tmp_path / "backup.zip"
        client.hotspare.file.upload("a", b"first")
        process = start("file", "sync", "--save", str(target), "--every", "1s", "--timeout", "1")
        wait_for(target.exists, every=0.02)
        platform.configure(faults={"html502@hotspare": 1.0})
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("failed" in line for line in lines)
        assert target.read_bytes() == b"first"
        platform.configure(faults={})
        client.hotspare.file.upload("a", b"second")
        wait_for(lambda: target.read_bytes() == b"second", every=0.02)
        process.send_signal(signal.SIGHUP)
        assert process.wait(PATIENCE) == 0


def test_a_host_is_not_down_for_one_late_heartbeat(run: Run, platform: Platform) -> None:
    result = run("watch", "--as", SPARE, "--every", "60s", "--down-after", "100s")
    assert (result.exit_code, "shorter than twice --every" in result.stderr) == (2, True)
    assert beats(platform) == 0
