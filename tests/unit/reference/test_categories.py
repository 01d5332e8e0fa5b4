"""The table of categories: every row of the lists of codes has one."""

from __future__ import annotations

import pytest

from hpcli.alarms.event.types import EVENT_TYPES
from hpcli.reference.categories import CATEGORIES, PRIORITIES, find_category
from hpcli.reference.data import read_rows

CODES = [
    *(("cid", row[0][-3:]) for row in read_rows("cid.tsv")),
    *(("contact-id", row[0]) for row in read_rows("contact_id.tsv")),
    *(("access", f"{row[0]}/{row[1]}") for row in read_rows("access_events.tsv")),
    *(("type", known.type) for known in EVENT_TYPES),
]


def test_every_row_of_the_four_lists_has_a_category() -> None:
    assert len(CODES) > 700
    assert [code for code in CODES if find_category(*code) is None] == []


def test_the_table_names_each_code_once() -> None:
    from hpcli.reference.categories import _expanded

    codes = [(kind, code) for kind, given, *_ in read_rows("categories.tsv") for code in _expanded(given)]
    assert sorted(code for code in set(codes) if codes.count(code) > 1) == []


def test_the_table_uses_known_words() -> None:
    for _, _, category, priority, what in read_rows("categories.tsv"):
        assert category in CATEGORIES
        assert priority in ("", *PRIORITIES)
        assert what


@pytest.mark.parametrize(
    ("kind", "codes", "category"),
    [
        ("contact-id", "147 200 206 375 376 377 378", "fault"),
        ("contact-id", "374 423", "burglary"),
        ("contact-id", "305 306 313 339 411 416 531 532 605 632", "device"),
        ("contact-id", "461 501", "tamper"),
        ("contact-id", "641 654", "medical"),
        ("cid", "207", "burglary"),
        ("cid", "467 862 864 865 941 148 149 386 387", "tamper"),
        ("cid", "863 964", "medical"),
        ("cid", "962", "fire"),
        ("cid", "963", "panic"),
        ("type", "IO alarmTrig", "burglary"),
        ("type", "heartBeat", "other"),
    ],
)
def test_what_the_lists_leave_in_doubt_is_decided(kind: str, codes: str, category: str) -> None:
    found = {code: find_category(kind, code) for code in codes.split()}
    assert {code: known and known.name for code, known in found.items()} == dict.fromkeys(
        codes.split(), category
    )
