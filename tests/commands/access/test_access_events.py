"""Door events and the people door devices know: paging, conditions, pictures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hpcli.client import Client
from hpcli.errors import UsageError
from hpcli.isapi.multipart import split_multipart
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Runner

DOOR = "C94115305"
SEARCH = "POST /api/hpcgw/v1/device/transparent/ISAPI/AccessControl/AcsEvent"


def test_ten_thousand_events_come_in_pages_of_one_search(client: Client, platform: Platform) -> None:
    numbers = [row["serialNo"] for row in client.access_events.events(DOOR)]
    assert len(numbers) == 10_000
    assert numbers == list(range(numbers[0], numbers[0] + 10_000))
    assert control.statistics(platform.state)["requests"][SEARCH] == 200, "the device gives fifty at a time"


def test_pages_are_fetched_only_as_they_are_needed(client: Client, platform: Platform) -> None:
    rows = client.access_events.events(DOOR, newest_first=True, page_size=10)
    assert [next(rows)["serialNo"] - next(rows)["serialNo"] for _ in range(5)] == [1] * 5
    assert control.statistics(platform.state)["requests"][SEARCH] == 1


def test_events_are_searched_by_time_type_person_and_card(client: Client) -> None:
    now = datetime.now(UTC)
    recent = list(client.access_events.events(DOOR, since=now - timedelta(hours=2), until=now))
    assert len(recent) == 24
    assert all(now - timedelta(hours=2) <= datetime.fromisoformat(row["time"]) <= now for row in recent)
    by_card = list(client.access_events.events(DOOR, {"cardNo": "1010027700"}))
    assert {row["name"] for row in by_card} == {"Berg Anna 1"}
    of_person = list(client.access_events.events(DOOR, {"employeeNoString": "1002", "minor": "75"}))
    assert {row["minor"] for row in of_person} == {75}


def test_pictures_come_with_their_events(client: Client) -> None:
    found = client.access_events.events_with_pictures(DOOR, {"minor": "75"}, newest_first=True, page_size=5)
    for _ in range(12):
        row, parts = next(found)
        assert [part.filename for part in parts] == [row["filename"]]
        assert parts[0].content.startswith(b"\xff\xd8")


def test_users_are_searched(client: Client) -> None:
    users = list(client.access_events.users(DOOR))
    assert len({row["employeeNo"] for row in users}) == len(users) == 252
    assert {row["userType"] for row in client.access_events.users(DOOR, {"userType": "visitor"})} == {
        "visitor"
    }
    two = client.access_events.users(DOOR, {"employeeNo": "1001,1007"})
    assert [row["employeeNo"] for row in two] == ["1001", "1007"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"where": {"colour": "red"}}, "no field 'colour'"),
        ({"where": {"major": "five"}}, "whole number"),
        (
            {"since": datetime(2026, 2, 1, tzinfo=UTC), "until": datetime(2026, 1, 1, tzinfo=UTC)},
            "before it begins",
        ),
    ],
)
def test_wrong_conditions_are_refused_before_anything_is_sent(
    client: Client, platform: Platform, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        list(client.access_events.events(DOOR, **arguments))
    assert not control.statistics(platform.state)["requests"]


def test_the_stand_in_answers_in_the_form_of_the_guide(platform: Platform) -> None:
    condition = {"searchID": "a", "searchResultPosition": 0, "maxResults": 5, "picEnable": True}
    message = json.dumps({"AcsEventCond": {**condition, "major": 5, "minor": 75}}).encode()
    answer = platform.client().device.isapi(
        "POST", "/ISAPI/AccessControl/AcsEvent?format=json", DOOR, content=message
    )
    assert answer.body.startswith(b"--MIME_boundary\r\nContent-Type: application/json\r\n")
    parts = split_multipart(answer.body, answer.headers["Content-Type"])
    assert [part.content_type for part in parts] == ["application/json"] + ["image/jpeg"] * 5


# The command


def test_events_are_listed_on_the_clock_of_the_site(hpcli: Runner, platform: Platform) -> None:
    shown = hpcli(
        *("access", "events", DOOR, "--since", "1h", "--newest-first", "--limit", "3"),
        environment=platform.environment,
    )
    assert shown.lines[0].split("\t")[:4] == ["TIME", "EVENT", "DOOR", "NAME"]
    newest = next(platform.client().access_events.events(DOOR, newest_first=True))
    assert newest["time"].endswith("+09:00")
    times = [datetime.fromisoformat(line.split("\t")[0]) for line in shown.lines[1:]]
    assert len(times) == 3
    assert times == sorted(times, reverse=True)
    in_utc = hpcli(
        *("access", "events", DOOR, "--since", "1h", "--newest-first", "--limit", "3", "--utc"),
        environment=platform.environment,
    )
    assert in_utc.lines[1] != shown.lines[1]


def test_pictures_are_saved_privately_and_only_those_shown(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    run = hpcli(
        *("access", "events", DOOR, "--minor", "Face accepted", "--newest-first", "--limit", "2"),
        *("--pictures", str(folder), "-o", "ndjson"),
        environment=platform.environment,
    )
    named = [Path(path) for row in run.rows for path in row["pictures"]]
    assert sorted(named) == sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(named) == 2
    assert all(path.suffix == ".jpg" and path.stat().st_mode & 0o077 == 0 for path in named)
    assert {row["minor"] for row in run.rows} == {75}


def test_conditions_are_checked_by_name(hpcli: Runner, platform: Platform) -> None:
    wrong = hpcli(
        "access", "events", DOOR, "--where", "nme=x", "-o", "json", environment=platform.environment
    )
    assert (wrong.exit_code, "name" in wrong.error["message"]) == (2, True)
    twice = hpcli(
        "access",
        "events",
        DOOR,
        "--employee",
        "1",
        "--where",
        "employeeNoString=2",
        environment=platform.environment,
    )
    assert twice.exit_code == 2
    unknown = hpcli("access", "events", DOOR, "--minor", "Elephant", environment=platform.environment)
    assert (unknown.exit_code, SEARCH in control.statistics(platform.state)["requests"]) == (2, False)


def test_users_are_listed(hpcli: Runner, platform: Platform) -> None:
    run = hpcli("access", "users", DOOR, "--search", "Berg", "--limit", "2", environment=platform.environment)
    assert [line.split("\t")[:3] for line in run.lines] == [
        ["EMPLOYEE", "NAME", "TYPE"],
        ["1002", "Berg Anna 1", "Person"],
        ["1009", "Berg Anna 2", "Person"],
    ]


def test_a_device_without_doors_refuses(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli("access", "users", "Q10254783", "-o", "json", environment=platform.environment)
    assert (refused.exit_code, refused.error["code"]) == (8, "0x40000001")
