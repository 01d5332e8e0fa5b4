"""What becomes of the pictures of a file, and of files that were begun before."""

from __future__ import annotations

import stat
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import IO

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.event.event import Picture
from hpcli.alarms.journal.batches import keep_batch
from hpcli.alarms.journal.pictures import PictureJob, note_failed, note_original, note_saved
from hpcli.alarms.journal.queries import read_page
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.pictures.saver import NoteOriginal, PictureSaver
from hpcli.sandbox import DEFAULT_DEVICE, verification_code
from hpcli.sandbox.pictures import encode_pictures
from tests.support.alarm_messages import PIC, RECEIVED
from tests.support.journal_messages import due_jobs
from tests.support.runner import Runner

NOW = 1_000_000_000_000
HOUR = 3600 * 1000
URL = PIC % (1, 1)
NAMES = ("hall.jpg", "yard.jpg", "door.jpg")


class Downloaded(PictureSaver):
    """Saves a file of three pictures of which some are damaged, instead of one from the network."""

    damaged: tuple[int, ...] = ()

    def fetch(self, url: str, sink: IO[bytes]) -> None:  # noqa: ARG002 - the address is always the same
        images = [files("hpcli.sandbox").joinpath("data", name).read_bytes() for name in NAMES]
        data = encode_pictures(images, {"kind": "several", "serial": DEFAULT_DEVICE}, "hex")
        start = 0
        for number in range(1, 4):
            size = int.from_bytes(data[start : start + 4], "big")
            if number in self.damaged:
                data = data[: start + 20] + b"0" * 32 + data[start + 52 :]
            start += 4 + size
        sink.write(data)
        sink.seek(0)


def saver(folder: Path, *damaged: int) -> PictureSaver:
    kind = type("Damaged", (Downloaded,), {"damaged": damaged})
    made: PictureSaver = kind(folder, None, verification_code)
    return made


def keep_alarm(journal: Journal) -> PictureJob:
    """Keep an alarm with one address and return its picture as it is due."""
    message = {
        "deviceSerial": DEFAULT_DEVICE,
        "alarmData": {"eventType": "Linkage", "pictureList": [{"url": URL}]},
    }
    row = make_rows(message, Receipt(RECEIVED))[0]
    journal.write(lambda db: keep_batch(db, "b", [row], now=NOW, wants_pictures=True))
    return due_picture(journal)


def due_picture(journal: Journal) -> PictureJob:
    (job,) = due_jobs(journal, NOW)
    return job


def noted(journal: Journal) -> NoteOriginal:
    """Return what records the file of the picture that is due."""
    seq = due_picture(journal).seq
    return lambda path, digest: journal.write(partial(note_original, seq=seq, path=path, digest=digest))


def pictures(journal: Journal) -> list[Picture]:
    return list(journal.read(lambda db: read_page(db, 0))[0][-1].pictures)


def test_each_picture_of_a_file_has_a_number(journal: Journal, tmp_path: Path) -> None:
    saved = saver(tmp_path / "p").save(keep_alarm(journal), noted(journal))
    assert [Path(file).stem.rpartition("_")[2] for file in saved.files] == ["1", "1-2", "1-3"]
    again = saver(tmp_path / "p").save(due_picture(journal), noted(journal))
    assert again.files == saved.files


def test_pictures_before_and_behind_a_damaged_one_are_kept_and_told(journal: Journal, tmp_path: Path) -> None:
    job = keep_alarm(journal)
    saved = saver(tmp_path / "p", 2).save(job, noted(journal))
    assert len(saved.files) == 2
    assert "Only 2" in saved.problem
    journal.write(lambda db: note_saved(db, job.seq, saved, NOW))
    assert [picture["state"] for picture in pictures(journal)] == ["saved", "saved", "locked"]
    assert [picture["file"] for picture in pictures(journal)] == [*saved.files, None]
    assert [picture["error"] for picture in pictures(journal)] == [None, None, saved.problem]


def test_missing_folders_above_the_pictures_are_private_whatever_the_umask(
    journal: Journal, tmp_path: Path
) -> None:
    saver(tmp_path / "a" / "b").save(keep_alarm(journal), noted(journal))
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_clock_that_is_set_back_keeps_no_picture_waiting(journal: Journal) -> None:
    job = keep_alarm(journal)
    journal.write(lambda db: note_failed(db, job.seq, "away", NOW, NOW + HOUR // 2))
    assert due_jobs(journal, NOW) == []
    assert len(due_jobs(journal, NOW - 24 * HOUR)) == 1


def fail_on_sandbox(hpcli: Runner, tmp_path: Path) -> dict[str, str]:
    """Let a tail on the in-process stand-in fail with a picture; return the variables that mend its key."""
    keys = tmp_path / "keys"
    keys.touch(0o600)
    keys.write_text(f"{DEFAULT_DEVICE} WRONGKEY\n", encoding="utf-8")
    environment = {"HPCLI_PROFILE": "sandbox", "HPCLI_DEVICE_KEYS_FILE": str(keys)}
    run = partial(hpcli, environment=environment)
    assert run("sandbox", "trigger", "burglary", "--picture", "device").exit_code == 0
    tail = run("alarms", "tail", "--decrypt", "--limit", "2", "-o", "ndjson")
    assert tail.rows[-1]["pictures"][0]["state"] == "locked"
    keys.write_text(f"{DEFAULT_DEVICE} {verification_code(DEFAULT_DEVICE)}\n", encoding="utf-8")
    return environment


def test_pictures_of_the_sandbox_are_fetched_in_a_later_run(hpcli: Runner, tmp_path: Path) -> None:
    environment = fail_on_sandbox(hpcli, tmp_path)
    again = hpcli("alarms", "retry-pictures", "-o", "json", environment=environment)
    assert again.exit_code == 0, again.stderr
    assert [row["state"] for row in again.json] == ["saved", "saved"]
    saved = str(tmp_path / "hall.jpg")
    assert (
        hpcli("alarms", "picture", again.json[0]["url"], "--save", saved, environment=environment).exit_code
        == 0
    )


def test_failed_pictures_can_be_saved_in_another_folder(hpcli: Runner, tmp_path: Path) -> None:
    environment = fail_on_sandbox(hpcli, tmp_path)
    blocked = tmp_path / "keys" / "pictures"
    refused = hpcli("alarms", "retry-pictures", "--pictures", str(blocked), environment=environment)
    assert refused.exit_code == 11
    assert refused.stderr.endswith("\nhint: Free some space, or choose another folder with --pictures DIR.\n")
    folder = tmp_path / "elsewhere"
    mended = hpcli(
        "alarms", "retry-pictures", "--pictures", str(folder), "-o", "ids", environment=environment
    )
    assert len(mended.lines) == 2
    assert all(Path(line).is_relative_to(folder) for line in mended.lines)
