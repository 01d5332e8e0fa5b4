"""The poller under a lease or after a killed one: when it polls and confirms, and what it says after a take-over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hpcli.alarms.clock import Clock
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.lease.shared_queue import SharedQueue
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.gaps import GapDetector
from hpcli.alarms.tail.keeper import BatchKeeper
from hpcli.alarms.tail.poller import Poller
from hpcli.alarms.tail.reader_lock import hold_reader_lock
from hpcli.alarms.turns import Turns
from hpcli.client.queue_answer import Batch
from hpcli.errors import ConflictError, HpcliError, NetworkError, TimeLimitError
from hpcli.sandbox import control
from hpcli.stop import Stop
from tests.support.alarm_messages import message
from tests.support.platform_server import start_platform


class Pauses(Stop):
    """A stop whose pauses take no time; the last one asks for the end."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self.most = most

    def wait(self, seconds: float | None = None) -> bool:
        self.pauses.append(seconds or 0.0)
        if len(self.pauses) >= self.most:
            self.set()
        return self.is_set


@dataclass
class Scene:
    """A platform with one batch, a lease and a stream."""

    stop: Pauses
    holds: list[bool] = field(default_factory=list)
    publishing: list[HpcliError | None] = field(default_factory=list)
    poll_error: HpcliError | None = None
    calls: list[str] = field(default_factory=list)

    def poll(self) -> Batch:
        self.calls.append("poll")
        if self.poll_error is not None:
            raise self.poll_error
        return Batch("b-1", [message({"eventType": "x"})])

    def confirm(self, batch_id: str) -> None:
        self.calls.append(f"confirm {batch_id}")
        self.stop.set()

    def subscribe(self, serials: object) -> None:
        """Nothing to do."""

    def publish(self, batch: Batch, _received: int) -> None:
        self.calls.append(f"publish {batch.id}")
        error = self.publishing.pop(0)
        if error is not None:
            raise error

    def lease(self) -> Any:
        scene = self

        class Lease(Turns):
            held_since = Clock().steady()
            last_poll = None
            words = "waiting"

            @property
            def holds(self) -> bool:
                return scene.holds.pop(0) if len(scene.holds) > 1 else scene.holds[0]

        return Lease()


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Scene], list[str]]:
    def run(scene: Scene) -> list[str]:
        said: list[str] = []
        error_log = ErrorLog(said.append, Clock().steady)
        stream = SimpleNamespace(publish=scene.publish, confirm=lambda *_: scene.calls.append("say so"))
        with Journal(tmp_path / "journal.db") as journal:
            keeper = BatchKeeper(journal, scene.stop, error_log)
            detector = GapDetector(Clock(), None)
            shared = SharedQueue(scene.lease(), cast("Any", stream))
            Poller(
                scene, journal, scene.stop, detector, error_log, keeper, turns=shared.lease, shared=shared
            ).run()
        return said

    return run


def test_a_batch_is_confirmed_once_the_stream_has_it(run: Callable[[Scene], list[str]]) -> None:
    scene = Scene(Pauses(9), [True], [NetworkError("away"), None])
    said = run(scene)
    assert scene.calls == ["poll", "publish b-1", "publish b-1", "confirm b-1", "say so"]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("holds", "calls"),
    [
        ([False], []),  # another machine reads
        ([True, False], ["poll"]),  # lost during the poll
        ([True, True, False], ["poll", "publish b-1"]),  # lost while the stream took it
    ],
)
def test_without_the_lease_nothing_is_polled_or_confirmed(
    run: Callable[[Scene], list[str]], holds: list[bool], calls: list[str]
) -> None:
    scene = Scene(Pauses(3), holds, [None])
    run(scene)
    assert scene.calls == calls


def test_the_poll_of_the_reader_before_is_waited_for_without_a_word(
    run: Callable[[Scene], list[str]],
) -> None:
    busy = ConflictError("Someone else reads.", code="LAP068001")
    scene = Scene(Pauses(4), [True], poll_error=busy)
    assert run(scene) == []
    assert set(scene.stop.pauses) == {2.0}


@pytest.mark.parametrize(("follows_killed", "pauses", "said"), [(True, {2.0}, 1), (False, set(), 2)])
def test_after_a_killed_tail_its_poll_is_waited_for_with_one_notice(
    tmp_path: Path, *, follows_killed: bool, pauses: set[float], said: int
) -> None:
    scene = Scene(Pauses(4), poll_error=ConflictError("Someone else reads.", code="LAP068001"))
    lines: list[str] = []
    error_log = ErrorLog(lines.append, Clock().steady)
    with Journal(tmp_path / "journal.db") as journal:
        keeper = BatchKeeper(journal, scene.stop, error_log)
        detector = GapDetector(Clock(), None)
        Poller(scene, journal, scene.stop, detector, error_log, keeper, follows_killed=follows_killed).run()
    error_log.sum_up()
    assert len(lines) == said
    assert ("in up to 40 s" in lines[0]) == follows_killed
    assert {pause for pause in scene.stop.pauses if pause <= 2.0} == pauses


def test_the_lock_says_whether_the_reader_before_was_killed(tmp_path: Path) -> None:
    with hold_reader_lock(tmp_path, None) as follows_killed:
        assert not follows_killed
        holder = (tmp_path / "reader.json").read_bytes()
    (tmp_path / "reader.json").write_bytes(holder)  # left behind by kill -9
    for expected in (True, False):
        with hold_reader_lock(tmp_path, None) as follows_killed:
            assert follows_killed is expected


def test_a_poll_in_flight_can_be_ended_from_another_thread(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.db"
    control.configure(state, poll_seconds=300.0)
    with start_platform(state) as platform, platform.client() as client:
        client.alarms.subscribe(None)
        ended = Event()

        def end() -> None:
            while not ended.wait(0.02):  # the poll may not have begun yet
                client.alarms.end_poll()

        thread = Thread(target=end)
        thread.start()
        try:
            with pytest.raises(TimeLimitError):
                client.alarms.poll()
        finally:
            ended.set()
            thread.join()
        client.alarms.end_poll()
        assert list(client.device.list())  # other calls are left alone
