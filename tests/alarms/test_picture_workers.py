"""Workers go on whatever happens to a picture, and no device holds up the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.journal.pictures import PictureJob, Saved
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.pictures.turns import Turns
from hpcli.backoff import Backoff
from hpcli.errors import LocalError
from tests.soak.stage import wait_until
from tests.support.encrypted_pictures import JPEG
from tests.support.picture_journal import Desk, keep_alarm, pictures, states
from tests.support.picture_server import Handler, serve


@pytest.fixture
def desk(journal: Journal, tmp_path: Path) -> Iterator[Desk]:
    for server in serve():
        yield Desk(journal, server, tmp_path / "pictures")


class Failing:
    """Fails with some pictures and saves the others."""

    def __init__(self, desk: Desk, error: Exception) -> None:
        self._saver, self._error, self.folder = desk.saver(), error, desk.folder

    def save(self, job: PictureJob, note_original: Any) -> Saved:
        if "bad" in job.url:
            raise self._error
        return self._saver.save(job, note_original)

    def reopen(self, job: PictureJob) -> Saved | None:
        return self._saver.reopen(job)


@pytest.mark.parametrize("error", [ValueError("x"), RecursionError(), MemoryError(), KeyError("url")])
def test_an_exception_costs_one_picture_and_no_worker(desk: Desk, error: Exception) -> None:
    for number in range(10):
        keep_alarm(desk.journal, *desk.serve({f"/bad{number}": JPEG, f"/good{number}": JPEG}))
    desk.fetch_all(Failing(desk, error))
    assert states(desk.journal) == ["failed", "saved"] * 10
    reasons = {picture["error"] for picture in pictures(desk.journal) if picture["state"] == "failed"}
    assert reasons == {f"A fault of hpcli ({type(error).__name__}); please report it with the raw message."}
    assert all(type(error).__name__ in warning for warning in desk.warnings)


def test_a_row_that_cannot_even_be_read_holds_up_nothing(desk: Desk) -> None:
    keep_alarm(desk.journal, *desk.serve({"/bad": JPEG, "/good": JPEG}))
    desk.journal.write(lambda db: db.execute("UPDATE picture SET files='no JSON' WHERE url LIKE '%bad'"))
    with desk.workers(at_once=1):
        wait_until(lambda: not desk.count_due(), "nothing is due")
    found = desk.journal.read(
        lambda db: db.execute("SELECT state, error FROM picture ORDER BY seq").fetchall()
    )
    assert [state for state, _ in found] == ["failed", "saved"]
    assert "JSONDecodeError" in found[0][1]


def test_a_fault_of_every_write_is_told_and_survived(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_alarm(desk.journal, *desk.serve({"/a": JPEG}))

    def fail(*_: object, **__: object) -> None:
        raise ValueError

    with monkeypatch.context() as patch:
        patch.setattr("hpcli.alarms.pictures.workers.note_saved", fail)
        patch.setattr("hpcli.alarms.pictures.workers.note_failed", fail)
        with desk.workers(at_once=1):
            keep_alarm(desk.journal, *desk.serve({"/b": JPEG}))
            wait_until(lambda: len(desk.warnings) == 4, "both are told")
    assert desk.count_due() == 2
    desk.fetch_all()
    assert states(desk.journal) == ["saved", "saved"]


def test_devices_take_turns(desk: Desk) -> None:
    for device in ("A1", "A1", "A1", "B2", "B2", "C3"):
        number = len(desk.server.answers)
        keep_alarm(desk.journal, *desk.serve({f"/{device}-{number}": JPEG}), device=device)
    desk.fetch_all(at_once=1)
    assert desk.requests == ["/A1-0", "/B2-3", "/C3-5", "/A1-1", "/B2-4", "/A1-2"]


def test_critical_and_high_alarms_come_first_and_the_newest_of_them(desk: Desk) -> None:
    for name, device, priority in (
        ("old", "A1", "normal"), ("first", "B2", "high"), ("second", "B2", "critical"), ("low", "C3", "low"),
        ("third", "B2", "high"),
    ):  # fmt: skip
        keep_alarm(desk.journal, *desk.serve({f"/{name}": JPEG}), device=device, priority=priority)
    desk.fetch_all(at_once=1)
    assert desk.requests == ["/third", "/second", "/first", "/old", "/low"]


def test_a_slow_camera_does_not_hold_up_the_others(desk: Desk) -> None:
    is_free = threading.Event()

    def stall(handler: Handler) -> None:
        is_free.wait(30)
        handler.answer(200, JPEG)

    for number in range(20):
        keep_alarm(desk.journal, *desk.serve({f"/slow{number}": JPEG}), device="A1")
        desk.server.answers[f"/slow{number}"] = stall
    keep_alarm(desk.journal, *desk.serve({"/quick": JPEG}), device="B2")
    with desk.workers(at_once=4, turns=Turns(2)):
        wait_until(lambda: "saved" in states(desk.journal), "the quick one is saved")
        assert sum(path.startswith("/slow") for path in desk.requests) <= 2
        is_free.set()
        wait_until(lambda: not desk.count_due(), "the slow ones are saved too")
    assert set(states(desk.journal)) == {"saved"}


def test_a_full_disk_is_said_once_with_what_happens_next(desk: Desk) -> None:
    keep_alarm(desk.journal, *desk.serve({"/bad": JPEG}))
    error = LocalError("Pictures cannot be written to /x: No space left on device.")
    with desk.workers(Failing(desk, error), backoff=Backoff((0.0,))):
        wait_until(lambda: states(desk.journal) == ["failed"], "it is given up")
        wait_until(lambda: len(desk.warnings) == 2, "both are told")
    assert desk.warnings == [
        f"{error.message} They are tried again. The alarms are complete.",
        f"{error.message} `hpcli alarms retry-pictures` saves them. The alarms are complete.",
    ]
