"""What a full alarm queue costs: decoding, journal and ndjson, compared with a loop that does the least.

    python -m tests.benchmarks.alarms [MESSAGES] [RUNS]

The bare loop parses each payload with `json` or `ElementTree`, inserts the message into SQLite with the same pragmas,
one transaction a batch of 100, prints it as a line of JSON, and confirms the batch; the target is twice its time at
most. Both read with the same client, from the stand-in in a process of its own, and print to a file. Runs alternate.
The second ratio, three and a half times at most, has no network at all: both are fed the platform's answers from
memory. Memory is that of processes that do nothing else. The ratio of decrypting pictures comes from `decrypt.py`.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from hpcli.alarms.event.sites import Site
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.lines import EventLines
from hpcli.alarms.tail.pipeline import Tail
from hpcli.alarms.tail.poller import Source
from hpcli.client import Client
from hpcli.client.queue_answer import Batch
from hpcli.commands.alarms.tables import events_view
from hpcli.output import Format, Options, Printer
from hpcli.run.stderr_thread import StderrThread
from hpcli.sandbox import APP_KEY, SECRET_KEY
from hpcli.sandbox.state import alarm_queue, seed
from hpcli.stop import Stop
from tests.soak.stage import Stage

BATCH = 100
FEW, MANY = 10_000, 100_000
TARGET_OVER_HTTP = 2.0
TARGET_IN_MEMORY = 3.5
EMPTY_SECONDS = 0.05
BEGIN = datetime(2026, 11, 22, 1, 30, 12)  # noqa: DTZ001 - devices write naive local time
Message = dict[str, Any]


def main(messages: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Stage(folder / "platform") as stage:
            client = Client(APP_KEY, SECRET_KEY, stage.base_url)

            def fill_queue() -> Source:
                queue_messages(stage.state, messages)
                return client.alarms

            over_http = compare(fill_queue, messages, runs, folder / "http")
        answers = list(make_answers(messages))
        from_memory = compare(lambda: Queue(answers), messages, runs, folder / "memory")
    few, many = peak_of(FEW), peak_of(MANY)
    decrypting = [sys.executable, str(Path(__file__).with_name("decrypt.py")), "5"]
    pictures = subprocess.run(decrypting, capture_output=True, text=True, check=True).stdout
    sys.stdout.write(
        f"queue      {messages} messages in batches of {BATCH}, JSON and XML, median of {runs} runs\n"
        f"over HTTP  {over_http} (target {TARGET_OVER_HTTP:.1f})\n"
        f"in memory  {from_memory} (target {TARGET_IN_MEMORY:.1f})\n"
        f"peak RSS   {few / 1024:.1f} MiB for {FEW} messages, {many / 1024:.1f} MiB for {MANY}\n"
        f"\nPictures\n{pictures}"
    )


def compare(fill: Callable[[], Source], messages: int, runs: int, folder: Path) -> str:
    """Read a full queue by turns with the tail and with the bare loop; return their times and the ratio."""
    ours: list[float] = []
    bare: list[float] = []
    for run in range(runs):
        ours.append(time_tail(fill(), messages, folder / f"tail-{run}"))
        bare.append(time_bare_loop(fill(), messages, folder / f"bare-{run}"))
    mine, least = statistics.median(ours), statistics.median(bare)
    each = 1e6 / messages
    return f"hpcli {mine * each:.1f} µs a message, bare loop {least * each:.1f} µs, ratio {mine / least:.2f}"


def queue_messages(state: Path, count: int) -> None:
    """Fill the queue of the stand-in."""
    made = [message for answer in make_answers(count) for message in json.loads(answer)["data"]["list"]]
    with seed.open_state(state) as store:
        alarm_queue.enqueue(store, map(as_queued, made), time.time())


def as_queued(message: Message) -> alarm_queue.Message:
    data = message["alarmData"]
    body = data if isinstance(data, str) else json.dumps(data)
    return alarm_queue.Message(message["deviceSerial"], message["formatType"], body)


def make_answers(messages: int) -> Iterator[bytes]:
    """Make the answers to polls: messages as JSON objects, as JSON text and as XML, no two alike."""
    kinds = (cid_message, line_message, cid_message, access_message)
    for first in range(0, messages, BATCH):
        numbers = range(first, min(first + BATCH, messages))
        data = {
            "batchId": f"batch-{first}",
            "list": [kinds[number % len(kinds)](number) for number in numbers],
        }
        yield json.dumps({"errorCode": "0", "data": data}).encode()


def time_of(number: int) -> str:
    """Return when a message happened, naive: ten a second."""
    return (BEGIN + timedelta(seconds=number // 10)).isoformat()


def cid_message(number: int) -> Message:
    event = {
        "deviceSerial": "Q10254783",
        "triggerTime": time_of(number),
        "eventType": "cidEvent",
        "eventDescription": "CID event",
        "CIDEvent": {
            "code": 1103 if number % 2 else 3103, "description": "Instant zone alarm", "system": 1,
            "systemName": "Area 1", "zone": number % 16, "zoneV30": number % 16 + 1, "zoneName": f"Zone {number}",
            "deviceNo": 3, "ipcChannel": 0, "channelSerial": "", "partitionNo": "1", "longitude": "", "latitude": "",
            "evttype": "11",
        },
    }  # fmt: skip
    data = event if number % 4 else json.dumps(event, separators=(",", ":"))
    return {"formatType": "JSON", "deviceSerial": "Q10254783", "alarmData": data}


def access_message(number: int) -> Message:
    event = {
        "ipAddress": "192.0.2.31", "portNo": 80, "protocol": "HTTP", "channelID": 1,
        "dateTime": f"{time_of(number)}+01:00", "activePostCount": 1, "eventType": "AccessControllerEvent",
        "eventState": "active", "eventDescription": "Access Controller Event", "deviceSerial": "F55120761",
        "AccessControllerEvent": {
            "deviceName": "Door", "majorEventType": 5, "subEventType": 1, "cardNo": "0001234567", "cardType": 1,
            "name": "Łukasz Żółty", "cardReaderNo": 1, "doorNo": 1, "employeeNoString": "10000", "serialNo": number,
            "userType": "normal", "currentVerifyMode": "cardOrFace", "picEnable": False,
        },
    }  # fmt: skip
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return {"formatType": "JSON", "deviceSerial": "F55120761", "alarmData": text}


def line_message(number: int) -> Message:
    corners = "".join(
        f"<RegionCoordinates><positionX>{x}</positionX><positionY>{y}</positionY></RegionCoordinates>"
        for x, y in ((200, 300), (800, 300), (800, 900), (200, 900))
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">\n'
        "<deviceSerial>Q10254801</deviceSerial>\n<channelID>2</channelID>\n"
        f"<triggerTime>{time_of(number)}</triggerTime>\n<eventType>linedetection</eventType>\n"
        "<eventDescription>Line crossing alarm</eventDescription>\n<DetectionRegionList><DetectionRegionEntry>"
        f"<regionID>1</regionID><sensitivityLevel>50</sensitivityLevel><RegionCoordinatesList>{corners}"
        "</RegionCoordinatesList><detectionTarget>vehicle</detectionTarget></DetectionRegionEntry>"
        f"</DetectionRegionList>\n<channelName>Yard {number}</channelName>\n</EventNotificationAlert>"
    )
    return {"formatType": "XML", "deviceSerial": "Q10254801", "alarmData": text}


class Queue:
    """A platform whose queue is full, without a network.

    Args:
        answers: what it answers to polls.
    """

    def __init__(self, answers: Iterable[bytes]) -> None:
        self._answers = iter(answers)

    def poll(self) -> Batch:
        answer = next(self._answers, None)
        if answer is None:
            time.sleep(EMPTY_SECONDS)  # as a long poll of an empty queue does
            return Batch(None, [])
        data = json.loads(answer)["data"]
        return Batch(data["batchId"], data["list"])

    def confirm(self, batch_id: str) -> None:
        pass

    def subscribe(self, serials: Sequence[str] | None) -> None:
        pass


class Home:
    """Every device stands at one site."""

    site = Site("s1", "Home", "133")

    def site_of(self, serial: str) -> Site:  # noqa: ARG002 - every device is at home
        return self.site


def time_tail(source: Source, messages: int, folder: Path) -> float:
    """Return the seconds from the first poll until the last event is printed and all is confirmed."""
    folder.mkdir(parents=True)
    stop = Stop()
    with (
        (folder / "out").open("w", encoding="utf-8", newline="\n") as out,
        Journal(folder / "journal.db") as journal,
    ):
        lines = EventLines(Printer(out, Options(Format.NDJSON)), events_view(utc=False))
        tail = Tail(source, journal, lines, stop, StderrThread(fail), out, sites=Home(), limit=messages)
        started = time.perf_counter()
        tail.run()
        seconds = time.perf_counter() - started
    count = sum(1 for _ in (folder / "out").open("rb"))
    if count != messages:
        sys.exit(f"{count} of {messages} events were printed.")
    return seconds


def fail(text: str) -> None:
    sys.exit(text)


def time_bare_loop(source: Source, messages: int, folder: Path) -> float:
    folder.mkdir(parents=True)
    left = messages
    with (folder / "out").open("w", encoding="utf-8", newline="\n") as out, closing(open_bare(folder)) as db:
        started = time.perf_counter()
        while left:
            batch = source.poll()
            rows = []
            for message in batch.messages:
                parse(message["alarmData"])
                rows.append((message["deviceSerial"], json.dumps(message)))
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO message (serial, body) VALUES (?, ?)", rows)
            db.execute("COMMIT")
            out.write("".join(f"{body}\n" for _, body in rows))
            out.flush()
            source.confirm(batch.id or "")
            left -= len(rows)
        return time.perf_counter() - started


def open_bare(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE message (seq INTEGER PRIMARY KEY, serial TEXT, body TEXT)")
    return db


def parse(data: Any) -> None:
    """Parse a payload into values; one that came as an object was parsed with the answer."""
    if isinstance(data, str) and data.startswith("<"):
        ET.fromstring(data)
    elif isinstance(data, str):
        json.loads(data)


def peak_of(messages: int) -> int:
    """Return the KiB that a process of its own needs at most for a queue."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.alarms", "--peak", str(messages)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(child.stdout)


def print_peak(messages: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        time_tail(Queue(make_answers(messages)), messages, Path(name) / "tail")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    sys.stdout.write(f"{peak}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        print_peak(int(sys.argv[2]))
    else:
        given = [int(argument) for argument in sys.argv[1:]]
        main(*(given + [MANY, 5][len(given) :]))
