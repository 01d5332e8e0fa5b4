"""A host and its spare as processes: the host is killed, is suspended and returns, and no alarm is lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform, start_platform
from tests.support.tail_machine import TailMachine
from tests.support.tail_process import PATIENCE, waiting
from tests.support.waiting import wait_for

EVERY = ("--heartbeat-every", "1s")


class Machine(TailMachine):
    """A tail that is a hot-spare server."""

    note = "hotspare.json"

    @property
    def states(self) -> list[str]:
        return [line["state"] for line in self.lines if line["type"] == "reader"]


@dataclass
class Scene:
    """A platform, its host and its spare, and the alarms that were sent."""

    platform: Platform
    host: Machine
    spare: Machine
    sent: list[str] = field(default_factory=list)

    def send(self) -> list[str]:
        found = self.platform.trigger("motion", count=3)
        self.sent.extend(found)
        return found

    def send_to(self, machine: Machine) -> None:
        """Send alarms and wait until a machine has printed and confirmed all of them."""
        found = self.send()
        wait_for(lambda: machine.ids.issuperset(found) and waiting(self.platform) == 0, every=0.02)

    def await_take_over(self) -> None:
        """Wait until the spare reads; the host's last heartbeat is put back, so that nothing waits for its silence."""
        with seed.open_state(self.platform.state) as store, store.transaction():
            store.change("hotspare", "host-01", last=time.time() - 3 * 3600)
        wait_for(lambda: self.spare.state == "reading", every=0.02)

    def await_handed_back(self, times: int) -> None:
        wait_for(lambda: self.spare.states.count("standby") == 1 + times, every=0.02)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
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
            wait_for(lambda: [one.state for one in machines] == ["reading", "standby"], every=0.02)
            yield Scene(platform, machines[0], machines[1])
        finally:
            for machine in machines:
                machine.kill()


def test_the_spare_reads_while_the_host_is_away_and_hands_back(scene: Scene) -> None:
    host, spare = scene.host, scene.spare
    scene.send_to(host)
    assert spare.events == []

    # Read and printed by the host, but not confirmed: it comes again, and the spare marks it.
    scene.platform.configure(faults={"refuse@mq/offset": 1.0})
    torn = scene.send()
    wait_for(lambda: host.ids.issuperset(torn), every=0.02)
    host.kill()
    scene.platform.configure(faults={})
    scene.await_take_over()
    scene.send_to(spare)
    assert spare.marked >= set(torn)
    host.start()
    scene.await_handed_back(1)
    scene.send_to(host)

    host.process.send_signal(signal.SIGSTOP)
    scene.await_take_over()
    scene.send_to(spare)
    host.process.send_signal(signal.SIGCONT)
    scene.await_handed_back(2)
    scene.send_to(host)

    host.kill()
    scene.await_take_over()
    scene.send_to(spare)
    host.start()
    scene.await_handed_back(3)
    scene.send_to(host)

    assert spare.states == ["standby", *["reading", "standby"] * 3]
    assert host.ids | spare.ids == set(scene.sent)
    twice = host.ids & spare.ids  # what was sent to a suspended host may be among them
    assert twice >= set(torn)
    assert twice <= host.marked | spare.marked
    assert host.unmarked_repeats + spare.unmarked_repeats == []


def test_a_signal_ends_a_spare_at_once_whatever_it_does(scene: Scene) -> None:
    scene.platform.configure(poll_seconds=300.0)
    spare = scene.spare
    spare.process.send_signal(signal.SIGINT)
    assert spare.process.wait(PATIENCE) == 130
    scene.host.kill()
    spare.start()
    scene.await_take_over()
    spare.process.send_signal(signal.SIGINT)
    assert spare.process.wait(PATIENCE) == 130
    assert spare.events == []
