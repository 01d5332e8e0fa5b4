"""Brokers that nobody here wrote, started for a test: mosquitto and nats-server, from Debian."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


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
