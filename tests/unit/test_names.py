"""Names in other Unicode normal forms and capitals."""

from __future__ import annotations

import pytest

from hpcli.names import folded, named, normal, spellings

NFC, NFD = "Caf\xe9", "Cafe\u0301"


def rows(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


@pytest.mark.parametrize("name", [NFC, NFD])
def test_every_normal_form_is_one_name(name: str) -> None:
    assert (normal(name), folded(name.upper()), spellings(name)) == (NFC, "caf\xe9", (NFC, NFD))
    for kept in (NFC, NFD):
        assert named(rows(kept, "Cafe"), "name", name) == rows(kept)


@pytest.mark.parametrize("name", ["Villa", "東京倉庫"])
def test_a_name_of_one_form_has_one_spelling(name: str) -> None:
    assert spellings(name) == (name,)


def test_other_capitals_are_one_name_if_only_one_has_them() -> None:
    assert named(rows("VILLA", "Villa"), "name", "Villa") == rows("Villa")
    assert named(rows("STRASSE"), "name", "Straße") == rows("STRASSE")
    assert named(rows("VILLA", "Villa"), "name", "villa") == []
