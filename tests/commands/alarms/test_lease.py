"""`alarms tail --lease`: what is refused at the start, and what `alarms status` shows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.lease.record import forget_lease, load_lease
from hpcli.commands.alarms.status_checks import parse_checks
from hpcli.commands.alarms.status_tables import status_view
from tests.support.runner import Runner


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--lease", "nats://127.0.0.1:1/b", "--no-journal"),
            "--lease and --no-journal cannot be used together",
        ),
        (("--lease", "127.0.0.1/b"), "is not the address of a lease"),
        (("--lease", "nats://127.0.0.1"), "bucket of the lease is missing"),
    ],
)
def test_a_lease_that_cannot_be_is_a_usage_error(hpcli: Runner, options: tuple[str, ...], said: str) -> None:
    result = hpcli("alarms", "tail", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_the_missing_library_is_named(hpcli: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    result = hpcli("alarms", "tail", "--lease", "nats://127.0.0.1:1/b")
    assert result.exit_code == 11
    assert "pip install '.[nats]'" in result.stderr


@pytest.mark.parametrize(
    ("lease", "shown"),
    [
        (None, "pid 7, since now"),
        ({"state": "holder", "holder": None, "address": "nats://h/b"}, "pid 7, since now, holds the lease"),
        (
            {"state": "waiting", "holder": "two, pid 9", "address": "nats://h/b"},
            "pid 7, since now, waiting for the lease of two, pid 9",
        ),
        (
            {"state": "unreachable", "holder": None, "address": "nats://h/b"},
            "pid 7, since now, nats://h/b does not answer",
        ),
    ],
)
def test_status_shows_the_lease_of_a_reader(lease: dict[str, Any] | None, shown: str) -> None:
    row = {"reader": {"pid": 7, "since": "now"}, "lease": lease}
    reader = status_view().columns[0]
    assert reader.show is not None
    assert reader.show(row["reader"], row) == shown


def test_a_damaged_record_of_a_lease_is_none(tmp_path: Path) -> None:
    for text in ("", "[]", '{"state": 1}'):
        (tmp_path / "lease.json").write_text(text)
        assert load_lease(tmp_path) is None
    forget_lease(tmp_path)
    assert load_lease(tmp_path) is None


def test_a_lease_whose_servers_do_not_answer_is_the_reason_that_nothing_is_read() -> None:
    (check,) = parse_checks(["poll=3m"])
    lease = {"state": "unreachable", "address": "nats://h:4222/b"}
    row = {"lastPollSeconds": 200, "lastPoll": "then", "lease": lease}
    assert "the servers of the lease, nats://h:4222/b, do not answer" in str(check.problem(row))
    assert "The platform last answered" in str(check.problem(row | {"lease": None}))
