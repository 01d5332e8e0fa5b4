"""`exec:` and `file:`: what acknowledges, what a command gets, and what a killed run leaves."""

from __future__ import annotations

import json
import os
import resource
import tempfile
from functools import partial
from pathlib import Path

import pytest

from hpcli.alarms.forward.kind import Message, Setup, read_address
from hpcli.alarms.forward.outputs.exec import ExecSender
from hpcli.alarms.forward.outputs.file import FileSender
from hpcli.alarms.journal.writer import Journal
from tests.support.forward_journal import forward, keep_alarms, marks_of, output_at, place_of


def message(**more: object) -> Message:
    event = {
        "id": "e1", "type": "cidEvent", "category": "burglary", "priority": "critical", "state": "new",
        "device": "Q1", "received": "2026-11-22T14:31:00Z",
    }  # fmt: skip
    return Message(1, json.dumps(event | more), "")


def exec_sender(command: str, log: list[str] | None = None, seconds: float = 20) -> ExecSender:
    lines = [] if log is None else log
    return ExecSender(
        Setup(
            "out",
            (read_address(f"exec:{command}"),),
            seconds=seconds,
            log=lines.append,
            environment=os.environ,
        )
    )


def test_a_command_gets_the_event_and_its_fields_but_no_setting_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HPCLI_SECRET_KEY", "not for commands")
    script = tmp_path / "take it"
    script.write_text('#!/bin/sh\ncat > "$1"; env | grep HPCLI_; echo oops >&2\n')
    script.chmod(0o755)
    log: list[str] = []
    sender = exec_sender(f"'{script}' '{tmp_path / 'a b'}'", log)
    assert sender.send([message(device="Q\x1b[2J\n1", category=None)]).kind == "done"
    assert json.loads((tmp_path / "a b").read_text())["id"] == "e1"
    assert sorted(line.removeprefix(f"{script}: ") for line in log) == [
        "HPCLI_EVENT_CATEGORY=", "HPCLI_EVENT_DEVICE=Q?[2J?1", "HPCLI_EVENT_ID=e1",
        "HPCLI_EVENT_PRIORITY=critical", "HPCLI_EVENT_STATE=new", "HPCLI_EVENT_TYPE=cidEvent", "oops",
    ]  # fmt: skip
    assert capfd.readouterr() == ("", "")


def test_a_full_disk_for_temporary_files_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", partial(Path.open, Path("/dev/full"), "w+b"))
    outcome = exec_sender("true").send([message()])
    assert (outcome.kind, "No space left" in outcome.error) == ("retry", True)


def test_a_long_line_of_a_command_is_shown_as_one() -> None:
    log: list[str] = []
    assert exec_sender("cat", log).send([message(site="x" * 900)]).kind == "done"
    assert [json.loads(line.removeprefix("cat: "))["site"] for line in log] == ["x" * 900]


@pytest.mark.parametrize(
    ("command", "kind", "words"),
    [
        ("true", "done", ""),
        ("false", "retry", "ended with 1"),
        ("sh -c 'exit 65'", "refused", "65"),
        ("sh -c 'kill -9 $$'", "retry", "signal 9"),
        ("/nowhere/at-all", "misconfigured", "cannot be run"),
        ("sh -c 'exit 127'", "misconfigured", "not found"),
        ("sh -c 'sleep 60 & sleep 60'", "retry", "did not end within 0.1 s"),
    ],
)
def test_how_a_command_ends_is_the_outcome(command: str, kind: str, words: str) -> None:
    outcome = exec_sender(command, seconds=0.1 if "sleep" in command else 20).send([message()])
    assert (outcome.kind, words in outcome.error) == (kind, True)


def file_sender(path: Path) -> FileSender:
    return FileSender(Setup("out", (read_address(f"file:{path}"),)))


def test_a_line_that_was_cut_off_is_ended_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-22.ndjson"
    path.write_text('{"id": "to')
    sender = file_sender(tmp_path / "{date}.ndjson")
    assert sender.send([message(), message(id="e2")]).kind == "done"
    path.rename(tmp_path / "moved")
    assert sender.send([message(id="e3"), message(id="e4", received="2026-11-23T14:00:00Z")]).kind == "done"
    sender.close()
    lines = (tmp_path / "moved").read_text().splitlines()
    assert [lines[0], *(json.loads(line)["id"] for line in lines[1:])] == ['{"id": "to', "e1", "e2"]
    assert (path.stat().st_mode & 0o777, json.loads(path.read_text())["id"]) == (0o600, "e3")
    assert json.loads((tmp_path / "2026-11-23.ndjson").read_text())["id"] == "e4"


def test_a_full_disk_leaves_no_part_of_a_batch(tmp_path: Path) -> None:
    sender = file_sender(tmp_path / "log")
    assert sender.send([message()]).kind == "done"
    before = (tmp_path / "log").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (len(before) + 100, hard)
    )  # a limit cuts a write like a full disk
    try:
        outcome = sender.send([message(), message()])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (outcome.of(0).kind, (tmp_path / "log").read_bytes()) == ("down", before)
    assert sender.send([message()]).kind == "done"


def test_a_folder_that_is_gone_suspends(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    sender = file_sender(tmp_path / "logs" / "log")
    (tmp_path / "logs").rmdir()
    assert sender.send([message()]).of(0).kind == "misconfigured"


def test_the_journal_goes_to_a_command_and_a_file_in_order(journal: Journal, tmp_path: Path) -> None:
    keep_alarms(journal, "A1", "B1", "A1", "A1")
    forward(output_at(f"file:{tmp_path}/log"), journal)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert (len(lines), len({line["id"] for line in lines}), place_of(journal).position) == (4, 4, 4)
    journal.write(lambda db: db.execute("DELETE FROM forward"))
    forward(output_at(f"exec:sh -c 'cat >> {tmp_path}/$HPCLI_EVENT_DEVICE'"), journal)
    of_device = [json.loads(line) for line in (tmp_path / "A1").read_text().splitlines()]
    assert [line["id"] for line in of_device] == [line["id"] for line in lines if line["device"] == "A1"]
    assert marks_of(journal) == []
