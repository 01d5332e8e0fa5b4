"""CID codes and the fields of CID events."""

import os
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.decode.access import access_event_name
from hpcli.alarms.decode.cid_event import areas_of
from hpcli.alarms.event.accounts import FILE as MAP
from hpcli.alarms.event.accounts import read_account_map
from hpcli.alarms.event.cid import CATALOGUE, CidCode, cid_codes, explain_cid, find_standard_code
from hpcli.alarms.event.event import CID_FIELDS
from hpcli.alarms.event.own_codes import FILE, read_codes
from hpcli.errors import UsageError
from hpcli.reference.categories import find_category
from tests.support.alarm_messages import decode

RECEIVED = datetime(2026, 11, 22, 14, 31, tzinfo=UTC)


def event_of(**event: object) -> dict[str, Any]:
    payload = {"eventType": "cidEvent", "CIDEvent": event}
    return decode({"deviceSerial": "Q1", "alarmData": payload}, received=RECEIVED)


def cid_of(**event: object) -> dict[str, Any]:
    cid: dict[str, Any] = event_of(**event)["cid"]
    return cid


def rows_of(name: str) -> list[list[str]]:
    text = (files("hpcli.reference") / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("partitions", "areas"),
    [
        # Both worked examples of Guide A.3.1.
        ("43", [1, 2, 4, 6]),
        ("21,2", [2, 33, 35, 37]),
        (43, [1, 2, 4, 6]),
        (" 1 ", [1]),
        ("2147483648", [32]),
        ("1,0,0,0", [97]),
    ],
)
def test_the_bit_field_names_the_areas(partitions: object, areas: list[int]) -> None:
    assert areas_of(partitions, 9) == areas


@pytest.mark.parametrize(
    "partitions", ["", "0", None, "x", "-1", "4294967296", "1,1,1,1,1", "1,,2", {}, "9" * 5000]
)
def test_a_missing_or_broken_bit_field_leaves_the_first_area(partitions: object) -> None:
    assert areas_of(partitions, "3") == [3]
    assert areas_of(partitions, 0) == []


@pytest.mark.parametrize(
    ("fields", "zone"),
    [
        ({"zone": 0, "zoneV30": 1}, 1),
        ({"zone": 0}, 1),
        ({"zone": "4"}, 5),
        ({"zone": 7, "zoneV30": 0}, 8),
        ({"zone": 65535}, None),
        ({"zone": -1}, None),
        ({"zone": ""}, None),
        ({}, None),
    ],
)
def test_zones_count_from_one(fields: dict[str, object], zone: int | None) -> None:
    assert cid_of(code=1103, **fields)["zone"] == zone


@pytest.mark.parametrize(
    ("code", "qualifier", "standard", "meaning", "category"),
    [
        (1103, "new", 1130, "Burglary alarm", "burglary"),
        (3103, "restore", 3130, "Burglary alarm restored", "burglary"),
        (6103, "status", 6130, "Burglary alarm (still present)", "burglary"),
        (1401, "new", 1401, "Disarmed", "open-close"),
        (3401, "restore", 3401, "Armed away", "open-close"),
        (3441, "restore", 3441, "Armed stay", "open-close"),
        (1110, "new", 1110, "Fire alarm", "fire"),
        (1301, "new", 1301, "Mains power lost", "fault"),
        (3301, "restore", 3301, "Mains power back", "fault"),
        (1914, "new", 1381, "Wireless detector lost", "fault"),
        # No restore is listed; it is derived from the opening.
        (3121, "restore", 3121, "Duress (restored)", "panic"),
        # Hikvision's own, without an equivalent in the standard.
        (1148, "new", None, "Device moved", "tamper"),
    ],
)
def test_codes_are_read_in_the_vendors_catalogue(
    code: int, qualifier: str, standard: int | None, meaning: str, category: str
) -> None:
    event = event_of(code=code)

    assert list(event["cid"]) == list(CID_FIELDS)
    assert event["cid"]["code"] == code
    assert event["cid"]["event"] == code % 1000
    found = (event["cid"]["qualifier"], event["cid"]["standard"], event["cid"]["meaning"], event["category"])
    assert found == (qualifier, standard, meaning, category)


@pytest.mark.parametrize("sent", [1131, "1131", "E131", "131", 131, " 1131 "])
def test_the_standard_code_of_newer_panels_is_preferred(sent: object) -> None:
    assert cid_of(code=1103, standardCode=sent)["standard"] == 1131
    assert cid_of(code="1103", standardCIDcode=sent)["standard"] == 1131


