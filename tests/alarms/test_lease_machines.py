"""Two machines of one account, as processes, with a real nats-server: what ends the reader loses no alarm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcli.sandbox import control
from tests.support.brokers import Broker, nats_server, running
from tests.support.platform_server import Platform, lift_call_limit, start_platform
from tests.support.tail_process import PATIENCE, polls, waiting
from tests.support.tree import ROOT


def await_that(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, condition()
        time.sleep(0.02)  # between two looks; the assert above bounds them


class Machine:
    """A tail as a process, with a state directory of its own."""

    def __init__(self, folder: Path, platform: Platform, server: Broker) -> None:
        folder.mkdir()
        self.folder, self.printed = folder, folder / "out"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HPCLI_")},
            **platform.environment,
            **lift_call_limit(folder / "config"),
            "HPCLI_STATE_DIR": str(folder / "state"),
            "HPCLI_CACHE_DIR": str(folder / "cache"),
        }
        self.address = f"nats://127.0.0.1:{server.port}/leases"
        self.start()

    def start(self) -> None:
        words = ("alarms", "tail", "--subscribe", "--lease", self.address, "-o", "ndjson")
        with self.printed.open("ab") as out, (self.folder / "err").open("ab") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.lease_machine", *words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def state(self) -> str | None:
        """What `alarms status` would show of the lease."""
        found = list((self.folder / "state").glob("alarms/*/lease.json"))
        return json.loads(found[0].read_text())["state"] if found else None

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = self.printed.read_text(encoding="utf-8").split("\n")[:-1]
        return [event for event in map(json.loads, lines) if event["type"] != "reader"]

    @property
    def ids(self) -> set[str]:
        return {event["id"] for event in self.events}

    @property
    def unmarked_repeats(self) -> list[str]:
        ids = [event["id"] for event in self.events]
        return [
            event["id"]
            for place, event in enumerate(self.events)
            if event["id"] in ids[:place] and not event["redelivered"]
        ]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[tuple[Platform, Broker, list[Machine]]]:
    state = tmp_path / "sandbox.db"
    control.configure(state, poll_seconds=0.5)
    machines: list[Machine] = []
    (tmp_path / "nats").mkdir()
    with start_platform(state) as platform, running(nats_server(tmp_path / "nats")) as server:
        try:
            machines += [Machine(tmp_path / name, platform, server) for name in ("one", "two")]
            await_that(lambda: {one.state for one in machines} == {"holder", "waiting"})
            yield platform, server, sorted(machines, key=lambda one: one.state or "")
        finally:
            for machine in machines:
                machine.kill()


def test_the_reader_may_be_killed_suspended_or_cut_off(
    scene: tuple[Platform, Broker, list[Machine]],
) -> None:
    platform, server, (one, two) = scene
    count, kinds = 0, ["motion", "fielddetection", "linedetection", "cidEvent"]

    def send() -> None:
        nonlocal count
        # Equal messages would be taken for repeats while it is not known whether the first were confirmed.
        platform.trigger(kinds.pop(), count=3)
        count += 3

    def all_have(*machines: Machine) -> bool:
        return waiting(platform) == 0 and all(len(one.ids) == count for one in machines)

    send()
    await_that(lambda: all_have(one, two))
    assert not any(event["redelivered"] for event in two.events)

    one.kill()
    send()
    await_that(lambda: two.state == "holder" and all_have(two))
    one.start()
    await_that(lambda: one.state == "waiting" and all_have(one, two))

    two.process.send_signal(signal.SIGSTOP)
    send()
    await_that(lambda: one.state == "holder" and all_have(one))
    two.process.send_signal(signal.SIGCONT)
    await_that(lambda: two.state == "waiting" and all_have(one, two))

    server.kill()
    await_that(lambda: one.state == two.state == "unreachable")
    send()
    before = polls(platform)
    assert waiting(platform) == 3
    server.start()
    await_that(lambda: {one.state, two.state} == {"holder", "waiting"} and all_have(one, two))
    assert polls(platform) > before
    assert one.unmarked_repeats + two.unmarked_repeats == []
