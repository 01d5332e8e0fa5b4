"""A case file: events with their messages and pictures in one archive, readable by anyone and checkable by anyone."""

from __future__ import annotations

import hashlib
import html
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.clock import moment_of
from hpcli.alarms.journal.chain import read_head
from hpcli.alarms.journal.entries import Entry, event_of
from hpcli.alarms.journal.event_names import find_numbers
from hpcli.alarms.journal.queries import read_numbered
from hpcli.alarms.journal.renewal import NOTHING, Knowledge
from hpcli.parse import utc_text

if TYPE_CHECKING:
    import sqlite3

_BLOCK: Final = 1 << 20
_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;margin:2em;max-width:60em}table{border-collapse:collapse}"
    "td,th{border:1px solid #999;padding:.3em .6em;text-align:left;vertical-align:top}img{max-width:30em}"
    "code{overflow-wrap:anywhere}"
)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One event of a case file.

    Attributes:
        entry: as the journal has it.
        place: its place in the chain: {seq, link, digest, received}; link None where it is older than the chain.
        answer: the answer of the queue that brought it, where it could only be read leniently.
        files: its pictures and originals.
    """

    entry: Entry
    place: dict[str, Any]
    answer: bytes | None
    files: tuple[Path, ...]


def find_exhibits(
    db: sqlite3.Connection, ids: Sequence[str], folder: Path, known: Knowledge = NOTHING
) -> list[Exhibit]:
    """Return the events of a case.

    Args:
        db: a connection, inside a transaction.
        ids: of the events, or other names of `journal.event_names`.
        folder: of the journal, which its relative picture paths belong to.
        known: what entries of older journals, and codes of the user's own table, are decoded with.

    Raises:
        NotFoundError: the journal has no such event.
        UsageError: several have an id that begins so.
    """
    return [_exhibit(db, seq, folder, known) for seq in find_numbers(db, ids)]


def _exhibit(db: sqlite3.Connection, seq: int, folder: Path, known: Knowledge) -> Exhibit:
    import zlib

    entry = read_numbered(db, seq, known)
    digest, link, received, batch = db.execute(
        "SELECT digest, link, received, batch FROM entry WHERE seq=?", (entry.seq,)
    ).fetchone()
    body = db.execute("SELECT body FROM batch_body WHERE batch=? AND body IS NOT NULL", (batch,)).fetchone()
    names = [str(picture["file"]) for picture in entry.pictures if picture.get("file")]
    files = [folder / name for name in names]
    originals = [Path(picture["original"]) for picture in entry.pictures if picture["original"]]
    place = {
        "seq": entry.seq,
        "received": received,
        "digest": None if digest is None else digest.hex(),
        "link": None if link is None else link.hex(),
    }
    found = tuple(path for path in dict.fromkeys([*files, *originals]) if path.is_file())
    return Exhibit(entry, place, None if body is None else zlib.decompress(body[0]), found)


def write_case_file(
    path: Path, exhibits: Sequence[Exhibit], head: tuple[int, str], made: str, changes: Sequence[Any]
) -> None:
    """Write the archive.

    Args:
        path: of the archive; it must not exist.
        exhibits: the events.
        head: number and link of the journal's last entry.
        made: when it is made, ISO 8601.
        changes: rows of the log of changes that belong to it.

    Raises:
        OSError: it cannot be written.
    """
    sums: dict[str, str] = {}
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _documents(exhibits, head, made, changes):
            archive.writestr(name, content)
            sums[name] = hashlib.sha256(content).hexdigest()
        for exhibit in exhibits:
            for file in exhibit.files:
                name = f"{_folder(exhibit)}/pictures/{file.name}"
                sums[name] = _add_file(archive, name, file)
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        archive.writestr("SHA256SUMS", lines)


def _documents(
    exhibits: Sequence[Exhibit], head: tuple[int, str], made: str, changes: Sequence[Any]
) -> Iterator[tuple[str, bytes]]:
    for exhibit in exhibits:
        folder = _folder(exhibit)
        yield f"{folder}/event.json", _json(event_of(exhibit.entry, redelivered=exhibit.entry.repeats > 0))
        if exhibit.entry.raw is not None:
            yield f"{folder}/message.json", exhibit.entry.raw.encode("utf-8", "backslashreplace")
        if exhibit.answer is not None:
            yield f"{folder}/answer.bin", exhibit.answer
    places = {exhibit.entry.id: exhibit.place for exhibit in exhibits}
    yield "chain.json", _json({"events": places, "head": {"seq": head[0], "link": head[1]}, "made": made})
    yield "changes.json", _json(list(changes))
    yield "report.html", _report(exhibits, head, made).encode()


def _add_file(archive: zipfile.ZipFile, name: str, file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source, archive.open(name, "w") as target:
        while block := source.read(_BLOCK):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _folder(exhibit: Exhibit) -> str:
    """Return the folder of an event: its id, which the platform chose, in safe characters."""
    safe = "".join(
        character if character.isalnum() or character in "-_" else "_" for character in exhibit.entry.id
    )
    return f"events/{safe[:100] or exhibit.entry.seq}"


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _report(exhibits: Sequence[Exhibit], head: tuple[int, str], made: str) -> str:
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Alarm report</title>",
        f"<style>{_STYLE}</style><h1>Alarm report</h1><p>Made {html.escape(made)}. ",
        "<code>SHA256SUMS</code> has the digest of every file beside this one, <code>chain.json</code> the place of ",
        f"each event in the journal, which ends with entry {head[0]} <code>{head[1]}</code>.</p>",
    ]
    for exhibit in exhibits:
        parts += _section(exhibit)
    return "".join(parts) + "</html>\n"


def _section(exhibit: Exhibit) -> Iterator[str]:
    event = event_of(exhibit.entry, redelivered=exhibit.entry.repeats > 0, with_raw=False)
    yield f"<h2>{html.escape(str(event['text']))}</h2><table>"
    shown: dict[str, Any] = {
        key: value for key, value in event.items() if value not in (None, [], {}) and key != "pictures"
    }
    for name, value in shown.items():
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
        yield f"<tr><th>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>"
    yield f"<tr><th>message SHA-256</th><td><code>{exhibit.place['digest'] or 'not kept'}</code></td></tr></table>"
    for file in exhibit.files:
        link = html.escape(f"{_folder(exhibit)}/pictures/{file.name}", quote=True)
        is_picture = file.suffix.lower() in (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")
        yield f"<p><img src='{link}' alt=''></p>" if is_picture else f"<p><a href='{link}'>{link}</a></p>"


def head_of(db: sqlite3.Connection) -> tuple[int, str]:
    """Return number and link of the journal's last entry."""
    head = read_head(db)
    return head.seq, head.link.hex()


def day_of(exhibit: Exhibit) -> str:
    """Return the day of an event, for the log of changes."""
    return utc_text(moment_of(exhibit.entry.happened))[:10]
