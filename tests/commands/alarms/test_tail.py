"""`alarms tail` as a process against the stand-in platform: nothing is ever lost."""

from __future__ import annotations

import json
import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hpcli.sandbox import DEFAULT_DEVICE
from tests.soak.stage import wait_until
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.tail_process import PATIENCE, polls, waiting

# A service: signals, kills, a pipe that is read.
pytestmark = [pytest.mark.usefixtures("account"), pytest.mark.forked]


def journal_ids(home: Path) -> list[str]:
    """The events of the one journal, oldest first."""
    (path,) = home.glob(".local/state/hpcli/alarms/*/journal.db")
    with sqlite3.connect(path) as db:
        found = [row[0] for row in db.execute("SELECT id FROM entry WHERE about IS NULL ORDER BY seq")]
    db.close()
    return found


# What is printed


def test_tail_prints_what_waits_and_confirms_it(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary")
    platform.trigger("motion")
    result = hpcli("alarms", "tail", "--limit", "2", "-o", "ndjson")
    assert result.exit_code == 0, result.stderr
    assert [event["type"] for event in result.rows] == ["cidEvent", "VMD"]
    assert result.rows[0]["raw"]["deviceSerial"] == DEFAULT_DEVICE
    assert result.rows[0]["site"]["name"] == "Bäckerei Grünwald"
    assert waiting(platform) == 0


@pytest.mark.parametrize(("output", "lines"), [("plain", 3), ("csv", 3), ("ids", 2), ("table", 2)])
def test_tail_prints_a_line_an_event(hpcli: Runner, platform: Platform, output: str, lines: int) -> None:
    platform.trigger("burglary", count=2)
    result = hpcli("alarms", "tail", "--limit", "2", "-o", output)
    assert len(result.lines) == lines
    assert result.stderr == ""


def test_a_terminal_shows_time_mark_site_device_and_text_a_line(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary")
    terminal = hpcli.on_terminal("alarms", "tail", "--limit", "1", "-y", "--color", "always")
    assert terminal.finish() == 0
    (line,) = [line for line in terminal.shown.splitlines() if "Burglary" in line]
    assert "Bäckerei Grünwald · Bakery alarm panel" in line
    assert "\x1b[1;31m!!\x1b[0m" in line


def test_json_is_one_array_and_needs_an_end(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    assert [event["type"] for event in hpcli("alarms", "tail", "--limit", "3", "-o", "json").json] == [
        "VMD"
    ] * 3
    refused = hpcli("alarms", "tail", "-o", "json")
    assert (refused.exit_code, refused.error["hint"]) == (2, "Use -o ndjson, or add --limit or --for.")


def test_fields_queries_and_no_raw_cut_events(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    assert hpcli("alarms", "tail", "--limit", "1", "-o", "ndjson", "--fields", "type").rows == [
        {"type": "VMD"}
    ]
    assert hpcli("alarms", "tail", "--limit", "1", "-o", "ndjson", "--query", "category").rows == ["video"]
    assert "raw" not in hpcli("alarms", "tail", "--limit", "1", "-o", "ndjson", "--no-raw").rows[0]
    assert hpcli("alarms", "tail", "--fields", "colour").exit_code == 2


def test_filters_choose_what_is_printed_and_never_what_is_kept(
    hpcli: Runner, platform: Platform, home: Path
) -> None:
    platform.trigger("burglary")
    platform.trigger("motion")
    platform.trigger("arm")
    result = hpcli("alarms", "tail", "--type", "cidevent", "--limit", "2", "-o", "ndjson")
    assert [event["cid"]["code"] for event in result.rows] == [1103, 3401]
    assert len(journal_ids(home)) == 3
    assert hpcli("alarms", "tail", "--device", "E1", "--for", "0", "-o", "ndjson").rows == []


def test_for_ends_after_a_time_with_everything_printed(hpcli: Runner, platform: Platform, home: Path) -> None:
    platform.trigger("motion", count=250)
    result = hpcli("alarms", "tail", "--for", "2s", "-o", "ids")
    assert result.exit_code == 0
    assert result.lines == journal_ids(home) != []  # a slow computer reads fewer than 250 in that time


# Nothing lost


def test_what_the_limit_left_is_printed_by_the_next_run_as_new(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=5)
    first = hpcli("alarms", "tail", "--limit", "2", "-o", "ndjson").rows
    second = hpcli("alarms", "tail", "--limit", "3", "-o", "ndjson").rows
    assert len({event["id"] for event in (*first, *second)}) == 5
    assert not any(event["redelivered"] for event in (*first, *second))
    assert polls(platform) >= 1


def test_killed_at_any_instant_it_loses_nothing_and_marks_repeats(
    started: Callable[..., subprocess.Popen[str]],
    hpcli: Runner,
    platform: Platform,
    home: Path,
    tmp_path: Path,
) -> None:
    total, printed = 1500, tmp_path / "printed"
    platform.trigger("motion", count=total)
    dice = random.Random(4)
    for _ in range(6):
        with printed.open("a") as out:
            process = started("alarms", "tail", "-o", "ndjson", stdout=out, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.0, 0.6))  # any instant will do
            process.kill()
            process.wait()
        with printed.open("rb+") as out:  # the line it was killed in
            content = out.read()
            out.truncate(content.rfind(b"\n") + 1)
    before = polls(platform)
    with printed.open("a") as out:
        process = started("alarms", "tail", "-o", "ndjson", stdout=out, stderr=subprocess.DEVNULL)
        wait_until(lambda: polls(platform) > before, "it reads")
        wait_until(lambda: waiting(platform) == 0, "all confirmed")
        kept = journal_ids(home)
        wait_until(
            lambda: printed.read_text().count("\n") >= total and kept[-1] in printed.read_text(),
            "all printed",
        )
        process.terminate()
        assert process.wait(PATIENCE) == 0
    events = [json.loads(line) for line in printed.read_text().splitlines()]
    assert len(kept) == len(set(kept)) == total
    assert {event["id"] for event in events} == set(kept)
    seen: set[str] = set()
    for event in events:
        assert event["redelivered"] or event["id"] not in seen
        seen.add(event["id"])


FAULTS = {
    "reset": 0.04, "cut": 0.04, "refuse": 0.04, "html502": 0.04, "badjson": 0.04, "LAP500001": 0.04,
    "LAP500004": 0.04, "LAP500007": 0.03, "nulldata": 0.04, "empty": 0.04, "dupbatch": 0.1, "disorder": 0.1,
}  # fmt: skip


def test_every_fault_at_once_loses_nothing_and_does_not_flood(
    started: Callable[..., subprocess.Popen[str]], hpcli: Runner, platform: Platform, home: Path
) -> None:
    total = 600
    platform.trigger("motion", count=total)
    platform.configure(faults=FAULTS)
    process = started("alarms", "tail", "--limit", str(total), "-o", "ids")
    out, told = process.communicate(timeout=180)
    assert process.returncode == 0, told
    platform.configure(faults={})
    assert sorted(out.split()) == sorted(journal_ids(home))
    assert len(set(out.split())) == total
    assert len(told.splitlines()) < 40, told


def test_somebody_else_reading_is_told_and_read_on_after(
    started: Callable[..., subprocess.Popen[str]], platform: Platform
) -> None:
    platform.configure(next_faults=["LAP068001"])
    process = started("alarms", "tail")
    assert process.stderr is not None
    assert "another program is reading" in process.stderr.readline()
    assert process.poll() is None


def test_a_slow_reader_of_stdout_delays_no_alarm(
    started: Callable[..., subprocess.Popen[str]], platform: Platform, home: Path
) -> None:
    process = started("alarms", "tail", "-o", "ndjson")  # its pipe is not read
    platform.trigger("motion", count=1000)
    wait_until(lambda: waiting(platform) == 0, "all confirmed")
    assert len(journal_ids(home)) == 1000
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_a_full_disk_stops_confirming_until_there_is_room(
    started: Callable[..., subprocess.Popen[str]], platform: Platform, home: Path
) -> None:
    process = started("alarms", "tail", "-o", "ids")
    wait_until(
        lambda: bool(list(home.glob(".local/state/hpcli/alarms/*/journal.db"))) and polls(platform) > 1,
        "it reads",
    )
    _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (300_000, most))
    platform.trigger("motion", count=1500)
    assert process.stderr is not None
    assert "Alarms wait on the platform until there is space." in process.stderr.readline()
    left = waiting(platform)
    assert left > 0
    assert len(journal_ids(home)) <= 1500 - left
    asked = polls(platform)
    time.sleep(0.5)  # nothing marks that no poll comes; several would fit in
    assert polls(platform) == asked, "it polls on though it can keep nothing"
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    wait_until(lambda: waiting(platform) == 0, "all confirmed")
    assert len(set(journal_ids(home))) == 1500


def test_a_gap_longer_than_the_platform_keeps_alarms_is_an_event(
    hpcli: Runner, platform: Platform, home: Path
) -> None:
    platform.trigger("motion")
    hpcli("alarms", "tail", "--limit", "1")
    (path,) = home.glob(".local/state/hpcli/alarms/*/journal.db")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE fact SET value=value-3*3600*1000 WHERE name='last-poll'")
    db.close()
    platform.trigger("motion")
    events = hpcli("alarms", "tail", "--limit", "2", "-o", "ndjson").rows
    assert [event["type"] for event in events] == ["gap", "VMD"]
    assert "for 3 h" in events[0]["text"]


# One reader


def test_a_second_reader_is_told_who_reads(
    started: Callable[..., subprocess.Popen[str]], hpcli: Runner, platform: Platform
) -> None:
    process = started("alarms", "tail")
    wait_until(lambda: polls(platform) > 0, "it reads")
    second = hpcli("alarms", "tail", "-o", "json", "--limit", "1")
    assert second.exit_code == 11
    assert f"pid {process.pid}" in second.error["message"]
    assert hpcli("alarms", "tail", "--no-journal", "--limit", "1").exit_code == 11
    assert hpcli("alarms", "status", "-o", "json").json["reader"]["pid"] == process.pid
    process.kill()
    process.wait()
    platform.trigger("motion")
    assert hpcli("alarms", "tail", "--limit", "1").exit_code == 0


# Ends


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)])
def test_signals_end_it_cleanly_in_the_middle_of_a_poll(
    started: Callable[..., subprocess.Popen[str]], platform: Platform, number: int, code: int
) -> None:
    platform.configure(poll_seconds=20)
    process = started("alarms", "tail", "-o", "ndjson")
    wait_until(lambda: polls(platform) > 0, "it reads")
    before = time.monotonic()
    process.send_signal(number)
    assert process.wait(PATIENCE) == code
    assert time.monotonic() - before < 15, "it waited for the poll"