@pytest.mark.parametrize("sent", ["", 0, None, "abc", {}, 11300, "E1130"])
def test_a_useless_standard_code_gives_way_to_the_table(sent: object) -> None:
    assert cid_of(code=1103, standardCode=sent)["standard"] == 1130


def test_the_standard_code_tells_a_code_the_catalogue_lacks() -> None:
    event = event_of(code=1999, standardCode=3384)

    assert event["cid"]["meaning"] == "Wireless battery low (restored)"
    assert event["category"] == "fault"


def test_the_standards_meaning_of_an_unlisted_code_is_marked_as_a_guess() -> None:
    event = event_of(code=1111, zone=0)

    assert event["cid"]["standard"] is None
    assert event["text"] == "Smoke alarm? (CID code 1111) · Zone 1"


@pytest.mark.parametrize(
    ("evttype", "qualifier", "category"),
    [
        ("11", "new", "open-close"),
        ("32", "restore", "open-close"),
        ("13", "new", "open-close"),
        ("", None, "open-close"),
    ],
)
def test_evttype_helps_where_the_code_is_unknown(evttype: str, qualifier: str | None, category: str) -> None:
    event = event_of(code=9999, evttype=evttype, description="AwayArm", userNo=501)

    assert (event["cid"]["qualifier"], event["category"]) == (qualifier, category)
    assert event["text"] == "AwayArm (CID code 9999) · by app or installer"


def test_a_code_of_three_digits_takes_its_qualifier_from_evttype() -> None:
    assert cid_of(code=103, evttype="31")["meaning"] == "Burglary alarm restored"
    assert cid_of(code=103, evttype="31")["qualifier"] == "restore"
    assert cid_of(code=103)["meaning"] == "Burglary alarm"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"code": 1103, "system": 1, "systemName": "area 1", "zone": 2, "zoneName": "Zone 3"},
            "Burglary alarm · area 1 · Zone 3",
        ),
        (
            {"code": 3401, "system": 2, "systemName": "Shop", "zone": 0, "userName": "Ann", "userNo": 3},
            "Armed away · Area 2 Shop · by Ann",
        ),
        ({"code": 1401, "userNo": 3, "partitionNo": "43"}, "Disarmed · Areas 1, 2, 4, 6 · by user 3"),
        ({"code": 1103, "zone": 1, "userName": "Ann"}, "Burglary alarm · Zone 2"),
        ({"code": 1121, "userName": "Ann"}, "Duress · by Ann"),
        (
            {"code": 1570, "zone": 1, "zoneName": "Door", "userNo": 502},
            "Zone bypassed · Zone 2 Door · by app or installer",
        ),
        ({"code": 1783, "zone": 0, "temp": 41}, "High temperature alarm · Zone 1 · 41 °C"),
        ({"code": 1301, "zone": 0}, "Mains power lost"),
        ({"code": "x", "zone": 0}, "CID event (CID code x) · Zone 1"),
        ({"zone": 0}, "CID event · Zone 1: the CID code is missing"),
    ],
)
def test_the_line_says_what_concerns_the_event(fields: dict[str, Any], text: str) -> None:
    assert event_of(**fields)["text"] == text


def test_the_catalogue_is_whole_and_well_formed() -> None:
    header, *rows = rows_of("cid.tsv")

    assert header == ["code", "standard", "meaning", "sure"]
    assert len(rows) == len(cid_codes()) >= 250
    for code, standard, meaning, sure in rows:
        assert code[0] in "136"
        assert len(code) == 4
        assert standard == "" or (standard[0] == code[0] and find_standard_code(int(standard)) is not None)
        assert meaning
        assert find_category("cid", code[-3:]) is not None, code
        assert sure in ("sure", "likely", "guess")


def test_opening_and_restore_agree_on_the_standard_code() -> None:
    for code, row in cid_codes().items():
        restore = cid_codes().get(code + 2000)
        if code < 2000 and restore is not None:
            assert (restore.standard or 0) % 1000 == (row.standard or 0) % 1000, code
            assert restore.category == row.category


def test_the_standards_table_is_well_formed() -> None:
    header, *rows = rows_of("contact_id.tsv")

    assert header == ["event", "meaning", "restored"]
    assert len({row[0] for row in rows}) == len(rows)
    assert all(
        100 <= int(event) <= 699 and meaning and find_category("contact-id", event)
        for event, meaning, _ in rows
    )


