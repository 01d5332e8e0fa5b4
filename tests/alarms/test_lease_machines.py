"""Two machines of one account, as processes, with a real nats-server: what ends the reader loses no alarm."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcli.sandbox import control
from tests.support.brokers import Broker, nats_server, running
from tests.support.platform_server import Platform, start_platform
from tests.support.tail_machine import TailMachine
from tests.support.tail_process import polls, waiting
from tests.support.waiting import wait_for


class Machine(TailMachine):
    """A tail that competes for a lease."""

    module = "tests.support.lease_machine"
    note = "lease.json"

    def __init__(self, folder: Path, platform: Platform, server: Broker) -> None:
        super().__init__(folder, platform, "--subscribe", "--lease", f"nats://127.0.0.1:{server.port}/leases")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[tuple[Platform, Broker, list[Machine]]]:
    state = tmp_path / "sandbox.db"
    control.configure(state, poll_seconds=0.5)
    machines: list[Machine] = []
    (tmp_path / "nats").mkdir()
    with start_platform(state) as platform, running(nats_server(tmp_path / "nats")) as server:
        try:
            machines += [Machine(tmp_path / name, platform, server) for name in ("one", "two")]
            wait_for(lambda: {one.state for one in machines} == {"holder", "waiting"}, every=0.02)
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
    wait_for(lambda: all_have(one, two), every=0.02)
    assert not any(event["redelivered"] for event in two.events)

    one.kill()
    send()
    wait_for(lambda: two.state == "holder" and all_have(two), every=0.02)
    assert all(event["redelivered"] for event in two.events[-3:])  # the dead reader may have printed them
    one.start()
    wait_for(lambda: one.state == "waiting" and all_have(one, two), every=0.02)

    two.process.send_signal(signal.SIGSTOP)
    send()
    wait_for(lambda: one.state == "holder" and all_have(one), every=0.02)
    two.process.send_signal(signal.SIGCONT)
    wait_for(lambda: two.state == "waiting" and all_have(one, two), every=0.02)

    server.kill()
    wait_for(lambda: one.state == two.state == "unreachable", every=0.02)
    send()
    before = polls(platform)
    assert waiting(platform) == 3
    server.start()
    wait_for(lambda: {one.state, two.state} == {"holder", "waiting"} and all_have(one, two), every=0.02)
    assert polls(platform) > before
    assert one.unmarked_repeats + two.unmarked_repeats == []