def test_a_closed_stdout_ends_it_silently_even_if_no_alarm_comes(
    started: Callable[..., subprocess.Popen[str]], platform: Platform
) -> None:
    process = started("alarms", "tail", "-o", "ndjson")
    wait_until(lambda: polls(platform) > 0, "it reads")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 141
    assert process.stderr is not None
    assert process.stderr.read() == ""


def test_a_suspended_tail_goes_on(started: Callable[..., subprocess.Popen[str]], platform: Platform) -> None:
    process = started("alarms", "tail", "--limit", "1", "-o", "ids")
    wait_until(lambda: polls(platform) > 0, "it reads")
    process.send_signal(signal.SIGSTOP)
    platform.trigger("motion")
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate(timeout=PATIENCE)
    assert len(out.split()) == 1


def test_a_wrong_key_is_final_at_the_start(hpcli: Runner) -> None:
    result = hpcli("alarms", "tail", "-o", "ndjson", environment={"HPCLI_SECRET_KEY": "wrong"})
    assert result.exit_code == 3
    assert result.error["kind"] == "sign-in"


# Without a journal


def test_without_a_journal_nothing_is_confirmed_before_it_is_printed(
    started: Callable[..., subprocess.Popen[str]], platform: Platform, home: Path
) -> None:
    platform.trigger("intrusion", count=300)
    process = started("alarms", "tail", "--no-journal", "-o", "ndjson")  # its pipe is not read
    wait_until(lambda: polls(platform) > 0, "it reads")
    time.sleep(0.5)  # nothing marks that no confirmation comes; several would fit in
    assert waiting(platform) > 0
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(300)]
    assert len({json.loads(line)["id"] for line in lines}) == 300
    wait_until(lambda: waiting(platform) == 0, "all confirmed")
    assert list(home.glob(".local/state/hpcli/alarms/*/journal.db")) == []


