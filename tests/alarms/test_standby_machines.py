"""A host and its spare as processes: the host is killed, is suspended and returns, and no alarm is lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform, start_platform
from tests.support.tail_machine import TailMachine, await_that
from tests.support.tail_process import PATIENCE, waiting

EVERY = ("--heartbeat-every", "1s")


class Machine(TailMachine):
    """A tail that is a hot-spare server."""

    note = "hotspare.json"

    @property
    def states(self) -> list[str]:
        return [line["state"] for line in self.lines if line["type"] == "reader"]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[tuple[Platform, Machine, Machine]]:
    state = tmp_path / "sandbox.db"
    control.configure(state, poll_seconds=0.5, message_ids=True)
    machines: list[Machine] = []
    with start_platform(state) as platform:
        with platform.client() as client:
            client.hotspare.add("host-01", 0)
            client.hotspare.add("spare-01", 1)
        standby = ("--standby-of", "host-01", "--down-after", "1h")
        try:
            machines.append(Machine(tmp_path / "host", platform, "--heartbeat-as", "host-01", *EVERY))
            machines.append(Machine(tmp_path / "spare", platform, *standby, *EVERY))
            await_that(lambda: [one.state for one in machines] == ["reading", "standby"])
            yield platform, machines[0], machines[1]
        finally:
            for machine in machines:
                machine.kill()


def await_take_over(platform: Platform, spare: Machine) -> None:
    """Wait until the spare reads; the host's last heartbeat is put back, so that nothing waits for its silence."""
    with seed.open_state(platform.state) as store, store.transaction():
        store.change("hotspare", "host-01", last=time.time() - 3 * 3600)
    await_that(lambda: spare.state == "reading")


def test_the_spare_reads_while_the_host_is_away_and_hands_back(
    scene: tuple[Platform, Machine, Machine],
) -> None:
    platform, host, spare = scene
    sent: list[str] = []

    def send() -> list[str]:
        found = platform.trigger("motion", count=3)
        sent.extend(found)
        return found

    def await_all(machine: Machine, ids: list[str]) -> None:
        await_that(lambda: machine.ids.issuperset(ids) and waiting(platform) == 0)

    await_all(host, send())
    assert spare.events == []

    # Read and printed by the host, but not confirmed: it comes again, and the spare marks it.
    platform.configure(faults={"refuse@mq/offset": 1.0})
    torn = send()
    await_that(lambda: host.ids.issuperset(torn))
    host.kill()
    platform.configure(faults={})
    await_take_over(platform, spare)
    await_all(spare, send())
    assert {event["id"] for event in spare.events if event["redelivered"]} >= set(torn)

    for _ in range(2):
        host.start()
        await_that(lambda: spare.state == "standby")
        await_all(host, send())
        host.process.send_signal(signal.SIGSTOP)
        await_take_over(platform, spare)
        await_all(spare, send())
        host.kill()
    host.start()
    await_that(lambda: len(spare.states) == 7)
    await_all(host, send())

    assert spare.states == ["standby", *["reading", "standby"] * 3]
    assert host.ids | spare.ids == set(sent)
    assert host.ids & spare.ids == set(torn)
    assert host.unmarked_repeats + spare.unmarked_repeats == []


def test_a_signal_ends_a_spare_at_once_whatever_it_does(scene: tuple[Platform, Machine, Machine]) -> None:
    platform, host, spare = scene
    platform.configure(poll_seconds=300.0)
    spare.process.send_signal(signal.SIGINT)
    assert spare.process.wait(PATIENCE) == 130
    host.kill()
    spare.start()
    await_take_over(platform, spare)
    spare.process.send_signal(signal.SIGINT)
    assert spare.process.wait(PATIENCE) == 130
    assert spare.events == []
