"""Messages of known identity on the stand-in's queue: what was sent is known, so what is missing shows."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hpcli.sandbox import DEFAULT_DEVICE, pictures
from hpcli.sandbox.state import alarm_queue, seed
from hpcli.sandbox.state.alarm_queue import Message
from hpcli.sandbox.state.store import Store

RECORDER = "Q10254801"
PICTURE_KINDS = ("plain", "device", "several", "platform")
_MOST_WAITING = 3000
_NAME = re.compile(r"soak-\d{7}")


def name_in(text: str) -> str | None:
    """Return the identity of the message in a text."""
    found = _NAME.search(text)
    return found[0] if found else None


@dataclass
class Feed:
    """Puts messages on the queue and counts each by its identity.

    Args:
        state: file of the stand-in.
        rng: chance.
        twins: share of messages that come twice in a row, equal byte for byte.
        pictures: share of messages that announce a picture.
        large: weight of messages of 20 kB, where 24 is that of all others.
    """

    state: Path
    rng: random.Random
    twins: float = 0.0
    pictures: float = 0.0
    large: float = 0.1
    sent: Counter[str] = field(default_factory=Counter)

    def put(self, count: int) -> None:
        """Queue so many messages, twins not counted."""
        with seed.open_state(self.state) as store, store.transaction():
            made = [one for _ in range(count) for one in self._make(store)]
            alarm_queue.enqueue(store, made, time.time())

    @property
    def waiting(self) -> int:
        """Messages that the platform does not know to be safe yet."""
        with seed.open_state(self.state) as store:
            return alarm_queue.waiting(store)

    @contextmanager
    def flowing(self, total: int, burst: int = 200) -> Iterator[threading.Event]:
        """Queue messages in bursts while the block runs; the event says that all are queued."""
        is_done, is_over = threading.Event(), threading.Event()

        def flow() -> None:
            left = total
            while left and not is_over.is_set():
                count = min(left, self.rng.randint(1, burst))
                self.put(count)
                left -= count
                while self.waiting > _MOST_WAITING and not is_over.wait(0.05):
                    continue
                is_over.wait(self.rng.uniform(0, 0.05))
            is_done.set()

        thread = threading.Thread(target=flow)
        thread.start()
        try:
            yield is_done
        finally:
            is_over.set()
            thread.join()

    def _make(self, store: Store) -> list[Message]:
        name = f"soak-{len(self.sent):07d}"
        if self.rng.random() < self.pictures:
            made = [_capture(store, name, self.rng.choice(PICTURE_KINDS))]
        else:
            made = [
                self.rng.choices((_cid, _access, _crossing, _broken, _large), (8, 4, 8, 4, self.large))[0](
                    name
                )
            ]
        made *= 2 if self.rng.random() < self.twins else 1
        self.sent[name] = len(made)
        return made


def _json(serial: str, **fields: object) -> Message:
    text = json.dumps({"deviceSerial": serial, **fields}, ensure_ascii=False, separators=(",", ":"))
    return Message(serial, "JSON", text)


def _cid(name: str) -> Message:
    event = {"code": 1103, "zoneV30": 3, "zoneName": f"PIR {name}", "partitionNo": "43", "evttype": "11"}
    return _json(DEFAULT_DEVICE, triggerTime="2026-11-22T15:30:12", eventType="cidEvent", CIDEvent=event)


def _access(name: str) -> Message:
    event = {
        "majorEventType": 5,
        "subEventType": 75,
        "doorNo": 1,
        "name": f"Łukasz \u202e{name}",
        "cardNo": "1",
    }
    return _json("F55120761", eventType="AccessControllerEvent", AccessControllerEvent=event)


def _crossing(name: str) -> Message:
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<EventNotificationAlert version="2.0"'
        f' xmlns="http://www.isapi.org/ver20/XMLSchema"><deviceSerial>{RECORDER}</deviceSerial>'
        "<channelID>2</channelID><dateTime>2026-11-22T15:30:12+01:00</dateTime>"
        f"<eventType>linedetection</eventType><channelName>{name} \u00e9</channelName></EventNotificationAlert>"
    )
    return Message(RECORDER, "XML", body)


def _large(name: str) -> Message:
    return _json(
        DEFAULT_DEVICE, eventType="cidEvent", filler="x" * 20_000, CIDEvent={"code": 1103, "zoneName": name}
    )


def _broken(name: str) -> Message:
    """Make what no parser reads; it goes as XML, since the stand-in parses what is labelled JSON."""
    return Message(RECORDER, "XML", f'{{"eventType": "cidEvent", {name} <unreadable/>\x1b[31m')


def _capture(store: Store, name: str, kind: str) -> Message:
    device = store.get("device", DEFAULT_DEVICE)
    assert device is not None
    listed = pictures.add_pictures(store, device, kind, 1, 0, time.time())
    return _json(
        DEFAULT_DEVICE, eventType="manualRep", customInfo=f"zoneName={name}|zoneV30=1", pictureList=listed
    )
