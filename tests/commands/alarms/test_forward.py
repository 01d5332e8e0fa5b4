"""`hpcli alarms forward`: declaring outputs, running them, and what the commands say of them."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hpcli.alarms.forward.config import ForwardFile
from hpcli.alarms.forward.declaration import Declaration, read_declaration
from hpcli.alarms.forward.loader import kinds
from hpcli.alarms.forward.lock import OutputLock
from hpcli.alarms.forward.runner import Forwarders
from hpcli.alarms.forward.watch import Watch
from hpcli.alarms.journal.deliveries import read_forwarded
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.error_log import ErrorLog
from tests.support.forward_commands import add, done, keep_three
from tests.support.forward_journal import keep_alarms
from tests.support.platform_server import Platform
from tests.support.runner import Run


@pytest.fixture
def folder(run: Run, home: Path) -> Path:
    return keep_three(run, home)


@pytest.fixture
def config(home: Path) -> Path:
    return home / "no-limit" / "forward.toml"


def test_an_output_is_added_run_listed_and_removed(
    run: Run, folder: Path, config: Path, tmp_path: Path
) -> None:
    assert add(run, "log", f"file:{tmp_path}/log", "--from", "beginning", "--not", "device=Q2").exit_code == 0
    assert config.stat().st_mode & 0o777 == 0o600
    (row,) = done(run, "alarms", "forward", "list", "-o", "json").json
    assert row == {
        "name": "log", "to": [f"file:{tmp_path}/log"], "state": "stopped", "last": None, "waiting": 2,
        "oldest": "2026-11-22T14:31:00Z", "dead": 0, "error": None, "since": None, "pid": None,
    }  # fmt: skip
    assert done(run, "alarms", "forward", "run", "--once").stderr == "log: 2 events sent.\n"
    sent = [json.loads(line)["device"] for line in (tmp_path / "log").read_text().splitlines()]
    assert sent == ["Q1", "Q1"]
    (row,) = done(run, "alarms", "forward", "list", "-o", "json").json
    assert (row["waiting"], row["state"], row["last"][-1]) == (0, "stopped", "Z")
    states = [
        done(run, "alarms", "forward", "explain", event, "-o", "json").json[0]["state"]
        for event in done(run, "alarms", "history", "-o", "ids").lines
    ]
    assert states == ["acknowledged", "not taken", "acknowledged"]
    done(run, "alarms", "forward", "remove", "log")
    assert done(run, "alarms", "forward", "list", "-o", "json").json == []


def test_an_output_starts_now_by_default_even_if_it_runs_later(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    assert add(run, "log", f"file:{tmp_path}/log").exit_code == 0
    with Journal(folder / "journal.db") as journal:
        keep_alarms(journal, "Q3", batch="c")
        journal.write(lambda db: db.execute("UPDATE entry SET received=received+1e12 WHERE device='Q3'"))
    done(run, "alarms", "forward", "run", "--once")
    assert [json.loads(line)["device"] for line in (tmp_path / "log").read_text().splitlines()] == ["Q3"]


def test_an_output_that_another_process_does_not_let_go_is_exit_11(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpcli.commands.alarms.forward.remove._LET_GO_SECONDS", 0)
    assert add(run, "log", f"file:{tmp_path}/log").exit_code == 0
    lock = OutputLock(folder, "log")
    assert lock.take() is None
    assert done(run, "alarms", "forward", "list", "-o", "json").json[0]["state"] == "running"
    for command in ("run", "remove"):
        result = run("alarms", "forward", command, "log", *(["--for", "1s"] if command == "run" else []))
        assert (result.exit_code, "is run by hpcli with pid" in result.stderr) == (11, True)
    lock.release()
    assert run("alarms", "forward", "remove", "log").exit_code == 4  # it never ran, so nothing is left of it


def test_a_running_output_is_let_go_when_it_is_removed(
    run: Run, folder: Path, config: Path, tmp_path: Path
) -> None:
    assert add(run, "log", f"file:{tmp_path}/log", "--from", "beginning").exit_code == 0

    def read() -> Declaration:
        return read_declaration(ForwardFile(config.parent), None)

    said: list[str] = []
    with Journal(folder / "journal.db") as journal:
        forwarders = Forwarders(folder, journal, ErrorLog(said.append, time.monotonic))
        with Watch(forwarders, read(), read, said.append):
            assert "was removed" not in "".join(said)
            done(run, "alarms", "forward", "remove", "log")
            assert forwarders.names == []
        known = journal.read(read_forwarded)
    assert (known, OutputLock(folder, "log").find_holder(), "was removed" in said[-1]) == ([], None, True)


def test_a_test_event_is_marked_and_its_failure_said(run: Run, folder: Path, tmp_path: Path) -> None:
    assert add(run, "log", f"file:{tmp_path}/log").exit_code == 0
    assert "acknowledged by fsync" in done(run, "alarms", "forward", "test", "log").stderr
    event = json.loads((tmp_path / "log").read_text())
    assert (event["type"], event["test"], event["id"][:5]) == ("test", True, "test-")
    assert add(run, "bad", "exec:false").exit_code == 0
    result = run("alarms", "forward", "test", "bad")
    assert (result.exit_code, "false ended with 1" in result.stderr) == (7, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x", "--to", "https://user:pass@host/x"], "cannot hold a user or password"),
        (["x", "--to", "https://user:pass@host:port/x"], "'https://host:port/x' is not an address"),
        (["x", "--to", "mqtts://user:pass@a..b/x"], "its host is not a name"),
        (["x", "--to", "exce:cat"], "Did you mean 'exec'?"),
        (["stdout", "--to", "exec:cat"], "cannot be the name"),
        (["a/b", "--to", "exec:cat"], "cannot be the name"),
        (["x", "--to", "exec:cat", "--only", "colour=red"], "is not a condition"),
        (["x", "--to", "exec:cat", "--only", "category=burglry"], "Did you mean 'burglary'?"),
        (["x", "--to", "exec:cat", "--to", "file:/x"], "of one kind"),
        (["x", "--to", "file:relative"], "not a whole path"),
        (["x", "--to", "exec:cat", "--secret-file", "/nowhere"], "There is no file /nowhere"),
        (["x", "--to", "exec:cat", "--set", "qos=1"], "there is no key 'qos'"),
        (["x", "--to", "exec:cat 'a"], "cannot be split"),
        (["x", "--to", "exec:cat", "--from", "nothing"], "no event 'nothing'"),
    ],
)
def test_what_cannot_work_is_refused_and_nothing_is_written(
    run: Run, folder: Path, config: Path, arguments: list[str], words: str
) -> None:
    result = run("alarms", "forward", "add", *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
    assert "user:pass" not in result.stderr
    assert not config.exists()


def test_a_name_is_taken_once_and_comments_stay(run: Run, config: Path) -> None:
    config.parent.chmod(0o700)
    config.write_text('# mine\n[output.a]\nto = ["exec:cat"] # why\n')
    config.chmod(0o600)
    assert add(run, "a", "exec:cat").exit_code == 2
    assert add(run, "b", "exec:cat").exit_code == 0
    assert config.read_text().startswith('# mine\n[output.a]\nto = ["exec:cat"] # why\n')
    assert done(run, "alarms", "forward", "check", "-o", "ids").lines == ["a", "b"]


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_file_that_others_can_write_is_refused(run: Run, config: Path, place: str) -> None:
    config.parent.chmod(0o700)
    config.write_text('[output.a]\nto = ["exec:cat"]\n')
    config.chmod(0o622 if place == "file" else 0o600)
    if place == "folder":
        config.parent.chmod(0o770)
    result = run("alarms", "forward", "check")
    assert (result.exit_code, "other users can" in result.stderr) == (11, True)


def test_check_names_what_is_wrong(run: Run, config: Path) -> None:
    config.parent.chmod(0o700)
    config.write_text(
        '[output.a]\nto = "exec:cat"\n[output.b]\nto = ["exec:cat"]\nonyl = ["fire"]\n[output.c]\n'
    )
    config.chmod(0o600)
    result = run("alarms", "forward", "check", "-o", "json")
    assert (result.exit_code, [row["ok"] for row in result.json]) == (10, [True, False, False])
    assert "Did you mean 'only'?" in result.json[1]["problem"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('to = "exec:no-such-program-anywhere -x"', "There is no program no-such-program-anywhere in PATH"),
        ('to = "exec:/nowhere/at-all"', "There is no program /nowhere/at-all."),
        (
            'to = "exec:{folder}/script"',
            "script is not a program that can be run. Make it executable: chmod +x",
        ),
        ('to = "file:/proc/log"', "/proc cannot be written: "),
        ('to = "file:/nowhere/log"', "There is no folder /nowhere"),
        ('to = "file:{folder}/sub"', "sub cannot be written: it is a folder"),
        (
            'to = "mqtts://a.example/x"\nca-file = "/nowhere/ca.pem"',
            "/nowhere/ca.pem cannot be read: No such file",
        ),
        ('to = "nats://a.example/A.b"\nca-file = "{folder}/script"', "script has no certificate"),
        ('to = "kafka://a.example/x"\nca-file = "{folder}"', "cannot be read: Is a directory"),
        ('to = "nats://a.example/A.b"\ncredentials = "/nowhere/creds"', "/nowhere/creds cannot be read"),
        ('to = "sia-dc09://a.example:1"\nkey-file = "/nowhere/key"', "There is no file /nowhere/key"),
        ('to = "sia-dc09://a.example:1"\naccount-map = "/nowhere/map"', "/nowhere/map cannot be read"),
        ('to = "https://a.example/"\nheader = "@/nowhere/header"', "There is no file /nowhere/header"),
    ],
)
def test_check_says_what_is_missing_on_this_computer(
    run: Run, config: Path, tmp_path: Path, table: str, words: str
) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "sub").mkdir()
    config.parent.chmod(0o700)
    config.write_text(f"[output.a]\n{table.format(folder=tmp_path)}\n")
    config.chmod(0o600)
    result = run("alarms", "forward", "check", "-o", "json")
    (row,) = result.json
    assert (result.exit_code, row["ok"], words in row["problem"]) == (10, False, True), row["problem"]


def test_check_names_a_library_that_is_missing(
    run: Run, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kinds(), "mqtts", replace(kinds()["mqtts"], library="no_such_library"))
    config.parent.chmod(0o700)
    config.write_text('[output.a]\nto = "mqtts://a.example/x"\n')
    config.chmod(0o600)
    result = run("alarms", "forward", "check", "-o", "json")
    assert (result.exit_code, "which is not installed" in result.json[0]["problem"]) == (10, True)


def test_add_warns_of_what_is_missing(run: Run, folder: Path) -> None:
    result = add(run, "x", "exec:/nowhere/at-all")
    assert (result.exit_code, "There is no program /nowhere/at-all" in result.stderr) == (0, True)


def test_an_output_that_does_not_exist_is_exit_4(run: Run, folder: Path, config: Path) -> None:
    assert add(run, "log", "exec:cat").exit_code == 0
    for command in ("run", "test", "retry", "remove", "check"):
        result = run("alarms", "forward", command, "lgo")
        assert (command, result.exit_code, "Did you mean 'log'?" in result.stderr) == (command, 4, True)


def test_what_waits_in_a_backup_is_sent_again_and_marked(run: Run, folder: Path, tmp_path: Path) -> None:
    assert (
        add(run, "log", f"file:{tmp_path}/log", "--from", "beginning", "--not", "type=gap,restore").exit_code
        == 0
    )
    done(run, "alarms", "forward", "run", "--once")
    with Journal(folder / "journal.db") as journal:
        keep_alarms(journal, "Q3", batch="c")
    done(run, "alarms", "backup", str(tmp_path / "b.zip"))
    done(run, "alarms", "restore", str(tmp_path / "b.zip"), "--yes")
    done(run, "alarms", "forward", "run", "--once")
    sent = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(one["device"], one["redelivered"]) for one in sent] == [
        ("Q1", False), ("Q2", False), ("Q1", False), ("Q3", True),
    ]  # fmt: skip


def test_a_restore_waits_for_outputs_to_end(run: Run, folder: Path, tmp_path: Path) -> None:
    done(run, "alarms", "backup", str(tmp_path / "b.zip"))
    lock = OutputLock(folder, "log")
    assert lock.take() is None
    result = run("alarms", "restore", str(tmp_path / "b.zip"), "--yes")
    assert (result.exit_code, "The output 'log' is run by" in result.stderr) == (11, True)
    lock.release()


def test_a_tail_forwards_what_it_reads(run: Run, platform: Platform, folder: Path, tmp_path: Path) -> None:
    assert add(run, "log", f"file:{tmp_path}/log").exit_code == 0
    assert add(run, "held", f"file:{tmp_path}/held").exit_code == 0
    lock = OutputLock(folder, "held")
    assert lock.take() is None
    platform.trigger("burglary")
    result = done(run, "alarms", "tail", "--forward", "--limit", "5", "--for", "20s", "-o", "ndjson")
    lock.release()
    sent = [json.loads(line)["id"] for line in (tmp_path / "log").read_text().splitlines()]
    assert sorted(sent) == sorted(row["id"] for row in result.rows[3:])  # the critical one goes first
    assert "The output 'held' is run by hpcli with pid" in result.stderr
    assert run("alarms", "tail", "--forward", "--no-journal").exit_code == 2


def test_rules_make_events_while_outputs_run(run: Run, folder: Path, config: Path, tmp_path: Path) -> None:
    assert add(run, "log", f"file:{tmp_path}/log", "--only", "type=rule").exit_code == 0
    config.write_text(config.read_text() + '\n[[rule]]\nreader-silent = "5m"\n')
    assert done(run, "alarms", "forward", "check", "-o", "ids").lines == ["log", "rules"]
    done(run, "alarms", "forward", "run", "--for", "1.5s")
    (event,) = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert (event["type"], event["name"], event["priority"]) == ("rule", "reader-silent", "high")
    config.write_text(config.read_text().replace("5m", "5 minutes"))
    result = run("alarms", "forward", "check")
    assert (result.exit_code, "Rule 1" in result.stdout) == (10, True)
