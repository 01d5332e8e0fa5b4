"""`alarms history --since --until --by --after`, and what `alarms status` says where there is no journal."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from hpcli.alarms.journal.retention import Retention, prune
from hpcli.alarms.journal.writer import Journal
from tests.support.journal_messages import NOW, NOW_MS, alarm, keep
from tests.support.runner import Run, Runner

EARLY, LATE = "2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"


@pytest.fixture
def history(hpcli: Runner, tmp_path: Path) -> Run:
    """Return `history -o ids` of a journal: one happened late and came first, two happened early and came later."""
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        keep(journal, "b1", happened("first", LATE), received=NOW - timedelta(days=1))
        keep(journal, "b2", happened("second", EARLY), happened("third", EARLY))
    return partial(hpcli, "--profile", "sandbox", "alarms", "history", "--journal", str(path), "-o", "ids")


def happened(name: str, time: str) -> dict[str, str]:
    return alarm(messageId=name, body={"triggerTime": time})


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--since", "2026-11-22T14:31:00Z"), ["second", "third"]),
        (("--until", "2026-11-22T14:31:00Z"), ["first"]),
        (("--until", "2026-11-22T14:31:01Z"), ["first", "second", "third"]),
        (("--by", "received", "--since", "2026-11-22"), ["second", "third"]),
        (("--by", "time", "--since", LATE), ["first"]),
        (("--by", "time", "--until", LATE), ["second", "third"]),
        (("--by", "time", "--since", EARLY, "--until", "2026-11-20T10:00:01Z"), ["second", "third"]),
        (("--after", "first"), ["second", "third"]),
        (("--after", "first", "--limit", "1"), ["third"]),
        (("--after", "third"), []),
        (("--after", "first", "--by", "time", "--since", LATE), []),
    ],
)
def test_a_window_is_of_receipt_unless_it_is_of_the_event(
    history: Run, options: tuple[str, ...], found: list[str]
) -> None:
    result = history(*options)
    assert (result.exit_code, result.lines) == (0, found), result.stderr


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--sort", "-time", "--limit", "1"), ["first"]),
        (("--sort", "-time", "--where", "time < 2026-11-21", "--limit", "1"), ["third"]),
        (("--sort=-received", "--limit", "2"), ["third", "second"]),
        (("--sort", "time", "--limit", "2"), ["second", "third"]),
    ],
)
def test_of_equal_times_the_later_entry_of_the_journal_is_the_newer(
    history: Run, options: tuple[str, ...], found: list[str]
) -> None:
    assert history(*options).lines == found


def test_a_value_that_a_field_never_has_is_named_with_the_nearest(history: Run) -> None:
    assert "Did you mean 'burglary'?" in history("--where", "category = burglry").stderr
    assert "Did you mean 'high'?" in history("--where", "priority != hihg").stderr
    assert "never" not in history("--where", "category = medical").stderr
    assert "never" not in history("--where", "category = ''", "--where", "state != ended").stderr


@pytest.mark.parametrize(("options", "code"), [(("--by", "day"), 2), (("--after", "fourth"), 4)])
def test_what_is_unknown_is_refused(history: Run, options: tuple[str, ...], code: int) -> None:
    assert history(*options).exit_code == code


def test_a_pruned_event_is_no_place_to_continue_after(history: Run, tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.db") as journal:
        journal.write(lambda db: db.execute("INSERT OR REPLACE INTO output VALUES ('stdout', 9, 1)"))
        assert prune(journal.write, Retention(3600.0), NOW_MS) == 1
    refused = history("--after", "first")
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert refused.stderr == (
        "error: The journal has no event 'first'.\nhint: It may have been pruned; --since chooses by time.\n"
    )


def test_status_without_a_journal_is_a_state(hpcli: Runner, tmp_path: Path) -> None:
    status = partial(
        hpcli, "--profile", "sandbox", "alarms", "status", "--journal", str(tmp_path / "none.db")
    )
    result = status("-o", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert (result.json["reader"], result.json["lastPoll"], result.json["events"]) == (None, None, 0)
    assert (result.json["outputs"], result.json["unknown"], result.json["silent"]) == ([], [], [])
    assert "Traceback" not in status("-o", "table").stderr
    failed = status("--fail-on", "reader")
    assert failed.exit_code == 10
    assert not (tmp_path / "none.db").exists()
