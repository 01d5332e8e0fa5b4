"""A case file: events with their messages and pictures in one archive, readable by anyone and checkable by anyone."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.chain import read_head
from hpcli.alarms.journal.entries import event_of
from hpcli.alarms.pictures.files import rename_to_free_name
from hpcli.alarms.proof.exhibits import Exhibit
from hpcli.alarms.proof.report import make_report
from hpcli.parse import utc_text

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.event.sites import Devices

_BLOCK: Final = 1 << 20


def write_case_file(
    path: Path,
    exhibits: Sequence[Exhibit],
    head: tuple[int, str],
    made: datetime,
    changes: Sequence[Any],
    places: Devices | None = None,
) -> None:
    """Write the archive, which appears whole or not at all, and which only this user can read.

    Args:
        path: of the archive; it must not exist.
        exhibits: the events.
        head: number and link of the journal's last entry.
        made: when it is made.
        changes: rows of the log of changes that belong to it.
        places: knows the zones of sites and the names of devices.

    Raises:
        OSError: it cannot be written.
    """
    if os.path.lexists(path):
        raise FileExistsError
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".export.")
    try:
        with os.fdopen(number, "w+b") as file:
            _write(file, exhibits, _documents(exhibits, head, made, changes, places))
            file.flush()
            os.fsync(number)
        if not rename_to_free_name(Path(name), path):
            raise FileExistsError
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _write(file: IO[bytes], exhibits: Sequence[Exhibit], documents: Iterable[tuple[str, bytes]]) -> None:
    sums: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in documents:
            archive.writestr(name, content)
            sums[name] = hashlib.sha256(content).hexdigest()
        for exhibit in exhibits:
            for picture in exhibit.files:
                name = f"{exhibit.folder}/pictures/{picture.name}"
                sums[name] = _add_file(archive, name, picture)
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        archive.writestr("SHA256SUMS", lines)


def _documents(
    exhibits: Sequence[Exhibit],
    head: tuple[int, str],
    made: datetime,
    changes: Sequence[Any],
    places: Devices | None,
) -> Iterator[tuple[str, bytes]]:
    for exhibit in exhibits:
        folder = exhibit.folder
        yield f"{folder}/event.json", _json(event_of(exhibit.entry, redelivered=exhibit.entry.repeats > 0))
        if exhibit.entry.raw is not None:
            yield f"{folder}/message.json", exhibit.entry.raw.encode("utf-8", "backslashreplace")
        if exhibit.answer is not None:
            yield f"{folder}/answer.bin", exhibit.answer
    chained = {exhibit.entry.id: exhibit.place for exhibit in exhibits}
    yield (
        "chain.json",
        _json({"events": chained, "head": {"seq": head[0], "link": head[1]}, "made": utc_text(made)}),
    )
    yield "changes.json", _json(list(changes))
    yield "report.html", make_report(exhibits, head, made, places).encode()


def _add_file(archive: zipfile.ZipFile, name: str, file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source, archive.open(name, "w") as target:
        while block := source.read(_BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def head_of(db: sqlite3.Connection) -> tuple[int, str]:
    """Return number and link of the journal's last entry."""
    head = read_head(db)
    return head.seq, head.link.hex()
