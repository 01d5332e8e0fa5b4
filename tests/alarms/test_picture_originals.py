"""A file is kept as it came until its picture is whole; a picture without its key is locked, not lost."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.journal.pictures import find_jobs, locked_devices, locked_pictures
from hpcli.alarms.journal.retention import remove_pictures
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.pictures.locked import open_locked
from hpcli.alarms.pictures.orphans import remove_orphans
from hpcli.client.fetch import LinkExpiredError
from tests.soak.stage import wait_until
from tests.support.encrypted_pictures import CHECKSUM, DEVICE_KEY, JPEG, TIME, by_device, by_platform, frame
from tests.support.picture_journal import DEVICE, NOW, Desk, digest, keep_alarm, pictures, states
from tests.support.picture_server import serve
from tests.support.transports import answering, client_of

KEY = DEVICE_KEY.decode()
LOCKED = by_device(JPEG)
LINK_AS_TEXT = Path(__file__).parent / "data/queue/picture-link-as-text.json"


@pytest.fixture
def desk(journal: Journal, tmp_path: Path) -> Iterator[Desk]:
    for server in serve():
        yield Desk(journal, server, tmp_path / "pictures")


def fetch(desk: Desk, body: bytes, address: str = "/p?isEncrypted=1", **changes: Any) -> None:
    """Fetch a picture of an alarm."""
    keep_alarm(desk.journal, *desk.serve({address: body}))
    desk.fetch_all(desk.saver(**changes))


def files_in(folder: Path) -> list[str]:
    return sorted(path.name.rpartition("_")[2] for path in folder.rglob("*") if path.is_file())


def set_key(desk: Desk, key: str) -> int:
    """Store a key and open what waits for it."""
    desk.keys[DEVICE] = key
    return open_locked(desk.journal, desk.saver(), desk.journal.read(locked_pictures), NOW)


@pytest.mark.parametrize("keys", [{}, {DEVICE: "wrong"}], ids=["no key", "wrong key"])
def test_a_picture_without_its_key_is_locked_and_its_file_kept_as_it_came(
    desk: Desk, keys: dict[str, str]
) -> None:
    desk.keys.update(keys)
    fetch(desk, LOCKED)
    (picture,) = pictures(desk.journal)
    assert (picture["state"], picture["file"], picture["sha256"]) == ("locked", None, None)
    original = Path(picture["original"] or "")
    assert original.name.endswith("_1.enc")
    assert original.read_bytes() == LOCKED
    assert stat.S_IMODE(original.stat().st_mode) == 0o600
    assert picture["originalSha256"] == digest(LOCKED)
    wait_until(  # the worker tells after it has noted
        lambda: any(f"device-key set {DEVICE}" in warning for warning in desk.warnings),
        "the key is asked for",
    )


def test_the_right_key_opens_what_waited_without_another_download(desk: Desk) -> None:
    fetch(desk, LOCKED)
    assert set_key(desk, "still wrong") == 0
    assert states(desk.journal) == ["locked"]
    assert set_key(desk, KEY) == 1
    (picture,) = pictures(desk.journal)
    assert picture["state"] == "saved"
    assert Path(picture["file"] or "").read_bytes() == JPEG
    assert (picture["sha256"], picture["originalSha256"]) == (digest(JPEG), digest(LOCKED))
    assert picture["original"] is None
    assert files_in(desk.folder) == ["1.jpg"]
    assert len(desk.requests) == 1


def test_a_tail_opens_at_its_start_what_a_new_key_fits(desk: Desk) -> None:
    fetch(desk, LOCKED)
    desk.keys[DEVICE] = KEY
    with desk.workers():
        wait_until(lambda: states(desk.journal) == ["saved"], "it is opened")
    assert len(desk.requests) == 1


def test_the_devices_with_locked_pictures_are_listed(desk: Desk) -> None:
    fetch(desk, LOCKED)
    (row,) = desk.journal.read(locked_devices)
    assert (row["device"], row["pictures"]) == (DEVICE, 1)
    set_key(desk, KEY)
    assert desk.journal.read(locked_devices) == []


def test_the_original_goes_when_the_picture_is_whole_unless_it_is_wanted(desk: Desk) -> None:
    desk.keys[DEVICE] = KEY
    fetch(desk, LOCKED)
    assert files_in(desk.folder) == ["1.jpg"]
    fetch(desk, LOCKED, "/q?isEncrypted=1", keeps_originals=True)
    kept = pictures(desk.journal)[1]
    assert Path(kept["original"] or "").read_bytes() == LOCKED
    assert (kept["sha256"], kept["originalSha256"]) == (digest(JPEG), digest(LOCKED))
    assert files_in(desk.folder) == ["1.enc", "1.jpg", "1.jpg"]


def test_the_original_of_a_picture_that_is_not_whole_stays(desk: Desk) -> None:
    desk.keys[DEVICE] = KEY
    fetch(desk, LOCKED[:-100])
    (picture,) = pictures(desk.journal)
    assert picture["state"] == "saved"
    assert Path(picture["original"] or "").read_bytes() == LOCKED[:-100]


def test_a_plain_picture_is_its_own_original(desk: Desk) -> None:
    fetch(desk, JPEG, "/p", keeps_originals=True)
    (picture,) = pictures(desk.journal)
    assert (picture["sha256"], picture["originalSha256"]) == (digest(JPEG), digest(JPEG))
    assert files_in(desk.folder) == ["1.jpg"]


def test_the_file_of_a_platform_picture_that_no_form_opens_stays(desk: Desk) -> None:
    body = by_platform(JPEG, b"0123456789abcdef")
    fetch(desk, body, f"/p?isEncrypted=2&checksum={CHECKSUM}&alarmTime={TIME}")
    (picture,) = pictures(desk.journal)
    assert picture["state"] == "failed"
    assert "No known form" in (picture["error"] or "")
    assert Path(picture["original"] or "").read_bytes() == body


def test_the_checksum_itself_may_be_the_platforms_key(desk: Desk) -> None:
    body = by_platform(JPEG, bytes.fromhex(CHECKSUM))
    fetch(desk, body, f"/p?isEncrypted=2&checksum={CHECKSUM}")
    (picture,) = pictures(desk.journal)
    assert Path(picture["file"] or "").read_bytes() == JPEG


def test_a_file_of_which_one_picture_is_locked_opens_whole_with_its_key(desk: Desk) -> None:
    other = JPEG + b"other"
    parts = [by_device(JPEG), by_device(other, b"another"), by_device(JPEG + b"third")]
    body = b"".join(frame(part, "big", counts_itself=False) for part in parts)
    desk.keys[DEVICE] = KEY
    fetch(desk, body, "/p?isEncrypted=1&isDevVideo=1")
    assert states(desk.journal) == ["saved", "saved", "locked"]
    assert set_key(desk, "another") == 0  # it opens one instead of two: nothing is given up for that
    assert states(desk.journal) == ["saved", "saved", "locked"]
    assert files_in(desk.folder) == ["1-2.jpg", "1.enc", "1.jpg"]


def test_an_original_that_was_changed_is_not_believed(desk: Desk) -> None:
    fetch(desk, LOCKED)
    Path(pictures(desk.journal)[0]["original"] or "").write_bytes(by_device(b"forged"))
    assert set_key(desk, KEY) == 0
    assert states(desk.journal) == ["locked"]


class Links:
    """Exchanges paths for links, each of which works or not."""

    def __init__(self, *links: str) -> None:
        self.links = list(links)
        self.asked = 0

    def picture_url(self, file_path: str) -> dict[str, Any]:
        assert file_path.startswith("ISAPI_FILES")
        self.asked += 1
        return {"pictureUrl": self.links.pop(0)}


@pytest.mark.parametrize("status", [403, 404])
def test_a_link_that_is_refused_is_asked_for_once_more(desk: Desk, status: int) -> None:
    good = desk.serve({"/good": JPEG})
    stale = desk.serve({"/stale": b""})
    desk.server.answers["/stale"] = lambda handler: handler.answer(status)
    desk.links = Links(*stale, *good)
    keep_alarm(desk.journal, f"ISAPI_FILES/{DEVICE}_1/a$encrypt=0,{TIME},{CHECKSUM}")
    desk.fetch_all()
    assert states(desk.journal) == ["saved"]
    assert (desk.links.asked, desk.requests) == (2, ["/stale", "/good"])


def test_a_link_that_is_refused_twice_is_given_up(desk: Desk) -> None:
    stale = desk.serve({"/stale": b""})
    desk.server.answers["/stale"] = lambda handler: handler.answer(404)
    keep_alarm(desk.journal, *stale)
    desk.fetch_all()
    (picture,) = pictures(desk.journal)
    assert picture["state"] == "failed"
    assert desk.requests == ["/stale", "/stale"]
    assert not issubclass(LinkExpiredError, OSError)


@pytest.mark.parametrize("name", ["text", "object"])
def test_a_link_may_arrive_as_a_text(desk: Desk, name: str) -> None:
    (link,) = desk.serve({"/linked": JPEG})
    answer = LINK_AS_TEXT.read_bytes().replace(b"https://pictures.example/a.jpg", link.encode())
    if name == "object":
        answer = json.dumps({"data": {"pictureUrl": link}, "errorCode": "0"}).encode()
    assert link.encode() in answer
    with answering(answer) as host:
        desk.links = client_of(host).alarms
        keep_alarm(desk.journal, f"ISAPI_FILES/{DEVICE}_1/a$encrypt=0,{TIME},{CHECKSUM}")
        desk.fetch_all()
    assert states(desk.journal) == ["saved"]


def test_an_original_that_a_kill_left_beside_its_picture_is_removed_at_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.keys[DEVICE] = KEY
    with monkeypatch.context() as patch:
        patch.setattr("hpcli.alarms.pictures.workers.remove_superseded", lambda _saved: None)
        fetch(desk, LOCKED)
    (day,) = desk.folder.iterdir()
    (orphan,) = day.glob("*.enc")
    others = [
        day / "notes.enc",
        orphan.with_stem(f"{orphan.stem[:-1]}7"),
        orphan.with_stem(f"{orphan.stem}-2"),
    ]
    for other in others:
        other.write_bytes(LOCKED if other.stem.endswith("7") else b"of somebody else")
    with desk.workers():
        wait_until(lambda: not orphan.exists(), "it is removed")
    assert all(other.exists() for other in others)
    assert states(desk.journal) == ["saved"]


def test_an_original_whose_picture_is_gone_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.keys[DEVICE] = KEY
    monkeypatch.setattr("hpcli.alarms.pictures.workers.remove_superseded", lambda _saved: None)
    fetch(desk, LOCKED)
    Path(pictures(desk.journal)[0]["file"] or "").unlink()
    remove_orphans(desk.journal.read, desk.folder)
    assert files_in(desk.folder) == ["1.enc"]


def test_an_original_that_a_kill_left_goes_with_its_picture(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.keys[DEVICE] = KEY
    monkeypatch.setattr("hpcli.alarms.pictures.workers.remove_superseded", lambda _saved: None)
    fetch(desk, LOCKED)
    desk.journal.write(lambda db: remove_pictures(db, 1, desk.folder))
    assert files_in(desk.folder) == []


def test_a_file_that_a_kill_left_before_it_was_noted_is_opened_without_a_download(desk: Desk) -> None:
    desk.keys[DEVICE] = KEY
    (url,) = desk.serve({"/p?isEncrypted=1": LOCKED})
    entry = keep_alarm(desk.journal, url)
    (seq,) = desk.journal.read(
        lambda db: db.execute("SELECT seq FROM picture WHERE entry=?", (entry,)).fetchone()
    )
    (job,) = desk.journal.read(lambda db: find_jobs(db, [seq]))

    def die(_path: str, _digest: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.saver().save(job, die)
    desk.server.answers.clear()
    desk.fetch_all()
    assert states(desk.journal) == ["saved"]
    assert files_in(desk.folder) == ["1.jpg"]
    assert len(desk.requests) == 1
