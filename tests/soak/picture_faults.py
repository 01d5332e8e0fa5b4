"""Pictures under faults and kills: each is saved whole, none twice, and no alarm waits for one."""

from __future__ import annotations

import json
import random
import sqlite3
import stat
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from hpcli.sandbox import DEFAULT_DEVICE, verification_code
from tests.soak.feed import Feed
from tests.soak.stage import Stage, wait_until
from tests.soak.verdict import await_end, check


def fetch_pictures(folder: Path, rng: random.Random, *, messages: int, kills: int, share: float = 0.1) -> str:
    """Fetch and decrypt pictures while downloads break and the process is killed."""
    faults = {
        f"{kind}@{path}": share / 2
        for kind in ("reset", "cut", "html502", "refuse")
        for path in ("pic/get", "/pictures/", "pictureurl")
    }
    saved_to = folder / "pictures"
    options = ("--decrypt", "--pictures", str(saved_to))
    with Stage(folder, {"faults": faults, "seed": rng.randrange(10**6)}) as stage:
        keys = folder / "keys"
        keys.touch(mode=0o600)
        keys.write_text(f"{DEFAULT_DEVICE} {verification_code(DEFAULT_DEVICE)}\n")
        environment = {"HPCLI_DEVICE_KEYS_FILE": str(keys)}
        feed = Feed(stage.state, rng, twins=0.05, pictures=0.2)
        with feed.flowing(messages, burst=40) as all_queued:
            for _ in range(kills):
                process = stage.start_tail(*options, environment=environment)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=0.2 + rng.expovariate(1.5))
                assert process.poll() is None, stage.errors.read_text()[-2000:]
                process.kill()
                process.wait()
            with stage.tail(*options, environment=environment):
                all_queued.wait(600)  # the feed waits for a reader where much is queued
                feed.put(1)
                wait_until(lambda: feed.waiting == 0, "no picture holds an alarm back")
                stage.configure(faults={})
                wait_until(lambda: _due(stage.journal) == 0, "all pictures are fetched", 300)
                await_end(stage, feed)
        figures = check(stage, feed, most_warnings=10 + 10 * kills)
        return f"pictures, {kills} kills, {_check_files(stage.journal, saved_to)}: {figures}"


def _check_files(journal: Path, folder: Path) -> str:
    """Check that every picture has files of its own that are whole and private, beside nothing else."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT url, state, error, files FROM picture").fetchall()
    failed = [(url, error) for url, state, error, _ in rows if state != "saved"]
    assert not failed, f"{len(failed)} pictures failed: {failed[:3]}"
    listed: list[Path] = []
    for url, _, _, files in rows:
        names = [journal.parent / name for name in json.loads(files)]
        assert len(names) == (3 if "isDevVideo=1" in url else 1), (url, names)
        listed += names
    assert len(set(listed)) == len(listed), "two pictures share a file"
    found = {path for path in folder.rglob("*") if path.is_file()}
    assert set(listed) <= found, f"missing: {sorted(set(listed) - found)[:3]}"
    assert found <= set(listed), f"files nobody knows: {sorted(found - set(listed))[:3]}"
    assert not (leftovers := [path for path in found if path.name.startswith(".")]), leftovers[:3]
    assert all(path.read_bytes()[:2] == b"\xff\xd8" and path.suffix == ".jpg" for path in found)
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} <= {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_dir()} <= {0o700}
    return f"{len(rows)} pictures in {len(listed)} files, none else"


def _due(journal: Path) -> int:
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM picture WHERE due IS NOT NULL").fetchone()[0])
