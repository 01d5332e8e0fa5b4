"""The journal: what is new, what is a repeat, what is said about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hpcli.alarms.journal.entries import line_of
from hpcli.alarms.journal.event_names import read_named
from hpcli.alarms.journal.pictures import Saved, note_failed, note_saved
from hpcli.alarms.journal.status import read_status
from hpcli.alarms.journal.writer import Journal
from hpcli.errors import NotFoundError
from tests.support.journal_messages import (
    NOW,
    NOW_MS,
    PICTURE,
    alarm,
    confirm,
    due_jobs,
    entries,
    events,
    keep,
    linkage,
)

# Repeats


def test_equal_messages_of_one_batch_are_two_alarms(journal: Journal) -> None:
    kept = keep(journal, "b1", alarm(), alarm(), alarm(2))
    assert kept.new == 3
    first, second, third = (entry.id for entry in entries(journal))
    assert second == f"{first}-2"
    assert "-" not in third


def test_further_equal_messages_count_on(journal: Journal) -> None:
    for batch in ("b1", "b2", "b3"):
        keep(journal, batch, alarm(), alarm())
        confirm(journal, batch)
    base = entries(journal)[0].id
    assert [entry.id for entry in entries(journal)] == [base, *(f"{base}-{number}" for number in range(2, 7))]


def test_a_batch_that_comes_again_is_kept_once(journal: Journal) -> None:
    messages = [alarm(1), alarm(1), alarm(2)]
    keep(journal, "b1", *messages)
    assert keep(journal, "b1", *messages).new == 0
    assert [entry.repeats for entry in entries(journal)] == [1, 1, 1]


def test_a_batch_that_comes_again_in_another_order_after_its_confirmation_is_kept_once(
    journal: Journal,
) -> None:
    messages = [alarm(1), alarm(2), alarm(2), alarm(3)]
    keep(journal, "b1", *messages)
    confirm(journal, "b1")
    assert keep(journal, "b1", *reversed(messages)).new == 0


def test_a_batch_that_comes_again_with_one_more_equal_message_brings_one_alarm(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    assert keep(journal, "b1", alarm(), alarm()).new == 1


def test_unconfirmed_messages_that_come_in_another_batch_are_repeats_once_per_row(journal: Journal) -> None:
    keep(journal, "b1", alarm(1), alarm(2))
    assert keep(journal, "b2", alarm(1)).new == 0
    assert keep(journal, "b3", alarm(2), alarm(2)).new == 1


def test_a_message_equal_to_a_confirmed_one_is_new(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    confirm(journal, "b1")
    assert keep(journal, "b2", alarm()).new == 1


def test_once_its_new_batch_is_confirmed_an_equal_message_is_new(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    keep(journal, "b2", alarm())
    confirm(journal, "b2")
    assert keep(journal, "b3", alarm()).new == 1


def test_an_unconfirmed_batch_is_forgotten_once_the_platform_cannot_send_it_again(journal: Journal) -> None:
    keep(journal, "b1", alarm())
    assert keep(journal, "b2", alarm(), received=NOW + timedelta(hours=4)).new == 1


def test_a_known_message_id_is_a_repeat_also_after_its_confirmation(journal: Journal) -> None:
    keep(journal, "b1", alarm(messageId="m1"))
    confirm(journal, "b1")
    assert keep(journal, "b2", alarm(messageId="m1")).new == 0
    assert [entry.id for entry in entries(journal)] == ["m1"]


def test_messages_with_ids_of_their_own_are_new_however_equal(journal: Journal) -> None:
    keep(journal, "b1", alarm(messageId="m1"))
    assert keep(journal, "b2", alarm(messageId="m2")).new == 1


def test_a_message_id_used_twice_for_different_alarms_loses_none(journal: Journal) -> None:
    assert keep(journal, "b1", alarm(1, messageId="0"), alarm(2, messageId="0")).new == 2
    confirm(journal, "b1")
    assert keep(journal, "b2", alarm(3, messageId="0")).new == 1
    assert [entry.id for entry in entries(journal)] == ["0", "0-2", "0-3"]


def test_an_id_that_looks_like_a_huge_number_behind_another_is_taken(journal: Journal) -> None:
    huge = "x-" + "9" * 5000
    keep(journal, "b1", alarm(1, messageId=huge), alarm(2, messageId="x"), alarm(3, messageId="x"))
    assert [entry.id for entry in entries(journal)] == [huge, "x", "x-2"]


def test_an_id_within_one_batch_is_a_repeat_where_the_message_is_the_same(journal: Journal) -> None:
    kept = keep(journal, "b1", alarm(messageId="m1"), alarm(messageId="m1"))
    assert (kept.new, kept.repeats) == (1, 1)


def test_messages_without_a_batch_id_are_kept(journal: Journal) -> None:
    assert keep(journal, None, alarm()).new == 1


# Lines


def test_a_line_has_the_event_and_the_raw_message_in_the_order_of_the_contract(journal: Journal) -> None:
    from hpcli.alarms.event.event import EVENT_FIELDS

    message = alarm()
    keep(journal, "b1", message)
    event = json.loads(line_of(entries(journal)[0], redelivered=True))
    assert list(event) == list(EVENT_FIELDS)
    assert event["raw"] == message
    assert (event["batch"], event["redelivered"]) == ("b1", True)
    assert "raw" not in json.loads(line_of(entries(journal)[0], redelivered=False, with_raw=False))


@pytest.mark.parametrize("text", ["Küche", "\x1b[31m\x00\x9b", "a\u2028b", '"\\', "🚪", "{[", "\x7f"])
def test_any_text_comes_back_as_it_was_and_harmless(journal: Journal, text: str) -> None:
    message = alarm(messageId=text, body={"zoneName": text})
    message["formatType"] = text
    keep(journal, text, message)
    line = line_of(entries(journal)[0], redelivered=False)
    assert json.loads(line)["raw"] == message
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line[:-1])
    assert "\u2028" not in line


def test_a_lone_surrogate_is_kept_and_printed_as_a_replacement(journal: Journal) -> None:
    keep(journal, "b1", alarm(formatType="\ud800x"))
    entry = entries(journal)[0]
    assert entry.raw is not None
    assert json.loads(entry.raw)["formatType"] == "\ud800x"
    assert json.loads(line_of(entry, redelivered=False))["raw"]["formatType"] == "\ufffdx"


def test_numbers_json_does_not_know_become_null(journal: Journal) -> None:
    keep(journal, "b1", {"deviceSerial": "Q1", "alarmData": {"eventType": "VMD", "x": float("nan")}})
    assert events(journal)[0]["raw"]["alarmData"]["x"] is None


@pytest.mark.parametrize("depth", [300, 500, 980, 3000])
@pytest.mark.parametrize("odd", [float("nan"), "\ud800"])
def test_what_is_odd_and_deep_is_kept(journal: Journal, depth: int, odd: object) -> None:
    deep: Any = {"x": odd}
    for _ in range(depth):
        deep = {"x": deep}
    assert keep(journal, "b1", {"deviceSerial": "Q1", "odd": odd, "alarmData": deep}).new == 1
    assert events(journal)[0]["raw"]["deviceSerial"] == "Q1"


def test_numbers_of_any_length_are_kept_whole(journal: Journal) -> None:
    keep(journal, "b1", {"deviceSerial": "Q1", "alarmData": {"eventType": "VMD", "x": 2**70, "y": -(2**63)}})
    assert events(journal)[0]["raw"]["alarmData"] == {"eventType": "VMD", "x": 2**70, "y": -(2**63)}


def test_a_message_of_any_shape_is_kept(journal: Journal) -> None:
    deep: Any = "x"
    for _ in range(3000):
        deep = [deep]
    shapes: list[dict[str, Any]] = [
        {},
        {"alarmData": 5},
        {"alarmData": deep},
        {"messageId": ["a"], "deviceSerial": {}},
    ]
    assert keep(journal, "b1", *shapes).new == 4
    raw = [event["raw"] for event in events(journal)]
    assert raw[:2] == shapes[:2]
    assert raw[2]["alarmData"] == "[" * 3000 + '"x"' + "]" * 3000


# Pictures


def test_pictures_that_come_after_their_alarm_are_joined_and_told(journal: Journal) -> None:
    keep(journal, "b1", alarm(body={"relationId": "r1"}))
    keep(journal, "b2", linkage("r1", "p1", "p2"))
    burglary, link, media = events(journal)
    assert [picture["url"] for picture in burglary["pictures"]] == [PICTURE % "p1", PICTURE % "p2"]
    assert burglary["pictures"] == link["pictures"] == media["pictures"]
    assert (media["type"], media["id"]) == ("media", burglary["id"])


def test_pictures_that_come_before_their_alarm_show_on_it_without_a_line_of_their_own(
    journal: Journal,
) -> None:
    keep(journal, "b1", linkage("r1", "p1"))
    keep(journal, "b2", alarm(body={"relationId": "r1"}))
    link, burglary = events(journal)
    assert link["pictures"] == burglary["pictures"] != []


def test_alarm_and_pictures_of_one_batch_are_joined_without_a_media_line(journal: Journal) -> None:
    keep(
        journal,
        "b1",
        alarm(body={"relationId": "r1"}),
        linkage("r1", "p1"),
        alarm(2, body={"relationId": "r2"}),
    )
    first, _, other = events(journal)
    assert len(first["pictures"]) == 1
    assert other["pictures"] == []


def test_the_media_lines_follow_the_last_picture(journal: Journal) -> None:
    keep(journal, "b1", alarm(body={"relationId": "r1"}), linkage("r1", "p1", "p2"), wants_pictures=True)
    first, second = due_jobs(journal, NOW_MS)
    journal.write(lambda db: note_saved(db, first.seq, Saved(("/p/1.jpg", "/p/1-2.jpg")), NOW_MS))
    assert len(events(journal)) == 2
    journal.write(lambda db: note_failed(db, second.seq, "gone", NOW_MS, None))
    media = events(journal)[2:]
    assert [event["type"] for event in media] == ["media", "media"]
    assert {event["id"] for event in media} == {event["id"] for event in events(journal)[:2]}
    shown = [(one["state"], one["file"], one["error"]) for one in media[0]["pictures"]]
    assert shown == [("saved", "/p/1.jpg", None), ("saved", "/p/1-2.jpg", None), ("failed", None, "gone")]


def test_a_picture_is_due_again_when_its_pause_is_over(journal: Journal) -> None:
    keep(journal, "b1", linkage("r1", "p1"), wants_pictures=True)
    job = due_jobs(journal, NOW_MS)[0]
    journal.write(lambda db: note_failed(db, job.seq, "later", NOW_MS, NOW_MS + 2000))
    assert due_jobs(journal, NOW_MS + 1999) == []
    assert due_jobs(journal, NOW_MS + 2000)[0].tries == 1


# Filters


def test_filters_choose_by_type_device_category_text_and_time(journal: Journal) -> None:
    motion = {"eventType": "VMD", "dateTime": "2026-11-20T10:00:00Z", "channelName": "Küche"}
    other = {"formatType": "JSON", "deviceSerial": "E1", "alarmData": json.dumps(motion)}
    keep(journal, "b1", alarm(), other)
    burglary, video = entries(journal)
    assert entries(journal, types=frozenset({"VMD"})) == [video]
    assert entries(journal, devices=frozenset({"Q10254783"})) == [burglary]
    assert entries(journal, categories=frozenset({"video"})) == [video]
    assert entries(journal, text="KÜCHE") == [video]
    day = round(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
    assert entries(journal, since=day, by_happened=True) == [burglary]
    assert entries(journal, until=day, by_happened=True) == [video]
    assert entries(journal, since=day) == [burglary, video]
    assert entries(journal, until=day) == []
    assert entries(journal, sites=frozenset({"s1"})) == []


def test_one_event_is_found_by_its_id(journal: Journal) -> None:
    keep(journal, "b1", alarm(), alarm(2))
    wanted = entries(journal)[1]
    assert journal.read(lambda db: read_named(db, wanted.id)) == wanted
    with pytest.raises(NotFoundError, match="no event 'nothing'"):
        journal.read(lambda db: read_named(db, "nothing"))


def test_unknown_codes_and_types_are_counted_by_name(journal: Journal) -> None:
    strange = alarm(body={"CIDEvent": {"code": 1999}})
    keep(
        journal,
        "b1",
        strange,
        strange,
        alarm(),
        {"deviceSerial": "Q1", "alarmData": '{"eventType": "flood"}'},
    )
    status = journal.read(lambda db: read_status(db, NOW_MS))
    assert status["unknown"] == [{"name": "CID 1999", "count": 2}, {"name": "type flood", "count": 1}]
