"""Save one picture of an alarm: link, download, decryption, file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

from hpcli.alarms.decode.picture_links import STORED, picture_facts
from hpcli.alarms.journal.pictures import PictureJob, Saved
from hpcli.alarms.pictures.files import (
    PictureFile,
    make_private_folders,
    new_picture,
    picture_path,
    sha256_of,
)
from hpcli.errors import HpcliError, LocalError, PictureError

if TYPE_CHECKING:
    from hpcli.alarms.pictures.container import Source
    from hpcli.alarms.pictures.decrypt import Keys, OpenSink, Picture
    from hpcli.api.rows.alarms import PictureLink

_CHUNK = 1 << 20
_OPTION = "--pictures DIR"

NoteOriginal = Callable[[str, str], None]
"""Records path and SHA-256 of a file as it was downloaded, before it is decrypted."""


class Links(Protocol):
    """Exchanges a path for a link: `client.alarms.AlarmCalls`."""

    def picture_url(self, file_path: str) -> PictureLink:
        """Return {pictureUrl, encrypt} of an `ISAPI_FILES…` path."""


@dataclass(frozen=True, slots=True)
class _Original:
    """A file as it was downloaded: its SHA-256, and where it is kept, None if the picture is the same file."""

    sha256: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class PictureSaver:
    """Saves pictures.

    Args:
        folder: where they are saved.
        links: exchanges paths for links.
        key_of: returns the picture key of a device, None if it is unknown; without it files are saved as downloaded.
        allow_local: the platform itself is on this computer or in a private network.
        address_now: returns the present form of an address, for a platform that moves; None for one that stays.
        keeps_originals: keep each file as it was downloaded, also after its pictures were decrypted.
        is_own_folder: the folder belongs to the journal, so that its files count towards the journal's size.
    """

    folder: Path
    links: Links
    key_of: Callable[[str], str | None] | None
    allow_local: bool = False
    address_now: Callable[[str], str] | None = None
    keeps_originals: bool = False
    is_own_folder: bool = False

    def save(self, job: PictureJob, note_original: NoteOriginal) -> Saved:
        """Fetch a picture unless its file is here already, decrypt it, and store it under its event's name.

        Raises:
            PictureError: it cannot be fetched; `is_retryable` says whether a retry may help.
            NetworkError: the platform or the picture server cannot be reached.
            LocalError: it cannot be written.
        """
        job = self._with_kept(job, note_original)
        earlier = self.reopen(job)
        if earlier is not None and earlier.state != "failed":
            return earlier
        try:
            with download_file(self.folder, _OPTION) as download:
                self.fetch(job.url, download)
                return self._store(job, download, note_original)
        except HpcliError:
            if earlier is None:
                raise
            return earlier

    def reopen(self, job: PictureJob) -> Saved | None:
        """Decrypt a picture whose file was kept; None if there is none, or it was changed. Fetches nothing."""
        if job.original is None:
            return None
        try:
            source = job.original.open("rb")
        except OSError:
            return None
        with source:
            _prepare(self.folder, _OPTION)
            digest = sha256_of(source)
            if digest != job.original_sum:
                return None
            return self._open(job, source, _Original(digest, job.original))

    def _with_kept(self, job: PictureJob, note_original: NoteOriginal) -> PictureJob:
        """Return a picture with the file that a killed process had stored, but not recorded."""
        path = self._path(job, "enc")
        if job.original is not None or self.key_of is None or not path.is_file():
            return job
        try:
            with path.open("rb") as file:
                digest = sha256_of(file)
        except OSError:  # nobody can open it: fetch it again
            return job
        note_original(str(path.resolve()), digest)
        return replace(job, original=path.resolve(), original_sum=digest)

    def fetch(self, url: str, sink: IO[bytes]) -> None:
        """Download the file of an address or path; ask once more for a link that is refused. Raises as `save`."""
        from hpcli.client.fetch import LinkExpiredError

        try:
            self._download(url, sink)
        except LinkExpiredError:
            sink.seek(0)
            sink.truncate()
            self._download(url, sink)
        sink.seek(0)

    def _download(self, url: str, sink: IO[bytes]) -> None:
        from hpcli.client.fetch import fetch

        address = url
        if url.startswith(STORED):
            address = str(self.links.picture_url(url).get("pictureUrl") or "").strip()
            if not address:
                raise PictureError("The platform gave no link for this picture; it may be deleted.")
        elif self.address_now is not None:
            address = self.address_now(url)
        fetch(address, sink, allow_local=self.allow_local)

    def _store(self, job: PictureJob, download: IO[bytes], note_original: NoteOriginal) -> Saved:
        digest = sha256_of(download)
        if self.key_of is None:
            return self._copy(job, download, digest)
        if _is_one_picture(download):
            return self._open(job, download, _Original(digest, None))
        with new_picture(self._path(job, "enc")) as kept:
            _copy_all(download, kept)
        note_original(str(kept.path.resolve()), digest)
        return self._open(job, download, _Original(digest, kept.path.resolve()))

    def _copy(self, job: PictureJob, download: IO[bytes], digest: str) -> Saved:
        """Save a file as downloaded, encrypted or not."""
        from hpcli.alarms.pictures.container import media_extension

        download.seek(0)
        extension = media_extension(download.read(64)) or "bin"
        with new_picture(self._path(job, extension)) as file:
            _copy_all(download, file)
        size = file.size if self.is_own_folder else 0
        return Saved((str(file.path.resolve()),), (digest,), original_sum=digest, size=size)

    def _open(self, job: PictureJob, source: IO[bytes], original: _Original) -> Saved:
        """Write the pictures of a file; the file is kept if any of them is missing or not whole."""
        from hpcli.alarms.pictures.decrypt import LockedError, SomePicturesError

        files: list[PictureFile] = []
        found: list[Picture] = []
        problem, is_locked = "", False
        try:
            found = self._decrypt(job, source, self._sink(job, files))
        except SomePicturesError as error:
            found, problem, is_locked = error.pictures, error.message, error.is_locked
        except PictureError as error:
            problem, is_locked = error.message, isinstance(error, LockedError)
        is_kept = bool(problem) or self.keeps_originals or not all(picture.is_whole for picture in found)
        paths = [file.path.resolve() for file in files]
        kept = original.path if is_kept else None
        earlier = (*job.files, *(path for path in (job.original, original.path) if path is not None))
        return Saved(
            tuple(map(str, paths)),
            tuple(file.sha256 for file in files),
            found[0].form if found else "",
            problem,
            is_locked,
            None if kept is None else str(kept),
            original.sha256,
            self._size_of(files, kept),
            tuple(path for path in dict.fromkeys(earlier) if path.resolve() not in (*paths, kept)),
        )

    def _decrypt(self, job: PictureJob, source: IO[bytes], open_sink: OpenSink) -> list[Picture]:
        from hpcli.alarms.pictures.decrypt import decrypt_file

        facts = picture_facts(job.message, job.url)
        return decrypt_file(
            cast("Source", source),
            open_sink,
            keys=self._keys(job, facts.checksum, facts.times),
            holds_several=facts.holds_several,
            announced=job.encryption,
        )

    def _sink(self, job: PictureJob, files: list[PictureFile]) -> OpenSink:
        """Return what opens the file of each picture, and adds it to `files`."""

        @contextmanager
        def open_sink(number: int, extension: str) -> Iterator[PictureFile]:
            path = self._path(job, extension)
            if number > 1:
                path = path.with_stem(f"{path.stem}-{number}")
            with new_picture(path) as file:
                yield file
            files.append(file)

        return open_sink

    def _path(self, job: PictureJob, extension: str) -> Path:
        return picture_path(
            self.folder,
            time=job.time,
            serial=job.device or "",
            event_id=job.event_id,
            number=job.number,
            extension=extension,
        )

    def _size_of(self, files: list[PictureFile], original: Path | None) -> int:
        if not self.is_own_folder:
            return 0
        return sum(file.size for file in files) + (original.stat().st_size if original is not None else 0)

    def _keys(self, job: PictureJob, checksum: str | None, times: tuple[str, ...]) -> Keys:
        from hpcli.alarms.pictures.decrypt import Keys

        serial = job.device or ""
        key = self.key_of(serial) if self.key_of is not None and serial else None
        return Keys(key.encode() if key else None, checksum, times, serial)


def _is_one_picture(download: IO[bytes]) -> bool:
    """Return whether a file is one picture that nobody encrypted: then it is its own original."""
    from hpcli.alarms.pictures.container import Span, find_pictures

    size = download.seek(0, 2)
    try:
        layout = find_pictures(cast("Source", download))
    except PictureError:
        return False
    return layout.spans == (Span(0, size, is_encrypted=False),)


def _copy_all(source: IO[bytes], target: PictureFile) -> None:
    source.seek(0)
    while chunk := source.read(_CHUNK):
        target.write(chunk)


def remove_superseded(saved: Saved) -> None:
    """Remove the files that are not needed any more; call it once the journal has recorded what is."""
    for path in saved.superseded:
        with suppress(OSError):  # somebody else removed it
            path.unlink()


@contextmanager
def download_file(folder: Path, option: str) -> Iterator[IO[bytes]]:
    """Return an unnamed file on the disk of the pictures, so that a full disk shows before any file has a name.

    Args:
        folder: where the pictures are saved.
        option: the option for another folder, for the hint.
    """
    _prepare(folder, option)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            yield file
    except OSError as error:
        raise _unwritable(folder, option, error) from error


def _prepare(folder: Path, option: str) -> None:
    try:
        make_private_folders(folder)
    except OSError as error:
        raise _unwritable(folder, option, error) from error


def _unwritable(folder: Path, option: str, error: OSError) -> LocalError:
    return LocalError(
        f"Pictures cannot be written to {folder}: {error.strerror}.",
        hint=f"Free some space, or choose another folder with {option}.",
    )
