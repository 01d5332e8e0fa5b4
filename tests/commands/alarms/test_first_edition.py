"""Commands on a journal of the first edition, and on one of a newer version."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from hpcli.alarms.journal.schema import is_older
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.reader_lock import hold_reader_lock
from tests.support.first_edition import ACCOUNT, ENTRIES, EVENTS, change, put_old_journal, rows
from tests.support.runner import Run, Runner

ALARM = "6b0ae84527c56857"


@pytest.fixture
def sandbox(hpcli: Runner) -> Run:
    return partial(hpcli, "--profile", "sandbox", "alarms")


@pytest.fixture
def path(home: Path) -> Path:
    return put_old_journal(home / ".local/state/hpcli/alarms" / ACCOUNT)


def test_commands_that_read_leave_it_as_it_is(sandbox: Run, path: Path) -> None:
    before = path.read_bytes()
    events = sandbox("history", "--category", "burglary", "-o", "json").json
    assert {event["priority"] for event in events} == {"critical", "low"}
    assert sandbox("show", ALARM, "-o", "json").json == events[0]
    counted = sandbox("count", "--by", "category", "-o", "json").json
    assert {row["category"]: row["count"] for row in counted}["open-close"] == 4
    assert sandbox("status", "-o", "json").json["events"] == EVENTS
    assert sandbox("audit", "-o", "json").json["chain"]["uncovered"] == ENTRIES
    assert sandbox("erase", "--device", "Q10254783", "--dry-run").exit_code == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("hold", ALARM, "--reason", "police"),
        ("release", ALARM),
        ("erase", "--device", "Q10254783", "--yes"),
        ("export", ALARM, "--to", "case.zip"),
        ("backup", "alarms.zip"),
    ],
)
def test_commands_that_write_say_so_while_a_tail_runs_and_bring_it_up_to_date_else(
    sandbox: Run, path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(home)
    before = path.read_bytes()
    with hold_reader_lock(path.parent, None):
        refused = sandbox(*arguments)
    assert (refused.exit_code, path.read_bytes()) == (11, before), refused.stderr
    assert "made by an older hpcli, and hpcli with pid" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2
    done = sandbox(*arguments)
    assert (done.exit_code, is_older(path)) == (0, False), done.stderr


def test_a_tail_brings_it_up_to_date_and_decodes_it_again(sandbox: Run, path: Path) -> None:
    assert sandbox("tail", "--for", "1", "-o", "ids").exit_code == 0
    with Journal(path) as journal:
        assert rows(journal, "SELECT count(*) FROM entry WHERE category='intrusion' OR priority IS NULL") == [
            (0,)
        ]
        assert rows(journal, "SELECT count(*) FROM picture WHERE files LIKE '%/tmp/%'") == [(0,)]


def test_the_users_own_tables_count_for_old_alarms_too(sandbox: Run, path: Path, home: Path) -> None:
    config = home / ".config/hpcli"
    config.mkdir(parents=True, exist_ok=True)
    (config / "cid.toml").write_text('[1103]\nmeaning = "Cellar door"\ncategory = "fire"\n', encoding="utf-8")
    (config / "account-map.txt").write_text("Q10254783 4711\n", encoding="utf-8")
    event = sandbox("history", "--category", "fire", "-o", "json").json[0]
    assert (event["id"], event["cid"]["meaning"]) == (ALARM, "Cellar door")
    assert (event["account"], event["accountSource"]) == ("4711", "map")
    assert sandbox("show", ALARM, "-o", "json").json == event
    assert {"category": "fire", "count": 3} in sandbox("count", "--by", "category", "-o", "json").json
    change(path, "UPDATE entry SET unknown='CID ' || (1102 + seq) WHERE seq<3")
    assert [one["name"] for one in sandbox("status", "-o", "json").json["unknown"]] == ["CID 1104"]
    (config / "cid.toml").write_text("[1103", encoding="utf-8")
    assert sandbox("history").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [("history",), ("show", ALARM), ("status",), ("audit",), ("hold", ALARM, "--reason", "x"), ("tail", "--for", "1"),
     ("erase", "--device", "Q10254783", "--yes"), ("backup", "alarms.zip"), ("keys",), ("retry-pictures",)],
)  # fmt: skip
def test_a_journal_of_a_newer_version_is_one_clear_line(
    sandbox: Run, path: Path, arguments: tuple[str, ...]
) -> None:
    change(path, "PRAGMA user_version=99")
    before = path.read_bytes()
    refused = sandbox(*arguments)
    assert (refused.exit_code, path.read_bytes()) == (11, before)
    assert refused.stderr == f"error: The journal {path} was made by a newer hpcli.\nhint: Update hpcli.\n"
