"""The user's own map of account numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.alarms.event.accounts import FILE, Accounts, read_account_map
from hpcli.errors import UsageError


def test_the_map_has_a_serial_and_a_number_a_line(tmp_path: Path) -> None:
    assert read_account_map(tmp_path) == {}
    (tmp_path / FILE).write_text(
        "\ufeff# ours\n\nq10254783 4711\r\nQ2, 0815  # shop\nQ2 0815\n", encoding="utf-8"
    )
    assert read_account_map(tmp_path) == {"Q10254783": "4711", "Q2": "0815"}


@pytest.mark.parametrize("line", ["Q1", "Q1 2 3", "Q-1 2", "Q1 " + "9" * 33, "Q0 2"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / FILE).write_text(f"Q0 1\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 2"):
        read_account_map(tmp_path)


def test_a_map_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        read_account_map(tmp_path)


def test_a_device_counts_in_any_capitals() -> None:
    assert Accounts({"Q1": "55"}).number_of("q1", None) == ("55", "set-account")
    assert Accounts(mapped={"Q1": "56"}).number_of("q1", "1") == ("56", "map")
