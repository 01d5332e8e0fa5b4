"""Prove that forwarding loses nothing: kill -9 of the forwarder, of the other side, or of both, at random instants.

    python -m tests.soak.forwarding --seconds 60 --seed 1

Meanwhile alarms of several devices come into the journal. In the end every event arrived at least once, the first
arrivals of each device are in the order of the journal, repeats have the id of before, and the dead letters are
exactly what the other side refused.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpcli.alarms.journal.deliveries import DEAD, read_marks, read_place
from hpcli.alarms.journal.folder import make_account_folder
from hpcli.alarms.journal.pictures import last_seq
from hpcli.alarms.journal.writer import Journal
from hpcli.auth.account import Account
from hpcli.sandbox import APP_KEY, SECRET_KEY
from tests.soak.stage import Stage, wait_until
from tests.soak.webhook_receiver import REFUSED_ZONE
from tests.support.forked import Forked
from tests.support.journal_messages import alarm, keep

_BASE_URL = "http://127.0.0.1:9"
_DEVICES = [f"Q{number}" for number in range(8)]
_OUTPUT = "hook"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Forwarding:
    """A journal that fills, a forwarder and a receiver.

    Args:
        folder: an empty one.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    _zones: int = 0

    @property
    def account(self) -> Path:
        return self.folder / "state" / "alarms" / Account(_BASE_URL, APP_KEY).id

    @property
    def arrived(self) -> Path:
        return self.folder / "arrived.ndjson"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("HPCLI_")}
        return kept | {
            "HPCLI_BASE_URL": _BASE_URL,
            "HPCLI_APP_KEY": APP_KEY,
            "HPCLI_SECRET_KEY": SECRET_KEY,
            "HPCLI_STATE_DIR": str(self.folder / "state"),
            "HPCLI_CONFIG_DIR": str(self.folder / "config"),
            "HPCLI_CACHE_DIR": str(self.folder / "cache"),
            "HOME": str(self.folder),
        }

    def prepare(self) -> None:
        """Declare the output, and make the folder of the journal."""
        config = self.folder / "config"
        config.mkdir(mode=0o700, parents=True)
        to = f"http://127.0.0.1:{self.port}/"
        (config / "forward.toml").write_text(
            f'[output.{_OUTPUT}]\nto = ["{to}"]\nfrom = "beginning"\ntimeout = "5s"\n'
        )
        (config / "forward.toml").chmod(0o600)
        (self.folder / "state" / "alarms").mkdir(mode=0o700, parents=True)
        make_account_folder(self.account)

    def start_forwarder(self) -> subprocess.Popen[Any]:
        arguments = ("alarms", "forward", "run")
        with (self.folder / "errors.txt").open("ab") as errors:
            streams: dict[str, Any] = {
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.DEVNULL,
                "stderr": errors,
            }
            if Stage.starts_python:
                return subprocess.Popen(
                    [sys.executable, "-m", "hpcli", *arguments], env=self.environment, **streams
                )
            return Forked(arguments, env=self.environment, **streams)

    def start_receiver(self) -> subprocess.Popen[Any]:
        program = Path(__file__).with_name("webhook_receiver.py")
        return subprocess.Popen([sys.executable, "-S", str(program), str(self.port), str(self.arrived)])

    def fill(self, journal: Journal, rng: random.Random) -> None:
        """Store some alarms, as the reader does; few are of the zone that is refused."""
        messages = []
        for _ in range(rng.randint(1, 12)):
            self._zones += 1
            zone = REFUSED_ZONE if self._zones % 40 == 0 else self._zones % 12 + 1
            messages.append(alarm(zone, deviceSerial=rng.choice(_DEVICES), body={"number": self._zones}))
        keep(journal, f"batch {self._zones}", *messages)


def kill_at_random(folder: Path, rng: random.Random, *, seconds: float) -> str:
    """Kill forwarder and receiver for some seconds, let them end their work, and check; return figures."""
    run = Forwarding(folder)
    run.prepare()
    with Journal(run.account / "journal.db") as journal:
        over = threading.Event()
        filling = threading.Thread(target=_fill, args=(run, journal, rng, over))
        filling.start()
        try:
            kills = _kill(run, rng, seconds)
        finally:
            over.set()
            filling.join()
        forwarder, receiver = run.start_forwarder(), run.start_receiver()
        try:
            wait_until(lambda: _is_done(journal), "all is settled")
        finally:
            forwarder.terminate()
            receiver.kill()
            forwarder.wait()
            receiver.wait()
        figures = check(run, journal)
        return f"{kills['forwarder']} kills of the forwarder, {kills['receiver']} of the receiver: {figures}"


def _fill(run: Forwarding, journal: Journal, rng: random.Random, over: threading.Event) -> None:
    own = random.Random(rng.random())
    while not over.wait(own.expovariate(20)):
        run.fill(journal, own)


def _kill(run: Forwarding, rng: random.Random, seconds: float) -> Counter[str]:
    kills: Counter[str] = Counter()
    starts = {"forwarder": run.start_forwarder, "receiver": run.start_receiver}
    processes = {name: start() for name, start in starts.items()}
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            time.sleep(
                rng.uniform(0.0, 2.0 if Stage.starts_python else 0.5)
            )  # between two kills, at any instant of what they do
            for name in rng.choice((["forwarder"], ["receiver"], ["forwarder", "receiver"])):
                processes[name].kill()
                processes[name].wait()
                kills[name] += 1
                processes[name] = starts[name]()
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
    return kills


def _is_done(journal: Journal) -> bool:
    place = journal.read(lambda db: read_place(db, _OUTPUT))
    return place is not None and place.position >= journal.read(last_seq)


def check(run: Forwarding, journal: Journal) -> str:
    """Compare what arrived with the journal; return figures.

    Raises:
        AssertionError: an event is missing, out of order, or wrongly a dead letter.
    """
    arrived = [json.loads(line) for line in run.arrived.read_text(encoding="utf-8").splitlines()]
    stored = journal.read(lambda db: db.execute("SELECT id, device FROM entry ORDER BY seq").fetchall())
    refused = {one["id"] for one in arrived if one["refused"]}
    dead = {mark.seq for mark in journal.read(lambda db: read_marks(db, _OUTPUT, DEAD))}
    ids = [one[0] for one in stored]
    assert {one["id"] for one in arrived} == set(ids), "an event is missing"
    assert {ids[seq - 1] for seq in dead} == refused, "dead letters are not what was refused"
    assert all(one["webhook"] == one["id"] for one in arrived), "a repeat has another id"
    for device in _DEVICES:
        first = list(dict.fromkeys(one["id"] for one in arrived if one["device"] == device))
        assert first == [mark for mark, owner in stored if owner == device], f"{device} is out of order"
    seen: set[str] = set()
    for one in arrived:
        assert one["id"] not in seen or one["redelivered"], "a repeat is not marked"
        seen.add(one["id"])
    return f"{len(ids)} events, {len(arrived) - len(ids)} repeats, {len(dead)} dead letters of {len(refused)} refused"


def main() -> None:
    """Run once and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="forwarding-") as folder:
        figures = kill_at_random(Path(folder), random.Random(given.seed), seconds=given.seconds)
    sys.stdout.write(f"{figures}\n")


if __name__ == "__main__":
    main()
