"""Brokers that nobody here wrote, for tests: mosquitto and nats-server from Debian, librdkafka's mock cluster."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from confluent_kafka import Producer


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def program(name: str) -> str:
    """The path of a server, which Debian keeps out of a user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    assert found is not None, f"{name} is not installed; tests/run installs it"
    return found


@dataclass
class Broker:
    """A server as a process, that can be killed and started again at its port."""

    command: Sequence[str]
    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 10).close()
            except ConnectionRefusedError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.01)  # nothing else tells that it listens
            else:
                return

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@contextmanager
def running(broker: Broker) -> Iterator[Broker]:
    """A broker for the time of a test."""
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def one_a_module(make: Callable[[Path], Broker]) -> Any:
    """A fixture: one broker for all tests of a module, which `make` returns for a folder."""

    @pytest.fixture(scope="module")
    def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
        with running(make(tmp_path_factory.mktemp("broker"))) as started:
            yield started

    return broker


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that only who is given it trusts, and its key."""
    certificate, key = folder / "certificate", folder / "key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def mosquitto(folder: Path, *lines: str, port: int | None = None) -> Broker:
    """A mosquitto with a configuration; without lines it takes anybody."""
    port = port or free_port()
    config = folder / "mosquitto.conf"
    rest = lines or ("allow_anonymous true",)
    config.write_text("\n".join([f"listener {port} 127.0.0.1", "user root", *rest, ""]))
    return Broker([program("mosquitto"), "-c", str(config)], port, folder)


def nats_server(folder: Path, *arguments: str) -> Broker:
    """A nats-server with JetStream."""
    port = free_port()
    command = [
        program("nats-server"),
        "-a",
        "127.0.0.1",
        "-p",
        str(port),
        "-js",
        "-sd",
        str(folder / "store"),
    ]
    return Broker([*command, *arguments], port, folder)


class KafkaCluster:
    """Mock brokers of librdkafka, which live as long as the producer that makes them."""

    def __init__(self) -> None:
        from confluent_kafka import Producer

        self.owner: Producer | None = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        (broker,) = self.owner.list_topics(timeout=20).brokers.values()
        self.at = f"{broker.host}:{broker.port}"

    def read(self, topic: str, count: int) -> list[Any]:
        """The first messages of a topic: those of each partition are in its order."""
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer({"bootstrap.servers": self.at, "group.id": "test", "log_level": 0})
        partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        found: list[Any] = []
        while len(found) < count:
            found += [one for one in consumer.consume(count, timeout=0.2) if one.error() is None]
        consumer.close()
        return found


def one_cluster_a_module() -> Any:
    """A fixture: one cluster for all tests of a module."""

    @pytest.fixture(scope="module")
    def cluster() -> Iterator[KafkaCluster]:
        made = KafkaCluster()
        yield made
        made.owner = None

    return cluster
