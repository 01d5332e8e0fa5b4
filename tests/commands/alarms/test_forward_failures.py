"""What the commands of `alarms forward`, `status` and `audit` say of events that were not acknowledged."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.alarms.journal.writer import Journal
from tests.support.brokers import free_port
from tests.support.forward_commands import add, done, keep_three
from tests.support.journal_messages import alarm, keep
from tests.support.runner import Run


@pytest.fixture
def folder(run: Run, home: Path) -> Path:
    return keep_three(run, home)


@pytest.fixture
def config(home: Path) -> Path:
    return home / "no-limit" / "forward.toml"


def test_removing_an_output_says_what_is_not_sent_any_more(run: Run, folder: Path) -> None:
    assert add(run, "bad", "exec:sh -c 'test $HPCLI_EVENT_DEVICE = Q2'", "--from", "beginning").exit_code == 0
    assert "edit its table in" in add(run, "bad", "exec:true").stderr
    done(run, "alarms", "forward", "run", "--once")
    words = "Not sent to it any more: 2 events that wait. `alarms forward add … --from beginning` sends what waits."
    assert words in done(run, "alarms", "forward", "remove", "bad", "--dry-run").stderr
    assert words in done(run, "alarms", "forward", "remove", "bad").stderr
    assert add(run, "all", "exec:true", "--from", "beginning").exit_code == 0
    done(run, "alarms", "forward", "run", "--once")
    assert done(run, "alarms", "forward", "remove", "all").stderr == "Removed the output 'all'.\n"


def test_dead_letters_are_shown_and_sent_again(run: Run, folder: Path, tmp_path: Path) -> None:
    flag = tmp_path / "ok"
    command = f"exec:sh -c 'test -e {flag} || test $HPCLI_EVENT_DEVICE = Q1 || exit 65'"
    assert add(run, "pager", command, "--from", "beginning").exit_code == 0
    done(run, "alarms", "forward", "run", "pager", "--once")
    (row,) = done(run, "alarms", "forward", "list", "-o", "json").json
    assert (row["dead"], row["waiting"], row["error"]) == (1, 0, "1 dead letter: sh ended with 65")
    (letter,) = done(run, "alarms", "forward", "explain", "-o", "json").json
    assert (letter["device"], letter["state"], letter["why"]) == ("Q2", "dead letter", "sh ended with 65")
    (row,) = done(run, "alarms", "forward", "explain", letter["event"], "-o", "json").json
    assert (row, done(run, "alarms", "forward", "explain", "-o", "ids").lines) == (letter, [letter["event"]])
    flag.touch()
    assert "1 dead letter" in done(run, "alarms", "forward", "retry", "pager").stderr
    done(run, "alarms", "forward", "run", "--once")
    assert done(run, "alarms", "forward", "list", "-o", "json").json[0]["dead"] == 0


def test_a_file_of_an_output_that_is_wrong_by_now_is_said(run: Run, folder: Path, tmp_path: Path) -> None:
    accounts = tmp_path / "map"
    accounts.write_text("Q1 1409\n")
    assert add(run, "centre", "sia-dc09://127.0.0.1:1", "--account-map", str(accounts)).exit_code == 0
    accounts.write_text("Q1 1409\nQ2 1409\n")
    words = "The account 1409 is given to Q1 and to Q2."
    (row,) = done(run, "alarms", "forward", "list", "-o", "json").json
    assert (row["state"], row["error"]) == ("wrong", words)
    assert words in done(run, "alarms", "forward", "retry", "centre").stderr
    (output,) = run("alarms", "status", "-o", "json").json["outputs"]
    assert (output["state"], output["error"]) == ("wrong", words)


def test_status_and_audit_show_what_is_wrong_with_an_output(run: Run, folder: Path) -> None:
    start = ("--from", "beginning")
    assert add(run, "pager", "exec:sh -c 'exit 65'", "--only", "device=Q2", *start).exit_code == 0
    assert add(run, "gone", "exec:/nowhere/at-all", *start).exit_code == 0
    done(run, "alarms", "forward", "run", "--once")
    result = run("alarms", "status", "--fail-on", "forward", "-o", "json")
    outputs = {one["name"]: one for one in result.json["outputs"]}
    assert [(one["state"], one["dead"], one["waiting"]) for one in outputs.values()] == [
        ("suspended", 0, 3), ("ok", 1, 0),
    ]  # fmt: skip
    assert (result.exit_code, "gone is suspended" in result.stderr) == (10, True)
    result = run("alarms", "audit", "-o", "json")
    assert result.exit_code == 10
    assert {"1 dead letter of pager.", "The output gone is suspended."} <= set(result.json["problems"])
    assert [one["passed"] for one in result.json["outputs"]] == [0, 0]


def test_status_and_audit_say_since_when_an_output_cannot_be_reached(
    run: Run, folder: Path, config: Path
) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    assert add(run, "hook", address, "--from", "beginning").exit_code == 0
    late = run("alarms", "status", "--fail-on", "forward")
    assert (late.exit_code, "an event has waited for hook for" in late.stderr) == (10, True)
    done(run, "alarms", "forward", "run", "--once")
    for check in ("forward", "waiting"):
        result = run("alarms", "status", "--fail-on", check, "-o", "json")
        (output,) = result.json["outputs"]
        words = (
            f"{check}: " in result.stderr and f"has not been reached since {output['since']}" in result.stderr
        )
        assert (result.exit_code, output["state"], words) == (10, "ok", True), result.stderr
    problems = run("alarms", "audit", "-o", "json").json["problems"]
    assert f"The output hook has not been reached since {output['since']}." in problems
    shown = run("alarms", "forward", "list", "-o", "table")
    assert ("not reached since" in shown.stdout, "…" in shown.stdout) == (True, False)
    assert "No process sends for hook" in shown.stderr
    config.write_text(config.read_text() + '\n[output.odd]\nto = "exec:"\n')
    assert "odd cannot run as it is declared" in run("alarms", "status", "--fail-on", "forward").stderr
    config.write_text(config.read_text().replace("output.hook", "output.hook2"))
    result = run("alarms", "status", "--fail-on", "forward")
    assert "hook cannot run as it is declared (it is no longer in forward.toml" in result.stderr
    assert run("alarms", "forward", "remove", "hook").exit_code == 0
    assert "hook cannot" not in run("alarms", "status", "--fail-on", "forward").stderr
    config.write_text("[output.hook\n")
    result = run("alarms", "status", "--fail-on", "forward")
    assert (result.exit_code, "forward.toml cannot run" in result.stderr) == (10, True)


def test_what_a_receiving_centre_does_not_take_is_not_waited_for(run: Run, folder: Path) -> None:
    with Journal(folder / "journal.db") as journal:
        for kind in ("VMD", "linedetection"):
            keep(journal, kind, alarm(body={"eventType": kind, "CIDEvent": None}))
    to = f"sia-dc09://127.0.0.1:{free_port()}?default-account=1409"
    for said in (add(run, "centre", to, "--from", "beginning"), run("alarms", "forward", "check")):
        assert (said.exit_code, "without a Contact ID code are not sent" in said.stderr) == (0, True)
    for _ in range(2):  # before and after its first run
        assert [one["waiting"] for one in done(run, "alarms", "status", "-o", "json").json["outputs"]] == [3]
        assert [one["waiting"] for one in done(run, "alarms", "forward", "list", "-o", "json").json] == [3]
        done(run, "alarms", "forward", "run", "--once")
    assert "becomes a dead letter" not in said.stderr
    assert "becomes a dead letter" in add(run, "bare", to.partition("?")[0], "--dry-run").stderr
    (output,) = run("alarms", "audit", "-o", "json").json["outputs"]
    assert (output["withoutCode"], output["waiting"]) == (1, 3)  # the line, not the motion
    assert "1 high or critical without a code not sent" in run("alarms", "audit", "-o", "table").stdout


def test_a_test_event_that_a_back_up_takes_says_so(run: Run, folder: Path) -> None:
    from tests.support.dc09_receiver import answer_to, receiver

    with receiver(answer_to) as server:
        back_up = f"sia-dc09://127.0.0.1:{server.server_address[1]}"
        first = f"sia-dc09://127.0.0.1:{free_port()}?account=1409"
        assert add(run, "centre", first, "--to", back_up).exit_code == 0
        said = done(run, "alarms", "forward", "test", "centre").stderr
    assert f"centre: acknowledged by ACK of the receiver, from the back-up {back_up}." in said
