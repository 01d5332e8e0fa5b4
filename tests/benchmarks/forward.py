"""What each output of `alarms forward` carries, compared with a bare producer of the same library.

    python -m tests.benchmarks.forward [--events 5000] [--devices 200] [--runs 3] [--only NAME]

Both send the same lines to the same counterpart on this computer, in turns, and wait for the same acknowledgements;
the target is twice the time of the bare producer at most. Both pipeline alike: MQTT 5 with quality of service 1 and a
PUBACK for each event, the bare producer with a hundred in flight; JetStream with an answer for each, a hundred at
once; Kafka with acks=all. hpcli also reads the journal, keeps the order of each device, gives each event an id in a
property or header, and stores what was acknowledged. A file is acknowledged when it is on the disk: both write and
fsync 500 lines at a time, so there the rest is all that is measured, and the target does not apply. The delay is that
of single events, from the commit in the journal to the acknowledgement (median, and the longest of a hundred), where
the output runs beside the reader.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path

from hpcli import __version__
from hpcli.alarms.forward.config import OutputConfig, read_output
from hpcli.alarms.forward.forwarder import Forwarder
from hpcli.alarms.forward.kind import Message, Sender, Setup
from hpcli.alarms.forward.outcome import Outcome
from hpcli.alarms.journal.entries import line_of
from hpcli.alarms.journal.queries import read_by_numbers
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.error_log import ErrorLog
from tests.support.brokers import mosquitto, nats_server, running
from tests.support.forward_journal import keep_alarms

SINGLE = 100
IN_FLIGHT = 100
SLOW = {"exec": 20, "sia-dc09": 5}
"""Of these every N-th event only: a process each, and a round trip each."""

Lines = Sequence[tuple[str, bytes]]
"""Device and line of each event."""

Bare = Callable[[Lines], None]


@dataclass(frozen=True)
class Case:
    """An output with its counterpart.

    Attributes:
        name: of the output.
        to: its address.
        bare: sends the lines with the library alone; None where no library has such a producer.
        library: what the bare producer uses.
        table: further keys of forward.toml.
    """

    name: str
    to: str
    bare: Bare | None
    library: str
    table: tuple[tuple[str, str], ...] = ()


def main(arguments: argparse.Namespace) -> None:
    sys.stdout.write(
        f"hpcli {__version__}, Python {platform.python_version()}, {os.cpu_count()} processors, "
        f"{arguments.events} events of {arguments.devices} devices, median of {arguments.runs} runs\n"
        f"{'output':<10}{'events/s':>10}{'bare':>10}{'ratio':>8}{'delay':>10}{'longest':>10}  beside\n"
    )
    with tempfile.TemporaryDirectory() as name:
        for make in CASES:
            if arguments.only not in (None, make.__name__.replace("_", "-")):
                continue
            folder = Path(name, make.__name__)
            folder.mkdir()
            with make(folder) as case:
                sys.stdout.write(f"{row_of(case, folder, arguments)}\n")
                sys.stdout.flush()


def row_of(case: Case, folder: Path, arguments: argparse.Namespace) -> str:
    events = arguments.events // SLOW.get(case.name, 1)
    ours: list[float] = []
    bare: list[float] = []
    for run in range(arguments.runs):
        with Journal(folder / f"journal-{run}.db") as journal:
            devices = [f"D{number % arguments.devices:05}" for number in range(events)]
            for first in range(0, events, 500):
                keep_alarms(journal, *devices[first : first + 500], batch=f"b{first}")
            ours.append(time_of(drain, case, journal))
            if case.bare is not None:
                bare.append(time_of(case.bare, lines_of(journal, events)))
    delays = delays_of(case, folder)
    seconds = statistics.median(ours)
    least = statistics.median(bare) if bare else None
    return (
        f"{case.name:<10}{events / seconds:>10.0f}{events / least if least else 0:>10.0f}"
        f"{seconds / least if least else 0:>8.2f}{statistics.median(delays) * 1000:>7.1f} ms"
        f"{max(delays) * 1000:>7.0f} ms  {case.library}"
    )


def time_of(work: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def config_of(case: Case) -> OutputConfig:
    return replace(read_output("out", {"to": [case.to], **dict(case.table)}), origin="beginning")


def drain(case: Case, journal: Journal) -> None:
    """Send the whole journal as `alarms forward run` does."""
    forwarder = Forwarder(config_of(case), journal, ErrorLog(complain, time.monotonic), is_once=True)
    forwarder.start()
    forwarder.ended.wait()
    forwarder.stop()
    forwarder.join()


def complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def lines_of(journal: Journal, count: int) -> Lines:
    entries = journal.read(lambda db: read_by_numbers(db, list(range(1, count + 1))))
    return [(str(entry.device), line_of(entry, redelivered=False).rstrip("\n").encode()) for entry in entries]


@dataclass
class Watched:
    """A sender that tells when something was acknowledged."""

    sender: Sender
    acknowledged: threading.Event

    def send(self, batch: Sequence[Message]) -> Outcome:
        outcome = self.sender.send(batch)
        if all(outcome.of(index).kind == "done" for index in range(len(batch))):
            self.acknowledged.set()
        return outcome

    def idle(self) -> float | None:
        return self.sender.idle()

    def close(self) -> None:
        self.sender.close()


def delays_of(case: Case, folder: Path) -> list[float]:
    """The seconds from the commit of an event to its acknowledgement."""
    acknowledged = threading.Event()
    config = config_of(case)

    def made(setup: Setup) -> Watched:
        return Watched(config.kind.open(setup), acknowledged)

    found: list[float] = []
    with Journal(folder / "single.db") as journal:
        forwarder = Forwarder(
            replace(config, kind=replace(config.kind, open=made)), journal, ErrorLog(complain, time.monotonic)
        )
        forwarder.start()
        for number in range(SINGLE):
            keep_alarms(journal, "D00001", batch=f"s{number}")
            start = time.perf_counter()
            journal.tell()  # as the reader does after each commit
            acknowledged.wait()
            found.append(time.perf_counter() - start)
            acknowledged.clear()
        forwarder.stop()
        forwarder.join()
    return found[1:]  # the first one connects


@contextmanager
def file(folder: Path) -> Iterator[Case]:
    """Lines in a file, on the disk."""

    def bare(lines: Lines) -> None:
        with (folder / "bare").open("ab", buffering=0) as to:
            for first in range(0, len(lines), 500):
                to.write(b"".join(line + b"\n" for _device, line in lines[first : first + 500]))
                os.fsync(to.fileno())

    yield Case("file", f"file:{folder}/log", bare, "write and fsync of 500")


@contextmanager
def exec(folder: Path) -> Iterator[Case]:  # noqa: A001 - the name of the output
    """A process for each event."""
    words = ["/bin/sh", "-c", f"cat >> {folder}/taken"]

    def bare(lines: Lines) -> None:
        for _device, line in lines:
            subprocess.run(words, input=line, check=True)

    yield Case("exec", f"exec:{shlex.join(words)}", bare, "subprocess.run, one by one")


class Handler(BaseHTTPRequestHandler):
    """Takes everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def https(_folder: Path) -> Iterator[Case]:
    """A POST for each event."""
    import requests

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/hook"

        def bare(lines: Lines) -> None:
            with requests.Session() as session:
                for _device, line in lines:
                    session.post(url, data=line, timeout=30).raise_for_status()

        yield Case("https", url, bare, f"requests {version('requests')}, one by one")
        server.shutdown()