def test_the_standard_and_the_catalogue_disagree_about_103() -> None:
    listed, standard = CATALOGUE.find(1103), find_standard_code(1103)

    assert listed is not None
    assert standard is not None
    assert (listed.meaning, standard.meaning) == ("Burglary alarm", "Fall or immobility alarm")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1103", ["CID 1103 (Contact ID 1130)", "Contact ID 1103"]),
        ("103", ["CID 1103 (Contact ID 1130)", "Contact ID 1103"]),
        ("E130", ["Contact ID 1130"]),
        ("r130", ["Contact ID 3130"]),
        ("1401", ["CID 1401 (Contact ID 1401)"]),
        ("1148", ["CID 1148"]),
        ("1111", ["Contact ID 1111"]),
        ("2103", []),
        ("1", []),
        ("110345", []),
        ("E130x", []),
        ("", []),
    ],
)
def test_a_code_is_explained_in_both_lists(text: str, names: list[str]) -> None:
    assert [found.name for found in explain_cid(text)] == names


def test_an_explanation_says_how_far_to_trust_it() -> None:
    assert explain_cid("1103")[0].hint == ""
    assert "vendor's list" in explain_cid("1914")[0].hint
    assert "lacks this code" in explain_cid("1111")[0].hint


@pytest.mark.parametrize(
    ("major", "minor", "name"),
    [
        (5, 75, "Face accepted"),
        ("5", "1", "Card accepted"),
        (5, 27, "Door forced open"),
        (1, 0x404, "Controller tampered with"),
        (2, 0x405, "Mains power lost"),
        (3, 0x400, "Door opened remotely"),
        (5, 0x500, "Custom access event 1"),
        (1, 0x93F, "Custom access alarm 64"),
        (5, 0x540, "Access event 5/1344"),
        (7, 1, "Access event 7/1"),
        (None, 1, "Access event"),
    ],
)
def test_access_events_have_names(major: object, minor: object, name: str) -> None:
    assert access_event_name(major, minor) == name


def own_codes(folder: Path, text: str) -> dict[int, CidCode]:
    (folder / FILE).write_text(text, encoding="utf-8")
    return dict(read_codes(folder).own)


@pytest.mark.parametrize("order", [1, -1])
def test_a_whole_code_of_the_users_table_counts_more_than_its_event(tmp_path: Path, order: int) -> None:
    entries = ['[1103]\nmeaning = "Cellar"\n', '[103]\nmeaning = "Door"\n'][::order]
    own = own_codes(tmp_path, "".join(entries))
    assert [own[code].meaning for code in (1103, 3103, 6103)] == [
        "Cellar",
        "Door (restored)",
        "Door (still present)",
    ]


@pytest.mark.parametrize(
    ("key", "given", "standard"), [(1759, 131, 1131), (3759, 3131, 3131), (759, 131, 1131)]
)
def test_a_standard_code_begins_as_its_entry_does(
    tmp_path: Path, key: int, given: int, standard: int
) -> None:
    own = own_codes(tmp_path, f"[{key}]\nstandard = {given}\n")
    assert own[key + 1000 * (key < 1000)].standard == standard


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *((f"[1759]\nstandard = {value}\n", "standard") for value in ("true", "-1131", "0", "99999", "2131", "3131")),
        *((f"[1759]\nmeaning = {value}\n", "meaning") for value in ("5", '["a"]')),
        *((f'["{key}"]\nmeaning = "x"\n', "is not a CID code") for key in ("2759", "9759", "0759", "000", "099")),
        ("a=" + "[" * 5000 + "]" * 5000, "cannot be read"),
        ("1759 = " + "9" * 5000, "cannot be read"),
    ],
    ids=lambda text: text[:24],
)  # fmt: skip
def test_a_faulty_entry_of_the_users_table_is_one_clear_error(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        own_codes(tmp_path, text)


@pytest.mark.skipif(os.name != "posix", reason="it has named pipes")
def test_no_table_of_the_user_is_waited_for(tmp_path: Path) -> None:
    for name in (FILE, MAP):
        os.mkfifo(tmp_path / name)
    for read in (read_codes, read_account_map):
        with pytest.raises(UsageError, match="not a regular file"):
            read(tmp_path)


@pytest.mark.parametrize("code", [1975, 1977, 3977, 3978, 3979, 3980])
def test_devices_that_are_added_or_removed_are_not_reported(code: int) -> None:
    """They have no code of the standard (field notes)."""
    assert cid_of(code=code)["standard"] is None
