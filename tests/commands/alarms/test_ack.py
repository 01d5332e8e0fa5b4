"""`hpcli alarms ack`: notes beside events, outside the chain."""

from __future__ import annotations

import getpass
import json
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.journal.chain import check_chain
from hpcli.alarms.journal.retention import Retention, prune
from hpcli.alarms.journal.writer import Journal
from tests.support.first_edition import put_old_journal, rows
from tests.support.journal_messages import NOW_MS, alarm, keep
from tests.support.runner import Run, Runner


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        keep(journal, "b1", *[alarm(zone, messageId=f"m{zone}") for zone in (1, 2, 3)])
    return path


@pytest.fixture
def run_on(hpcli: Runner, path: Path) -> Run:
    def run(verb: str, *arguments: str, **more: Any) -> Any:
        return hpcli("--profile", "sandbox", "alarms", verb, "--journal", str(path), *arguments, **more)

    return run


def test_a_note_is_shown_beside_the_event_and_leaves_the_chain_alone(run_on: Run, path: Path) -> None:
    with Journal(path) as journal:
        before = journal.read(check_chain)
    done = run_on("ack", "m1", "m2", "--note", "called the owner")
    assert (done.exit_code, done.stderr) == (0, "Noted on 2 events.\n")
    run_on("ack", "m1", "--note", "police came\n")
    last = run_on("show", "m1", "-o", "json").json["ack"]
    assert (last["note"], last["user"]) == ("police came", getpass.getuser())
    assert [note["note"] for note in last["earlier"]] == ["called the owner"]
    assert last["time"].endswith("Z")
    shown = run_on("history", "-o", "json").json
    assert [event["ack"] and event["ack"]["note"] for event in shown] == [
        "police came",
        "called the owner",
        None,
    ]
    assert "called the owner" in run_on("show", "m1", "-o", "table").stdout
    assert run_on("history", "-o", "csv", "--fields", "id,ack.note").lines[1] == "m1,police came"
    with Journal(path) as journal:
        assert journal.read(check_chain) == before


def test_ids_come_from_stdin_or_a_file(run_on: Run, tmp_path: Path) -> None:
    (tmp_path / "ids").write_text("m2\nm3\n")
    assert run_on("ack", "-", "--note", "a", stdin="m1\n").exit_code == 0
    assert run_on("ack", f"@{tmp_path / 'ids'}", "--note", "b").exit_code == 0
    assert [event["ack"]["note"] for event in run_on("history", "-o", "json").json] == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("m1", "nothing", "--note", "x"), 4), (("m1", "--note", " "), 2), (("m1",), 2), (("--note", "x"), 2),
     (("m1", "--note", "x", "--dry-run"), 0)],
)  # fmt: skip
def test_what_is_refused_or_only_planned_notes_nothing(
    run_on: Run, path: Path, arguments: tuple[str, ...], code: int
) -> None:
    assert run_on("ack", *arguments).exit_code == code
    with Journal(path) as journal:
        assert rows(journal, "SELECT * FROM ack") == []


def test_the_case_file_has_the_notes(run_on: Run, tmp_path: Path) -> None:
    run_on("ack", "m1", "--note", "called <the> owner")
    assert run_on("export", "m1", "--to", str(tmp_path / "case.zip")).exit_code == 0
    with zipfile.ZipFile(tmp_path / "case.zip") as case:
        event = json.loads(case.read("events/m1/event.json"))
        report = case.read("report.html").decode()
    assert event["ack"]["note"] == "called <the> owner"
    assert "called &lt;the&gt; owner" in report


def test_notes_go_with_their_event(run_on: Run, path: Path) -> None:
    run_on("ack", "m1,m2", "--note", "Anna Berg opened")
    assert run_on("erase", "--person", "anna berg", "--yes").stderr == "Erased 2 entries.\n"
    run_on("ack", "m3", "--note", "x")
    with Journal(path) as journal:
        assert rows(journal, "SELECT entry FROM ack") == [(3,)]
        journal.write(lambda db: db.execute("INSERT OR REPLACE INTO output VALUES ('stdout', 9, 1)"))
        assert prune(journal.write, Retention(0.0), NOW_MS + 1) == 3
        assert rows(journal, "SELECT entry FROM ack") == []


def test_an_event_of_the_first_edition_takes_a_note(hpcli: Runner, tmp_path: Path) -> None:
    path = put_old_journal(tmp_path / "old")
    on_old = partial(hpcli, "--profile", "sandbox", "alarms")
    event = on_old("history", "--journal", str(path), "-o", "ids").lines[0]
    assert on_old("show", event, "--journal", str(path), "-o", "json").json["ack"] is None
    assert on_old("ack", event, "--journal", str(path), "--note", "x").exit_code == 0
    assert on_old("show", event, "--journal", str(path), "-o", "json").json["ack"]["note"] == "x"
