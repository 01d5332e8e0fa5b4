"""Persons: adding, changing, deleting, importing, copying from devices."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hpcli.client import Client
from hpcli.client.person.person import LARGEST_PHOTO, Person
from hpcli.errors import (
    ConflictError,
    DeviceError,
    DeviceOfflineError,
    HpcliError,
    NotFoundError,
    TimeLimitError,
    UsageError,
)
from hpcli.local.person_book import PersonBook
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run

if TYPE_CHECKING:
    from hpcli.api.rows.person.sync import SyncProgress

DOOR, OTHER_DOOR, RECORDER = "C94115305", "C94116001", "Q10254801"
JPEG = files("hpcli.sandbox").joinpath("data", "door.jpg").read_bytes()


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "person")


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.configure(task_seconds=0)
    return platform.client()


def requests(platform: Platform) -> dict[str, int]:
    counted = control.statistics(platform.state)["requests"]
    return {name.rpartition("/v1/")[2]: n for name, n in counted.items() if "token" not in name}


def person(number: str = "P1", **more: Any) -> Person:
    return Person(number, "Weber", "Jan", 0, **more)


class TestAdd:
    def test_the_request_is_the_guides(self, run: Run, tmp_path: Path) -> None:
        photo = tmp_path / "jan.jpg"
        photo.write_bytes(JPEG)
        plan = run(
            "add", "--employee-no", "P1", "--family-name", "Weber", "--given-name", "Jan", "--type", "visitor",
            "--email", "jan@example.org", "--phone", "+49 89 1", "--card", "0012", "--photo", str(photo),
            "--dry-run", "-o", "json",
        ).json  # fmt: skip
        assert plan[0]["body"] == {
            "employeeNo": "P1",
            "type": 2,
            "familyName": "Weber",
            "givenName": "Jan",
            "email": "jan@example.org",
            "phone": "+49 89 1",
            "facePicture": f"<JPEG, {len(JPEG)} bytes, base64>",
            "cardNo": "0012",
        }

    def test_the_new_id_is_printed(self, run: Run, client: Client) -> None:
        result = run("add", "--employee-no", "P1", "--family-name", "Weber", "--given-name", "Jan")
        (person_id,) = result.lines
        assert result.stderr == f"Added P1 as {person_id}.\n"
        client.person.update(person_id, Person(phone="1"))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (Person("P-1", "W", "J", 0), "employee number 'P-1'"),
            (Person("P" * 33, "W", "J", 0), "employee number"),
            (Person("P1", "W" * 33, "J", 0), "family name has 33 characters; at most 32"),
            (Person("P1", "W", " ", 0), "given name is empty"),
            (Person("P1", "W", "J", 7), "no person type 7"),
            (Person("P1", "W", "J", 0, "e" * 129), "at most 128"),
            (Person("P1", "W", "J", 0, None, "1" * 33), "phone number has 33"),
            (Person("P1", "W", "J", 0, card_no="12a"), "card number '12a'"),
            (Person("P1", "W", "J", 0, card_no="1" * 21), "card number"),
            (Person("P1", "W", "J", 0, photo=b"\x89PNG"), "not a JPEG"),
            (Person("P1", "W", "J", 0, photo=b"\xff\xd8\xff" + bytes(LARGEST_PHOTO)), "at most 200 KB"),
            (Person("P1", None, "J", 0), "family name is missing"),
        ],
    )
    def test_bad_values_are_told_and_not_sent(self, platform: Platform, given: Person, said: str) -> None:
        with pytest.raises(UsageError) as caught:
            platform.client().person.add(given)
        assert said in str(caught.value)
        assert requests(platform) == {}

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ((), "error: --employee-no, --family-name and --given-name are missing.\n"),
            (("--family-name", "Weber"), "error: --employee-no and --given-name are missing.\n"),
            (("--employee-no", "1", "--family-name", "Weber"), "error: --given-name is missing.\n"),
        ],
    )
    def test_all_that_is_missing_is_told_at_once(self, run: Run, given: tuple[str, ...], said: str) -> None:
        result = run("add", *given)
        assert (result.exit_code, said in result.stderr, "--from FILE" in result.stderr) == (2, True, True)

    def test_the_help_tells_what_is_needed(self, run: Run) -> None:
        assert run("add", "--help").stdout.count("Required") == 3
        assert "Required" not in run("update", "--help").stdout

    def test_the_largest_photo_fits(self, client: Client) -> None:
        assert client.person.add(person(photo=JPEG + bytes(LARGEST_PHOTO - len(JPEG))))

    def test_an_unknown_type_names_the_types(self, run: Run) -> None:
        result = run("add", "--employee-no", "1", "--family-name", "a", "--given-name", "b", "--type", "boss")
        assert (result.exit_code, "--type: 'boss'" in result.stderr, "visitor" in result.stderr) == (
            2,
            True,
            True,
        )


class TestUpdateAndDelete:
    def test_only_what_is_given_is_sent(self, run: Run) -> None:
        plan = run("update", "abc", "--card", "77", "--dry-run", "-o", "json").json
        assert plan[0]["body"] == {"personId": "abc", "cardNo": "77"}

    def test_nothing_to_change_is_told(self, run: Run) -> None:
        assert run("update", "abc").exit_code == 2

    def test_an_unknown_person_is_not_found(self, run: Run) -> None:
        for command in (("update", "abc", "--phone", "1"), ("delete", "abc", "--yes")):
            result = run(*command)
            assert (result.exit_code, "There is no person abc. (LAP000003)" in result.stderr) == (4, True)

    def test_deleting_one_that_is_gone_already_is_done(self, run: Run, client: Client) -> None:
        person_id = client.person.add(person())
        client.person.delete([person_id])
        result = run("delete", person_id, "--yes")
        assert (result.exit_code, result.stderr) == (0, f"{person_id} was already gone.\n")

    def test_deleting_says_that_devices_keep_the_person(self, run: Run, client: Client) -> None:
        person_id = client.person.add(person())
        result = run("delete", person_id)
        assert (result.exit_code, "devices keep them" in result.stderr) == (2, True)
        result = run("delete", person_id, "--yes")
        assert (result.exit_code, "not from devices" in result.stderr) == (0, True)

    def test_revoke_takes_them_off_devices_first(self, run: Run, client: Client) -> None:
        person_id = client.person.add(person())
        client.access.grant([DOOR], [person_id])
        plans = run("delete", person_id, "--revoke", DOOR, "--dry-run", "-o", "json").json
        assert [plan["url"].rpartition("/v1/")[2] for plan in plans] == [
            "acs/privilege/delete",
            "person/delete",
        ]
        assert plans[1]["body"] == {"personIds": [person_id]}
        assert run("delete", person_id, "--revoke", DOOR, "--yes").exit_code == 0
        assert client.access.status([person_id]) == []
        with pytest.raises(NotFoundError):
            client.person.update(person_id, Person(phone="1"))

    def test_a_person_that_cannot_be_taken_off_is_not_deleted(self, run: Run, client: Client) -> None:
        person_id = client.person.add(person())
        assert run("delete", person_id, "--revoke", RECORDER, "--yes").exit_code == 8
        client.person.update(person_id, Person(phone="1"))


class TestImport:
    def test_it_takes_photos_and_may_be_run_again(
        self, run: Run, client: Client, platform: Platform, tmp_path: Path
    ) -> None:
        (tmp_path / "P2.jpg").write_bytes(JPEG)
        file = tmp_path / "persons.csv"
        file.write_text(
            "\ufeffemployeeNo,familyName,givenName,type,card,photo\n"
            'P1,"Weber, von",Jan,visitor,12,\nP2,Sato,Mei,,,\nP3,Ng,Li,1,,P2.jpg\n',
            encoding="utf-8",
        )
        arguments = ("add", "--from", str(file), "--photos", str(tmp_path))
        plans = run(*arguments, "--dry-run", "-o", "json").json
        assert [("facePicture" in plan["body"], plan["body"]["type"]) for plan in plans] == [
            (False, 2),
            (True, 0),
            (True, 1),
        ]
        first = run(*arguments)
        assert first.exit_code == 0, first.stderr
        assert first.stderr.splitlines()[0] == f"+ line 2: P1 was added as {first.lines[0]}."
        again = run(*arguments, "-o", "json")
        assert [(row["data"]["outcome"], row["data"]["personId"]) for row in again.json] == [
            ("already there", person_id) for person_id in first.lines
        ]
        assert requests(platform) == {"person/add": 3}
        client.person.delete([first.lines[0]])
        third = run(*arguments, "--check", "-o", "json")
        assert [row["data"]["outcome"] for row in third.json] == ["added", "already there", "already there"]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("employee-no,family-name\n1,2\n", "The column given-name is missing."),
            ("employee-no,family-name,given-name,card\n1,a,b,12x\n", "Line 2: The card number '12x'"),
            (
                "employee-no,family-name,given-name\n1,a,b\n1,c,d\n",
                "Line 3: employee-no 1 is already in line 2.",
            ),
            ("employee-no,family-name,given-name,type\n1,a,b,boss\n", "Line 2:"),
            ("employee-no,family-name,given-name,photo\n1,a,b,x.jpg\n", "--photos"),
            ('employee-no,family-name,given-name\n1,"a,b\n', "Line 2 is not valid CSV"),
            (
                "employee-no,family-name,given-name,card\n1,a,b,x\n2,a,b,1\n3,a,b,y\n",
                "Line 4: The card number 'y'",
            ),
        ],
    )
    def test_the_whole_file_is_checked_first(
        self, run: Run, platform: Platform, text: str, said: str
    ) -> None:
        result = run("add", "--from", "-", stdin=text)
        assert (result.exit_code, said in result.stderr, requests(platform)) == (2, True, {}), result.stderr

    def test_a_photo_that_is_missing_is_refused_by_its_line(
        self, run: Run, platform: Platform, tmp_path: Path
    ) -> None:
        rows = "employee-no,family-name,given-name\n1,a,b\n2,c,d\n"
        (tmp_path / "1.jpg").write_bytes(JPEG)
        result = run("add", "--from", "-", "--photos", str(tmp_path), stdin=rows)
        assert (result.exit_code, requests(platform)) == (2, {})
        assert "Line 3: There is no photo of 2" in result.stderr
        one = ("add", "--employee-no", "1", "--family-name", "a", "--given-name", "b")
        alone = run(*one, "--photo", str(tmp_path / "no.jpg"))
        assert (alone.exit_code, requests(platform)) == (11, {})

    def test_a_photo_that_is_none_is_told_by_its_line(
        self, run: Run, platform: Platform, tmp_path: Path
    ) -> None:
        (tmp_path / "1.jpg").write_bytes(b"\x89PNG")
        result = run(
            "add",
            "--from",
            "-",
            "--photos",
            str(tmp_path),
            stdin="employee-no,family-name,given-name\n1,a,b\n",
        )
        assert (
            result.exit_code,
            "Line 2: The photo is not a JPEG." in result.stderr,
            requests(platform),
        ) == (
            2,
            True,
            {},
        )


class TestBook:
    def test_it_keeps_forgets_and_moves(self, tmp_path: Path) -> None:
        book = PersonBook(tmp_path / "persons" / "a.json")
        assert book.find("1") is None
        book.note("1", "id1")
        book.note("2", "id2")
        book.move("id1", "9")
        book.forget("id2")
        assert (book.find("1"), book.find("2"), book.find("9")) == (None, None, "id1")
        assert book.path.stat().st_mode & 0o077 == 0

    def test_a_broken_book_says_what_to_do(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        path.write_text("{")
        with pytest.raises(HpcliError, match="cannot be read"):
            PersonBook(path).find("1")


class TestSync:
    def test_a_task_is_started_followed_and_told(self, run: Run, platform: Platform) -> None:
        platform.configure(task_seconds=0)
        plan = run("sync", "start", DOOR, "10001,10012", "--dry-run", "-o", "json").json
        assert plan[0]["body"] == {"deviceSerial": DOOR, "employeeNoList": ["10001", "10012"]}
        result = run("sync", "start", DOOR, "10001,10012", "--wait")
        assert (result.exit_code, "1 of 2 persons were not copied." in result.stderr) == (9, True)
        (task,) = result.lines
        assert run("sync", "progress", task, "--no-header").lines == ["Succeeded\t2\t1\t1"]
        rows = run("sync", "details", task, "-o", "json").json
        assert [(row["outcome"], row["employeeNo"]) for row in rows] == [
            ("failed", "10012"),
            ("succeeded", "10001"),
        ]
        failed = run(
            "sync",
            "details",
            task,
            "--failed",
            "--fields",
            "outcome,employeeNo,subStatus,errorCode",
            "-o",
            "json",
        ).json
        assert failed == [
            {"outcome": "failed", "employeeNo": "10012", "subStatus": 11, "errorCode": "LAP020047"}
        ]

    def test_the_parts_follow_the_worked_example(self, run: Run, client: Client) -> None:
        task = client.person.sync.start(DOOR, ["10012"])
        row = run("sync", "details", task, "--no-header").lines[0]
        assert "person, card, fingerprint (11)" in row
        assert "(LAP020047)" in row

    def test_one_task_a_device_at_a_time(self, platform: Platform, client: Client) -> None:
        platform.configure(task_seconds=600)
        task = client.person.sync.start(DOOR)
        with pytest.raises(ConflictError, match="LAP030069"):
            client.person.sync.start(DOOR)
        client.person.sync.start(OTHER_DOOR)
        assert client.person.sync.progress(task)["taskStates"] == 2
        with pytest.raises(TimeLimitError):
            client.person.sync.wait(task, limit=0)

    def test_progress_is_told(self, platform: Platform, client: Client) -> None:
        platform.configure(task_seconds=1)
        states: list[SyncProgress] = []
        client.person.sync.wait(client.person.sync.start(DOOR), progress=states.append)
        copied = [state["syncSucceedNum"] for state in states]
        assert copied == sorted(copied)
        assert (states[0]["taskStates"], states[-1]["taskStates"], copied[-1]) == (2, 1, 11)

    def test_copied_persons_can_be_let_in(self, client: Client) -> None:
        task = client.person.sync.start(DOOR)
        (row,) = list(client.person.sync.details(task, "succeeded", limit=1))
        client.access.grant([OTHER_DOOR], [row["personId"]])

    def test_a_device_without_doors_or_away_is_refused(self, platform: Platform, client: Client) -> None:
        with pytest.raises(DeviceError):
            client.person.sync.start(RECORDER)
        control.trigger(platform.state, "device-offline", device=DOOR)
        with pytest.raises(DeviceOfflineError):
            client.person.sync.start(DOOR)


def test_a_number_known_from_here_is_named_used_and_compared(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("employee-no,family-name,given-name\nP1,Weber,Jan\n")
    person_id = run("add", "--from", str(file)).stdout.strip()
    again = run("add", "--from", str(file))
    assert "line 2: P1 is already there, unchanged." in again.stderr
    file.write_text("employee-no,family-name,given-name\nP1,Weber,Jana\n")
    assert f"but the row differs: `hpcli person update {person_id}`" in run("add", "--from", str(file)).stderr
    taken = run("add", "--employee-no", "P1", "--family-name", "A", "--given-name", "B")
    assert (taken.exit_code, f"is already taken by person {person_id}" in taken.stderr) == (1, True)
    assert run("update", "P1", "--phone", "1").stderr.startswith(f"Changed {person_id}")
    folder = run("add", "--from", str(file), "--photos", str(tmp_path / "none"))
    assert "There is no folder" in folder.stderr
