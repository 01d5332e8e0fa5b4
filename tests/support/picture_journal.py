"""Alarms with pictures on a server of this computer, and workers that fetch them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpcli.alarms.clock import Clock
from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.event.event import Picture
from hpcli.alarms.journal.batches import keep_batch
from hpcli.alarms.journal.queries import read_page
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.pictures.saver import PictureSaver
from hpcli.alarms.pictures.workers import PictureWorkers
from tests.soak.stage import wait_until
from tests.support.alarm_messages import RECEIVED
from tests.support.picture_server import Handler, Server, url_of

DEVICE = "Q03110476"
NOW = round(RECEIVED.timestamp() * 1000)


def answers(body: bytes) -> Callable[[Handler], None]:
    """Return an answer of the server: a picture."""
    return lambda handler: handler.answer(200, body)


def keep_alarm(journal: Journal, *urls: str, device: str = DEVICE, priority: str = "normal") -> int:
    """Keep an alarm with pictures at addresses, and return its number."""
    body = {"eventType": "Linkage", "pictureList": [{"url": url} for url in urls]}
    message = {"deviceSerial": device, "alarmData": json.dumps(body)}
    row = make_rows(message, Receipt(RECEIVED))[0]
    kept = journal.write(lambda db: keep_batch(db, None, [row], now=NOW, wants_pictures=True))
    journal.write(lambda db: db.execute("UPDATE entry SET priority=? WHERE seq=?", (priority, kept.last)))
    return int(kept.last)


def pictures(journal: Journal) -> list[Picture]:
    """Return the pictures of all events, as they are printed."""
    entries = journal.read(lambda db: read_page(db, 0, with_media=False))[0]
    return [picture for entry in entries for picture in entry.pictures]


def states(journal: Journal) -> list[str]:
    return [picture["state"] for picture in pictures(journal)]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Desk:
    """A journal, a server of pictures, and keys that may change."""

    journal: Journal
    server: Server
    folder: Path
    keys: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    links: Any = None

    def serve(self, files: Mapping[str, bytes]) -> list[str]:
        """Let the server answer with files, and return their addresses."""
        self.server.answers |= {path: answers(body) for path, body in files.items()}
        return [url_of(self.server, path) for path in files]

    def saver(self, **changes: Any) -> PictureSaver:
        return PictureSaver(
            self.folder, self.links, self.keys.get, allow_local=True, is_own_folder=True, **changes
        )

    def fetch_all(self, saver: Any = None, **changes: Any) -> None:
        """Let workers fetch until no picture is due, and end: they remove an original after it is noted."""
        earlier = set(threading.enumerate())
        with self.workers(saver, **changes):
            wait_until(lambda: not self.count_due(), "all pictures are done")
        for thread in set(threading.enumerate()) - earlier:
            if thread.name.startswith("picture "):
                thread.join()

    @contextmanager
    def workers(self, saver: Any = None, **changes: Any) -> Iterator[PictureWorkers]:
        clock = Clock(now=lambda: RECEIVED)
        workers = PictureWorkers(self.journal, saver or self.saver(), self.warnings.append, clock, **changes)
        workers.start()
        try:
            yield workers
        finally:
            workers.stop()

    def count_due(self) -> int:
        return int(
            self.journal.read(
                lambda db: db.execute("SELECT count(*) FROM picture WHERE due IS NOT NULL").fetchone()[0]
            )
        )

    @property
    def requests(self) -> list[str]:
        """What was asked of the server, in order."""
        return [path for path, _ in self.server.seen]
