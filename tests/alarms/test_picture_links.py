"""Pictures inside messages, and what the messages say about decrypting them."""

import json

import pytest

from hpcli.alarms.decode.picture_links import picture_facts
from hpcli.alarms.event.event import PICTURE_FIELDS
from tests.support.alarm_messages import ACCESS, CALL, LINKAGE, PIC, STORED, event_of, message, xml


def test_pictures_are_pending_and_tell_their_encryption() -> None:
    pictures = event_of(json.dumps(LINKAGE).replace("&", "&amp;"))["pictures"]

    assert [picture["url"] for picture in pictures] == [item["url"] for item in LINKAGE["pictureList"]]
    assert [picture["encryption"] for picture in pictures] == ["device", "platform"]
    assert all(list(picture) == list(PICTURE_FIELDS) for picture in pictures)
    assert pictures[0] == {
        "url": PIC % (1, 0),
        "encryption": "device",
        "state": "pending",
        "file": None,
        "sha256": None,
        "original": None,
        "originalSha256": None,
        "error": None,
    }


@pytest.mark.parametrize(
    ("crypt", "digit", "encryption"), [(1, 0, "device"), (0, 1, "none"), (None, 1, "device")]
)
def test_the_crypt_of_a_call_speaks_for_its_picture(crypt: int | None, digit: int, encryption: str) -> None:
    url = PIC % (digit, 0)
    beside = CALL | {"coverPicture": {"crypt": crypt}, "coverUrl": {"url": url}}
    inside = CALL | {"coverPicture": {"crypt": crypt, "coverUrl": {"url": url}}, "coverUrl": None}

    for payload in (beside, inside):
        assert [picture["encryption"] for picture in event_of(payload)["pictures"]] == [encryption]


def test_pictures_are_found_at_any_depth_once_and_in_xml() -> None:
    hidden = {
        "eventType": "x",
        "a": [{"b": {"bkgUrl": STORED}}, {"imageUrl": "http://127.0.0.1:8000/p.jpg"}, STORED],
    }
    in_xml = xml(
        "VMD",
        f"<bkgUrl>{STORED}</bkgUrl><picture><url>{(PIC % (1, 0)).replace('&', '&amp;')}</url></picture>",
    )

    assert [picture["url"] for picture in event_of(hidden)["pictures"]] == [
        STORED,
        "http://127.0.0.1:8000/p.jpg",
    ]
    assert [picture["url"] for picture in event_of(json.dumps(hidden))["pictures"]] == [
        STORED,
        "http://127.0.0.1:8000/p.jpg",
    ]
    assert [picture["encryption"] for picture in event_of(in_xml)["pictures"]] == ["platform", "device"]


@pytest.mark.parametrize("blanks", [" ", "\t", "\n ", "\u00a0", "\u3000"])
def test_blanks_before_an_address_hide_no_picture(blanks: str) -> None:
    (picture,) = event_of({"eventType": "x", "bkgUrl": blanks + STORED})["pictures"]
    assert picture["url"] == STORED


def test_an_address_that_is_no_picture_is_left_alone() -> None:
    shown = ACCESS["AccessControllerEvent"] | {"QRCodeInfo": "https://evil.example/", "pictureURL": ""}

    assert event_of(ACCESS | {"AccessControllerEvent": shown})["pictures"] == []
    assert event_of(xml("VMD"))["pictures"] == []


def test_the_facts_for_decrypting_come_from_the_path_then_from_the_message() -> None:
    stored = picture_facts(message({"pictureURL": STORED, "dateTime": "2026-01-01T00:00:00"}), STORED)
    url = PIC % (2, 1)
    listed = [{"url": "x", "checksum": "other"}, {"url": url.replace("&", "&amp;"), "Checksum": "abc"}]
    linked = picture_facts(
        message(LINKAGE | {"pictureList": listed, "alarmTime": "2026-11-22T15:30:09"}), url
    )
    bare = picture_facts(message(LINKAGE), PIC % (1, 0))

    assert stored.checksum == "fd9b7f16393203046d40be71da380128"
    assert stored.times[:3] == ("2021-08-09T12:54:25", "2021-08-09 12:54:25", "2026-01-01T00:00:00")
    assert stored.holds_several is False
    assert linked.checksum == "abc"
    assert linked.times[:3] == ("2026-11-22T15:30:09", "2026-11-22 15:30:09", "2026-11-22T15:30:12")
    assert linked.holds_several is True
    assert (bare.checksum, bare.holds_several) == (None, False)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (json.dumps([{"url": PIC % (1, 0)}]), PIC % (1, 0)),
        (json.dumps({"picture": {"url": PIC % (1, 0)}}), PIC % (1, 0)),
        ([{"url": f"/{STORED}"}], STORED),
        ("[https://h/", None),
    ],
)
def test_pictures_may_be_listed_in_a_text(listed: object, found: str | None) -> None:
    event = event_of({"eventType": "Linkage", "pictureList": listed})
    assert [picture["url"] for picture in event["pictures"]] == ([found] if found else [])


SUM, TIME = "fd9b7f16393203046d40be71da380128", "2021-08-09T12:54:25"


@pytest.mark.parametrize(
    ("fields", "more", "url"),
    [
        ({}, {}, f"ISAPI_FILES/a$Encrypt=2, {TIME} , {SUM}"),
        ({}, {}, f"{PIC % (2, 0)}&checksum={SUM}&alarmTime=2021-08-09T12%3A54%3A25"),
        ({}, {}, f"{PIC % (2, 0)}&checksum={SUM}&alarmTime=2021-08-09+12:54:25"),
        ({"alarmTime": f"{TIME}+08:00"}, {"checksum": SUM}, PIC % (2, 0)),
        ({"alarmTime": f"{TIME}Z", "checksum": SUM}, {}, PIC % (2, 0)),
    ],
)
def test_the_facts_for_decrypting_are_found_in_neighbouring_forms(
    fields: dict[str, str], more: dict[str, str], url: str
) -> None:
    sent = message({"eventType": "Linkage", "pictureList": [{"url": url}], **fields}) | more
    facts = picture_facts(sent, url)
    assert facts.checksum == SUM
    assert {TIME, TIME.replace("T", " ")} & set(facts.times)
