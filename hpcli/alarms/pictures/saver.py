"""Save one picture of an alarm: link, download, decryption, file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

from hpcli.alarms.decode.picture_links import STORED, picture_facts
from hpcli.alarms.pictures.files import PictureFile, make_private_folders, new_picture, picture_path
from hpcli.errors import LocalError, PictureError

if TYPE_CHECKING:
    from hpcli.alarms.journal.pictures import PictureJob
    from hpcli.alarms.pictures.decrypt import Keys, OpenSink
    from hpcli.api.rows.alarms import PictureLink


class Links(Protocol):
    """Exchanges a path for a link: `client.alarms.AlarmCalls`."""

    def picture_url(self, file_path: str) -> PictureLink:
        """Return {pictureUrl, encrypt} of an `ISAPI_FILES…` path."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The result of saving a picture.

    Attributes:
        files: where it is; several for a file with several pictures.
        form: the interpretation of the guide that opened it, empty if it was not encrypted.
        problem: why other pictures of its file could not be saved, empty if all were saved.
    """

    files: tuple[str, ...]
    form: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PictureSaver:
    """Saves pictures.

    Args:
        folder: where they are saved.
        links: exchanges paths for links.
        key_of: returns the picture key of a device, None if it is unknown; without it files are saved as downloaded.
        allow_local: the platform itself is on this computer or in a private network.
        address_now: returns the present form of an address, for a platform that moves; None for one that stays.
    """

    folder: Path
    links: Links
    key_of: Callable[[str], str | None] | None
    allow_local: bool = False
    address_now: Callable[[str], str] | None = None

    def save(self, job: PictureJob) -> Saved:
        """Fetch a picture, decrypt it, and store it under its event's name.

        Raises:
            PictureError: it cannot be fetched or opened; `is_retryable` says whether a retry may help.
            NetworkError: the platform or the picture server cannot be reached.
            LocalError: it cannot be written.
        """
        with download_file(self.folder, "--pictures DIR") as download:
            self.fetch(job.url, download)
            files: list[PictureFile] = []

            @contextmanager
            def open_sink(number: int, extension: str) -> Iterator[PictureFile]:
                path = picture_path(
                    self.folder,
                    time=job.time,
                    serial=job.device or "",
                    event_id=job.event_id,
                    number=job.number,
                    extension=extension,
                )
                if number > 1:
                    path = path.with_stem(f"{path.stem}-{number}")
                with new_picture(path) as file:
                    files.append(file)
                    yield file

            form, problem = self._write(job, download, open_sink)
            return Saved(tuple(str(file.path.resolve()) for file in files), form, problem)

    def fetch(self, url: str, sink: IO[bytes]) -> None:
        """Download the file of an address or path. Raises as `save`."""
        from hpcli.client.fetch import fetch

        address = url
        if url.startswith(STORED):
            address = str(self.links.picture_url(url).get("pictureUrl") or "").strip()
            if not address:
                raise PictureError("The platform gave no link for this picture; it may be deleted.")
        elif self.address_now is not None:
            address = self.address_now(url)
        fetch(address, sink, allow_local=self.allow_local)
        sink.seek(0)

    def _write(self, job: PictureJob, download: IO[bytes], open_sink: OpenSink) -> tuple[str, str]:
        """Write the pictures of a file; return the form that opened them and why some are missing."""
        from hpcli.alarms.pictures.container import Source
        from hpcli.alarms.pictures.decrypt import SomePicturesError, decrypt_file

        if self.key_of is None:
            return _copy(download, open_sink), ""
        facts = picture_facts(job.message, job.url)
        keys = self._keys(job, facts.checksum, facts.times)
        try:
            written = decrypt_file(
                cast("Source", download),
                open_sink,
                keys=keys,
                holds_several=facts.holds_several,
                announced=job.encryption,
            )
        except SomePicturesError as error:
            return error.pictures[0].form, error.message
        return written[0].form, ""

    def _keys(self, job: PictureJob, checksum: str | None, times: tuple[str, ...]) -> Keys:
        from hpcli.alarms.pictures.decrypt import Keys

        serial = job.device or ""
        key = self.key_of(serial) if self.key_of is not None and serial else None
        return Keys(key.encode() if key else None, checksum, times, serial)


def _copy(download: IO[bytes], open_sink: OpenSink) -> str:
    """Save a file as downloaded, encrypted or not."""
    from hpcli.alarms.pictures.container import media_extension

    start = download.read(64)
    with open_sink(1, media_extension(start) or "bin") as file:
        file.write(memoryview(start))
        while chunk := download.read(1 << 20):
            file.write(memoryview(chunk))
    return ""


@contextmanager
def download_file(folder: Path, option: str) -> Iterator[IO[bytes]]:
    """Return an unnamed file on the disk of the pictures, so that a full disk shows before any file has a name.

    Args:
        folder: where the pictures are saved.
        option: the option for another folder, for the hint.
    """
    try:
        make_private_folders(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            yield file
    except OSError as error:
        raise LocalError(
            f"Pictures cannot be written to {folder}: {error.strerror}.",
            hint=f"Free some space, or choose another folder with {option}.",
        ) from error