@contextmanager
def sia_dc09(_folder: Path) -> Iterator[Case]:
    """A frame for each event to pysiaalarm."""
    from pysiaalarm.account import SIAAccount
    from pysiaalarm.sync.client import SIAClient
    from pysiaalarm.utils.enums import CommunicationsProtocol

    client = SIAClient("127.0.0.1", 0, [SIAAccount("1409")], lambda _event: None, CommunicationsProtocol.TCP)
    client.start(poll_interval=0.01)
    port = client.sia_server.server_address[1]
    yield Case(
        "sia-dc09", f"sia-dc09://127.0.0.1:{port}?default-account=1409", None, "no library sends DC-09"
    )
    client.stop()


@contextmanager
def mqtt(folder: Path) -> Iterator[Case]:
    """MQTT 5, quality of service 1, to mosquitto."""
    from paho.mqtt import client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    lines = "allow_anonymous true", "max_inflight_messages 0", "set_tcp_nodelay true"
    with running(mosquitto(folder, *lines)) as broker:

        def bare(lines: Lines) -> None:
            client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
            client.max_inflight_messages_set(IN_FLIGHT)
            client.connect("127.0.0.1", broker.port)
            client.loop_start()
            sent = [client.publish(f"bare/{device}", line, qos=1) for device, line in lines]
            for one in sent:
                one.wait_for_publish()
            client.disconnect()
            client.loop_stop()

        to = f"mqtt://127.0.0.1:{broker.port}/alarms/{{device}}"
        yield Case("mqtt", to, bare, f"paho-mqtt {version('paho-mqtt')}, {IN_FLIGHT} in flight")


@contextmanager
def nats(folder: Path) -> Iterator[Case]:
    """JetStream on a disk."""
    from nats import connect

    with running(nats_server(folder)) as server:
        url = f"nats://127.0.0.1:{server.port}"

        async def add() -> None:
            client = await connect(url)
            await client.jetstream().add_stream(name="ALARMS", subjects=["ALARMS.>"])
            await client.close()

        async def send(lines: Lines) -> None:
            client = await connect(url)
            stream = client.jetstream()
            for first in range(0, len(lines), IN_FLIGHT):
                await asyncio.gather(
                    *(
                        stream.publish(f"ALARMS.bare.{device}", line)
                        for device, line in lines[first : first + IN_FLIGHT]
                    )
                )
            await client.close()

        asyncio.run(add())
        yield Case(
            "nats",
            f"{url}/ALARMS.{{device}}",
            lambda lines: asyncio.run(send(lines)),
            f"nats-py {version('nats-py')}, {IN_FLIGHT} at once",
        )


@contextmanager
def kafka(_folder: Path) -> Iterator[Case]:
    """librdkafka's mock cluster, in this process."""
    from confluent_kafka import Producer

    owner = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    (broker,) = owner.list_topics(timeout=20).brokers.values()
    at = f"{broker.host}:{broker.port}"

    def bare(lines: Lines) -> None:
        producer = Producer({"bootstrap.servers": at, "enable.idempotence": True, "linger.ms": 0})
        for device, line in lines:
            producer.produce("bare", line, key=device.encode())
            producer.poll(0)
        producer.flush()

    yield Case(
        "kafka", f"kafka://{at}/alarms", bare, f"confluent-kafka {version('confluent-kafka')}, all at once"
    )
    del owner


CASES = (file, exec, https, sia_dc09, mqtt, nats, kafka)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only")
    main(parser.parse_args())
