"""Prove the lease on a cluster of three nats-server, with TLS and a password: kill who leads, suspend, cut off.

    python -m tests.soak.lease_cluster     # two minutes; needs nats-server and openssl

Two machines compete and the holder writes batches, while servers end. It prints how long nothing could be written, and
ends with 1 if the two ever held the lease at once, or a batch is missing from the stream.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hpcli.alarms.lease.address import read_lease_address
from hpcli.alarms.lease.broker import Broker
from hpcli.alarms.lease.lease import Lease, Times
from hpcli.alarms.lease.stream import Position, RawStream
from hpcli.client.queue_answer import Batch
from hpcli.errors import HpcliError
from tests.support.brokers import free_port, make_certificate, program

_SERVERS = 3
_PATIENCE = 120.0
_LOOK = 0.02
_REST = 8.0
"""Seconds in which a server that is back finds its place."""


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Cluster:
    """Three servers, of which each can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate, self.key = make_certificate(folder)
        (folder / "secret").write_text("word of the day\n")
        self.ports = [free_port() for _ in range(_SERVERS)]
        self.routes = [free_port() for _ in range(_SERVERS)]
        self.processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        """What `--lease` would be given."""
        hosts = ",".join(f"localhost:{port}" for port in self.ports)
        return (
            f"nats://{hosts}/leases?ca-file={self.certificate}&user=desk&secret-file={self.folder / 'secret'}"
        )

    def start(self, number: int) -> None:
        """Start a server."""
        place = self.folder / f"n{number}"
        place.mkdir(exist_ok=True)
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in self.routes)
        (place / "conf").write_text(
            f'server_name: n{number}\nlisten: "127.0.0.1:{self.ports[number]}"\n'
            f'jetstream {{ store_dir: "{place}/store" }}\n'
            f'tls {{ cert_file: "{self.certificate}", key_file: "{self.key}" }}\n'
            'authorization { users: [{ user: desk, password: "word of the day" }] }\n'
            f'cluster {{ name: c, listen: "127.0.0.1:{self.routes[number]}", routes: [{routes}] }}\n'
        )
        with (place / "log").open("ab") as log:
            self.processes[number] = subprocess.Popen(
                [program("nats-server"), "-c", str(place / "conf")], stdout=log, stderr=log
            )

    def kill(self, number: int) -> None:
        """End a server at once."""
        self.processes[number].kill()
        self.processes[number].wait()

    @contextmanager
    def running(self) -> Iterator[None]:
        """All servers for the time of a block."""
        try:
            for number in range(_SERVERS):
                self.start(number)
            yield
        finally:
            for number in self.processes:
                self.kill(number)


class Machine:
    """One that competes for the lease and can write batches."""

    def __init__(self, name: str, address: str) -> None:
        times = Times()
        self.broker = Broker(read_lease_address(address), "soak", times.ttl, 2.0)
        self.lease = Lease(self.broker, times, warn=lambda line: _tell(f"  {name}: {line}"))
        self.stream = RawStream(self.broker, name)

    def leader(self, stream: str) -> int:
        """Return the server that leads a stream."""

        async def look() -> str:
            assert self.broker.stream is not None
            cluster = (await self.broker.stream.stream_info(stream)).cluster
            return str(cluster.leader if cluster else "")

        return int(self.broker.run(look(), 10.0).removeprefix("n"))

    @property
    def server(self) -> int:
        """The port of the server it is connected to."""
        client = self.broker._client
        assert client is not None
        assert client.connected_url is not None
        return int(client.connected_url.port or 0)


class Scene:
    """Two machines, what was written, and whether both held the lease at once."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.machines = [Machine(name, cluster.address) for name in ("one", "two")]
        self.written = self.overlaps = 0
        self.over = threading.Event()

    def watch(self) -> None:
        """Look all the time whether two hold it."""
        while not self.over.wait(_LOOK):
            self.overlaps += sum(machine.lease.holds for machine in self.machines) > 1

    @property
    def holder(self) -> Machine | None:
        """The machine that holds the lease."""
        return next((machine for machine in self.machines if machine.lease.holds), None)

    def write(self) -> bool:
        """Write a batch as the holder would; return whether the stream has it."""
        holder = self.holder
        if holder is None:
            return False
        batch = Batch(f"b{self.written}", [{"deviceSerial": "Q1", "n": self.written}])
        try:
            holder.stream.publish(batch, 1000 + self.written)
        except HpcliError:
            return False
        self.written += 1
        return True

    def until(self, so: Callable[[], bool]) -> float:
        """Wait for something; return the seconds that it took."""
        began = time.monotonic()
        while not so():
            if time.monotonic() - began > _PATIENCE:
                raise SystemExit(f"nothing for {_PATIENCE:.0f} s")
            time.sleep(_LOOK)
        return time.monotonic() - began

    def lose(self, what: str, end: Callable[[], None], back: Callable[[], None]) -> None:
        """Lose servers; write again; have them back."""
        end()
        _tell(f"{what}: written again after {self.until(self.write):.1f} s")
        back()
        time.sleep(_REST)
        self.until(self.write)


def _play(scene: Scene) -> None:
    cluster, one = scene.cluster, scene.machines[0]
    bucket = "KV_leases"
    for stream in (one.broker.stream_name, bucket) * 2:
        holder = scene.holder
        assert holder is not None
        leader = holder.leader(stream)
        scene.lose(
            f"killed the leader of {stream}",
            lambda: cluster.kill(leader),  # noqa: B023 - called within this round
            lambda: cluster.start(leader),  # noqa: B023
        )
    holder = scene.holder
    assert holder is not None
    server = cluster.processes[cluster.ports.index(holder.server)]
    scene.lose(
        "suspended the server of the holder",
        lambda: server.send_signal(signal.SIGSTOP),
        lambda: server.send_signal(signal.SIGCONT),
    )
    cluster.kill(0)
    cluster.kill(1)
    _tell(f"killed two of three: nobody held it after {scene.until(lambda: scene.holder is None):.1f} s")
    cluster.start(0)
    _tell(f"one of them back: written again after {scene.until(scene.write):.1f} s")


def _count(scene: Scene) -> int:
    """Return how many batches the stream has."""
    position = Position()
    keys: set[str] = set()
    machine = scene.holder or scene.machines[0]
    while True:
        begin, frames = machine.stream.read(position)
        if not frames:
            return len(keys)
        keys |= {frame.headers["Hpcli-Key"] for frame in frames}
        position = Position(begin.created, frames[-1].seq)


def main() -> int:
    """Run it; return the exit code."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cluster = Cluster(Path(folder))
        stack.enter_context(cluster.running())
        time.sleep(_REST)
        scene = Scene(cluster)
        for machine in scene.machines:
            machine.lease.start()
            stack.callback(machine.lease.close)
        threading.Thread(target=scene.watch, daemon=True).start()
        scene.until(scene.write)
        _play(scene)
        scene.over.set()
        found = _count(scene)
    _tell(
        f"{scene.written} batches written, {found} in the stream, {scene.overlaps} moments with two holders"
    )
    return int(found < scene.written or scene.overlaps > 0)


if __name__ == "__main__":
    sys.exit(main())
