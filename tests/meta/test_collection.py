"""Collecting the tests builds no commands and imports nothing slow, so that a few tests of many start at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import IMPORTED_BY_COLLECTING

if TYPE_CHECKING:
    import pytest

SLOW = {"hpcli.commands.site.group", "openapi_core", "openapi_spec_validator"}


def test_collecting_imported_no_family_of_commands_and_no_validator(pytestconfig: pytest.Config) -> None:
    imported = pytestconfig.stash[IMPORTED_BY_COLLECTING]
    assert "tests.meta.test_collection" in imported
    assert imported & SLOW == set()
