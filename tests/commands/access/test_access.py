"""Permissions at doors: granted, followed, taken back."""

from __future__ import annotations

from functools import partial

import pytest

from hpcli.client import Client
from hpcli.client.person.person import Person
from hpcli.errors import DeviceError, TimeLimitError, UsageError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

FACES, CONTROLLER, ALL_PARTS, RECORDER = "C94115305", "C94115377", "C94116001", "Q10254801"
PHOTO = b"\xff\xd8\xff" + bytes(2048)


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "access")


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.configure(task_seconds=0)
    return platform.client()


@pytest.fixture
def person(client: Client) -> str:
    return client.person.add(Person("P1", "Weber", "Jan", 0, photo=PHOTO, card_no="4711"))


def test_a_grant_names_device_and_persons(run: Run) -> None:
    plan = run("grant", FACES, "--person", "a,b", "--dry-run", "-o", "json").json
    assert plan[0]["url"].endswith("/api/hpcgw/v1/acs/privilege/config")
    assert plan[0]["body"] == {"deviceAuthorities": [{"deviceSerial": FACES, "personIdList": ["a", "b"]}]}


def test_waiting_tells_each_device_and_what_failed(run: Run, platform: Platform, person: str) -> None:
    control.trigger(platform.state, "device-offline", device=CONTROLLER)
    result = run("grant", FACES, CONTROLLER, RECORDER, "--person", person, "--wait", "--yes", "-o", "json")
    assert result.exit_code == 9
    assert [(row["target"], row["ok"], (row["error"] or {}).get("code")) for row in result.json] == [
        (FACES, True, None),
        (CONTROLLER, False, "EVZ20007"),
        (RECORDER, False, "EVZ20015"),
    ]
    assert result.json[0]["data"][0]["subStatus"] == 7


def test_status_follows_the_worked_example(run: Run, client: Client, platform: Platform, person: str) -> None:
    with seed.open_state(platform.state) as store:
        store.change("person", person, hasFingerprint=True)
    client.access.grant([FACES, CONTROLLER, ALL_PARTS], [person])
    lines = [line.split("\t")[1:] for line in run("status", person).lines[1:]]
    assert lines == [
        [FACES, "Applied", "person, card, face (7)", "fingerprint: not supported or not given", ""],
        [CONTROLLER, "Applied", "person, card (3)", "face, fingerprint: not supported or not given", ""],
        [ALL_PARTS, "Applied", "person, card, face, fingerprint (15)", "", ""],
    ]


def test_status_names_persons_that_were_added_here(run: Run, hpcli: Runner, platform: Platform) -> None:
    add = (
        "person",
        "add",
        "--employee-no",
        "4711",
        "--family-name",
        "Weber",
        "--given-name",
        "Jan",
        "-o",
        "ids",
    )
    person = hpcli(*add, environment=platform.environment).lines[0]
    assert run("status", person).stderr.startswith("4711: no access to any device")
    platform.client().access.grant([FACES], [person])
    assert run("status", "4711").lines[1].split("\t")[:2] == ["4711 Jan Weber", FACES]
    (row,) = run("status", person, "-o", "json").json
    assert (row["personId"], row["employeeNo"], row["personName"]) == (person, "4711", "Jan Weber")


def test_a_device_gets_no_card_and_no_face_of_a_person_without_them(client: Client) -> None:
    bare = client.person.add(Person("P3", "Weber", "Jan", 0))
    client.access.grant([FACES], [bare])
    assert client.access.status([bare])[0]["subStatus"] == 1
    user = next(client.access_events.users(FACES, search="P3"))
    assert (user["numOfFace"], user["numOfCard"]) == (0, 0)


def test_a_part_that_failed_is_told_with_its_reason(run: Run, client: Client) -> None:
    bad_face = client.person.add(Person("P2", "A", "B", 0, photo=b"\xff\xd8\xff\xd9", card_no="1"))
    client.access.grant([FACES], [bad_face])
    row = run("status", bad_face, "--no-header").lines[0].split("\t")
    assert row[2:5] == ["Failed", "person, card (3)", "face, fingerprint: failed"]
    assert "LAP020047" in row[5]


def test_a_person_on_no_device_has_no_row(run: Run, person: str) -> None:
    assert run("status", person, "-o", "json").json == []
    assert run("status", person).stderr.startswith(f"{person}: no access to any device, or no such person.")


def test_waiting_has_a_limit(platform: Platform, client: Client, person: str) -> None:
    platform.configure(task_seconds=600)
    client.access.grant([FACES], [person])
    assert client.access.status([person])[0]["status"] == 0
    with pytest.raises(TimeLimitError):
        client.access.wait([FACES], [person], limit=0)


def test_revoking_takes_the_person_off_and_keeps_it(run: Run, client: Client, person: str) -> None:
    client.access.grant([FACES], [person])
    assert run("revoke", FACES, "--person", person).exit_code == 2
    assert run("revoke", FACES, "--person", person, "--yes").exit_code == 0
    assert client.access.status([person]) == []
    client.person.update(person, Person(phone="1"))


def test_questions_name_persons_by_the_number_they_were_added_with(hpcli: Runner, platform: Platform) -> None:
    run = partial(hpcli, environment=platform.environment)
    for number in ("4711", "4712"):
        run("person", "add", "--employee-no", number, "--family-name", "Weber", "--given-name", "Jan")
    for arguments, question in (
        (("access", "grant", FACES, "--person", "4711"), f"Give person 4711 access to {FACES}?"),
        (
            ("access", "grant", FACES, "--person", "4711,4712"),
            f"Give 2 persons (4711, 4712) access to {FACES}?",
        ),
        (("access", "revoke", FACES, "--person", "4711"), f"Revoke the access of person 4711 to {FACES}?"),
        (("person", "delete", "4711"), "Delete person 4711 from the platform; devices keep them?"),
    ):
        assert question in run(*arguments).stderr


@pytest.mark.parametrize("verb", ["grant", "revoke"])
def test_an_unknown_person_is_named_with_what_to_do(run: Run, person: str, verb: str) -> None:
    result = run(verb, FACES, "--person", "9999", "--yes")
    assert (result.exit_code, "There is no person 9999. (LAP000003)" in result.stderr) == (4, True)
    assert "9999: not added on this computer, so give the person id" in result.stderr
    result = run(verb, FACES, "--person", f"9999,{person}", "--yes")
    assert f"At least one of 2 persons (9999, {person}) does not exist. Perhaps it is 9999." in result.stderr
    gone = run(verb, FACES, "--person", "0" * 32, "--yes")
    assert ("There is no person 000" in gone.stderr, "added on this computer" in gone.stderr) == (True, False)


def test_bad_arguments_are_told_and_not_sent(platform: Platform) -> None:
    client = platform.client()
    with pytest.raises(UsageError, match="at most 200"):
        client.access.grant([f"A{number}" for number in range(201)], ["a"])
    with pytest.raises(UsageError, match="No person id"):
        client.access.grant([FACES], [])
    with pytest.raises(UsageError):
        client.access.revoke(["A_1"], ["a"])
    assert control.statistics(platform.state)["requests"] == {}


def test_a_device_without_doors_is_refused(client: Client, person: str) -> None:
    with pytest.raises(DeviceError):
        client.access.grant([RECORDER], [person])
