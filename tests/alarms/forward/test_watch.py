"""Outputs follow forward.toml and the files that it names, while they run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hpcli.alarms.forward.config import ForwardFile
from hpcli.alarms.forward.declaration import Declaration, read_declaration
from hpcli.alarms.forward.kind import OutputKind, Setup
from hpcli.alarms.forward.loader import kinds
from hpcli.alarms.forward.lock import OutputLock
from hpcli.alarms.forward.outcome import DONE, misconfigured, retry
from hpcli.alarms.forward.runner import Forwarders
from hpcli.alarms.forward.watch import Watch
from hpcli.alarms.journal.deliveries import revive
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.error_log import ErrorLog
from tests.support.forward_journal import Receiver, keep_alarms, place_of
from tests.support.waiting import wait_for

OUT = '[output.out]\nto = "test:here"\nfrom = "beginning"\nsecret-file = "{folder}/secret"\n'


@dataclass
class Stage:
    """A forward.toml and what watches it; the receiver sees the secret of each opening."""

    folder: Path
    journal: Journal
    receiver: Receiver = field(default_factory=Receiver)
    secrets: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def declare(self, text: str) -> None:
        path = self.folder / "forward.toml"
        path.write_text(text.format(folder=self.folder))
        path.chmod(0o600)

    def give(self, secret: str) -> None:
        path = self.folder / "secret"
        path.write_text(secret)
        path.chmod(0o600)

    def open(self, setup: Setup) -> Receiver:
        self.secrets.append(setup.secret)
        return self.receiver

    def watch(self) -> Watch:
        """What watches; the test looks itself."""

        def read() -> Declaration:
            return read_declaration(ForwardFile(self.folder), None)

        forwarders = Forwarders(self.folder, self.journal, ErrorLog(lambda _line: None, time.monotonic))
        return Watch(forwarders, read(), read, self.said.append, finishes=False, seconds=3600)

    def wait_until_sent(self, *seqs: int) -> None:
        wait_for(lambda: self.receiver.seqs == list(seqs))


@pytest.fixture
def stage(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr("hpcli.alarms.forward.forwarder._RECHECK_SECONDS", 0.01)
    monkeypatch.setattr("hpcli.alarms.forward.forwarder._LOOK_SECONDS", 0.01)
    monkeypatch.setattr("hpcli.alarms.forward.rules._LOOK_SECONDS", 0.01)
    made = Stage(tmp_path, journal)
    monkeypatch.setitem(kinds(), "test", OutputKind(("test",), "a test", made.open))
    keep_alarms(journal, "A1")
    made.give("one")
    made.declare(OUT)
    return made


def is_held(stage: Stage) -> bool:
    return OutputLock(stage.folder, "out").find_holder() is not None


def test_an_output_that_is_added_runs_and_one_that_is_removed_is_let_go(stage: Stage) -> None:
    stage.declare("")
    with stage.watch() as watch:
        assert not is_held(stage)
        stage.declare(OUT)
        watch.look()
        stage.wait_until_sent(1)
        assert is_held(stage)
        stage.declare("")
        watch.look()
        assert not is_held(stage)
        keep_alarms(stage.journal, "A2", batch="c")
    assert stage.receiver.seqs == [1]
    assert stage.said == ["The output 'out' was removed; nothing is sent to it any more."]


def test_new_settings_and_secrets_are_taken_over(stage: Stage) -> None:
    with stage.watch() as watch:
        stage.wait_until_sent(1)
        stage.give("two, longer")
        watch.look()
        stage.declare(OUT + 'not = ["device=A2"]\n')
        watch.look()
        watch.look()
        keep_alarms(stage.journal, "A2", "A3", batch="c")
        stage.wait_until_sent(1, 3)
    assert stage.secrets == ["one", "two, longer", "two, longer"]
    assert stage.said == ["The output 'out' uses its new settings now."] * 2
    assert not any(message.event["redelivered"] for message in stage.receiver.got)


def spoil_secret(stage: Stage) -> None:
    stage.give("two\nlines")


def spoil_file(stage: Stage) -> None:
    stage.declare(OUT + "[[")


def spoil_output(stage: Stage) -> None:
    stage.declare(OUT + "onyl = 1\n")


def spoil_origin(stage: Stage) -> None:
    stage.declare(OUT.replace("beginning", "no-such-event"))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_secret, "'out' keeps its former settings: "),
        (spoil_file, "The outputs keep their former settings: "),
        (spoil_output, "'out' keeps its former settings: "),
        (spoil_origin, "'out' keeps its former settings: "),
    ],
)
def test_what_cannot_be_used_is_said_once_and_the_old_settings_go_on(
    stage: Stage, spoil: Callable[[Stage], None], words: str
) -> None:
    with stage.watch() as watch:
        stage.wait_until_sent(1)
        spoil(stage)
        watch.look()
        watch.look()
        keep_alarms(stage.journal, "A2", batch="c")
        stage.wait_until_sent(1, 2)
        (line,) = stage.said
        assert words in line
        stage.give("two")
        stage.declare(OUT)
        watch.look()
        keep_alarms(stage.journal, "A3", batch="d")
        stage.wait_until_sent(1, 2, 3)
    over = (
        "forward.toml can be used again."
        if spoil is spoil_file
        else "The output 'out' uses its new settings now."
    )
    assert stage.said[1] == over


def test_retry_reaches_a_suspended_output_and_has_its_secret_read_again(stage: Stage) -> None:
    stage.receiver.answer = lambda _message: DONE if stage.secrets[-1] == "two" else misconfigured("401")
    with stage.watch() as watch:
        wait_for(lambda: place_of(stage.journal).state == "suspended")
        stage.give("two")
        stage.journal.write(lambda db: revive(db, "out"))
        assert watch.forwarders.asked.wait(20)
        wait_for(lambda: stage.receiver.seqs == [1])  # the thread of the watch was woken
        assert stage.secrets == ["one", "two"]


def test_retry_reaches_an_event_that_waits(stage: Stage) -> None:
    stage.receiver.answer = lambda _message: retry("no", retry_after=3000)
    with stage.watch():
        wait_for(lambda: len(stage.receiver.tried) == 1)
        stage.receiver.answer = lambda _message: DONE
        stage.journal.write(lambda db: revive(db, "out"))
        stage.wait_until_sent(1)


def test_rules_are_followed_too(stage: Stage) -> None:
    with stage.watch() as watch:
        stage.declare(OUT + '[[rule]]\nreader-silent = "5m"\n')
        watch.look()
        stage.wait_until_sent(1, 2)
        assert [message.event["type"] for message in stage.receiver.got] == ["cidEvent", "rule"]
        stage.declare(OUT + '[[rule]]\nreader-silent = "x"\n')
        watch.look()
        stage.declare(OUT + '[[rule]]\nreader-silent = "6m"\n')
        watch.look()
        watch.look()
    taken = "The rules are those of forward.toml as it is now."
    assert [line for line in stage.said if "former" not in line] == [
        taken, "forward.toml can be used again.", taken,
    ]  # fmt: skip


def test_an_output_that_a_process_holds_is_taken_when_it_is_free(stage: Stage) -> None:
    lock = OutputLock(stage.folder, "out")
    assert lock.take() is None
    with stage.watch() as watch:
        watch.look()
        (line,) = stage.said
        assert "is run by hpcli with pid" in line
        lock.release()
        watch.look()
        stage.wait_until_sent(1)
    assert stage.said[1:] == ["The output 'out' runs as it is declared."]
