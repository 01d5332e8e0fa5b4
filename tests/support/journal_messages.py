"""Messages and batches for tests of the journal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.journal.batches import Kept, keep_batch, note_confirmed
from hpcli.alarms.journal.entries import Entry, event_of
from hpcli.alarms.journal.pictures import PictureJob, due_pictures, find_jobs
from hpcli.alarms.journal.queries import Filter, read_page
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.writer import Journal

NOW = datetime(2026, 11, 22, 14, 31, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
PICTURE = "https://pictures.example/v3/alarms/pic/get?fileId=%s&isEncrypted=0"


def alarm(zone: int = 1, **more: Any) -> dict[str, Any]:
    event = {"code": 1103, "zone": zone - 1, "zoneV30": zone, "partitionNo": "1", "evttype": "11"}
    body = {"eventType": "cidEvent", "triggerTime": "2026-11-22T15:30:12", "CIDEvent": event} | more.pop(
        "body", {}
    )
    return {"formatType": "JSON", "deviceSerial": "Q10254783", "alarmData": json.dumps(body), **more}


def linkage(relation: str, *names: str) -> dict[str, Any]:
    body = {
        "eventType": "Linkage",
        "relationId": relation,
        "pictureList": [{"id": name, "url": PICTURE % name} for name in names],
    }
    return {"formatType": "JSON", "deviceSerial": "Q10254783", "alarmData": json.dumps(body)}


def keep(
    journal: Journal,
    batch: str | None,
    *messages: dict[str, Any],
    received: datetime = NOW,
    wants_pictures: bool = False,
) -> Kept:
    rows = [make_rows(message, Receipt(received))[0] for message in messages]
    now = round(received.timestamp() * 1000)
    return journal.write(lambda db: keep_batch(db, batch, rows, now=now, wants_pictures=wants_pictures))


def due_jobs(journal: Journal, now: int) -> list[PictureJob]:
    """Return the pictures that are due, the longest first."""
    return journal.read(lambda db: find_jobs(db, [one.seq for one in due_pictures(db, now)]))


def confirm(journal: Journal, batch: str) -> None:
    journal.write(lambda db: note_confirmed(db, batch))


def entries(journal: Journal, **filters: Any) -> list[Entry]:
    return journal.read(lambda db: read_page(db, 0, wanted=Filter(**filters)))[0]


def events(journal: Journal) -> list[dict[str, Any]]:
    return [event_of(entry, redelivered=False) for entry in entries(journal)]