def test_without_a_journal_a_batch_that_comes_again_is_not_printed_twice(
    hpcli: Runner, platform: Platform
) -> None:
    platform.configure(next_faults=["dupbatch"])
    platform.trigger("motion", count=3)
    result = hpcli("alarms", "tail", "--no-journal", "--for", "2s", "-o", "ndjson")
    assert len(result.rows) == 3
    assert all(event["redelivered"] for event in result.rows), "a run that was killed may have printed them"
    assert waiting(platform) == 0


@pytest.mark.parametrize("options", [["--type", "VMD"], ["--device", "E1"], ["--journal", "x.db"]])
def test_without_a_journal_there_are_no_filters(hpcli: Runner, options: list[str]) -> None:
    assert hpcli("alarms", "tail", "--no-journal", *options).exit_code == 2


def test_the_journal_can_be_elsewhere(hpcli: Runner, platform: Platform, tmp_path: Path) -> None:
    platform.trigger("motion")
    path = tmp_path / "alarms.db"
    hpcli("alarms", "tail", "--journal", str(path), "--limit", "1")
    other = hpcli("alarms", "tail", "--journal", str(path), "--for", "0", "--profile", "sandbox")
    assert (other.exit_code, "another account" in other.stderr) == (11, True)
    assert len(hpcli("alarms", "history", "--journal", str(path), "-o", "ids").lines) == 1


def test_a_file_that_is_no_journal_is_left_alone(hpcli: Runner, platform: Platform, tmp_path: Path) -> None:
    platform.trigger("motion")
    letter = tmp_path / "letters" / "first.txt"
    letter.parent.mkdir()
    letter.write_text("Dear Sir or Madam")
    refused = hpcli("alarms", "tail", "--journal", str(letter), "--limit", "1")
    assert (refused.exit_code, "is not an alarm journal." in refused.stderr) == (11, True)
    assert list(letter.parent.iterdir()) == [letter]
    assert hpcli("alarms", "tail", "--journal", "", "--limit", "1").exit_code == 2
