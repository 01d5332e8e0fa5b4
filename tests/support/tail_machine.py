"""A tail as a machine of its own: a process with its own state directory, whose output and notices are files."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support.forked import Forked
from tests.support.platform_server import Platform, lift_call_limit
from tests.support.tree import ROOT


class TailMachine:
    """A tail as a process; started by `start`, killed at the end by `kill`."""

    module = "hpcli.__main__"
    """Whose `main` the process runs; forked, as no test is about how an interpreter starts."""
    note = ""
    """The file in the account's folder that has the state for `alarms status`."""

    def __init__(self, folder: Path, platform: Platform, *options: str) -> None:
        folder.mkdir()
        self.folder, self.printed, self.options = folder, folder / "out", options
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HPCLI_")},
            **platform.environment,
            **lift_call_limit(folder / "config"),
            "HPCLI_STATE_DIR": str(folder / "state"),
            "HPCLI_CACHE_DIR": str(folder / "cache"),
        }
        self.start()

    def start(self) -> None:
        with self.printed.open("ab") as out, (self.folder / "err").open("ab") as err:
            self.process = Forked(
                ["alarms", "tail", *self.options, "-o", "ndjson"],
                module=self.module,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def state(self) -> str | None:
        """What `alarms status` would show."""
        found = list((self.folder / "state").glob(f"alarms/*/{self.note}"))
        return json.loads(found[0].read_text())["state"] if found else None

    @property
    def lines(self) -> list[dict[str, Any]]:
        lines = self.printed.read_text(encoding="utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines if line]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["type"] != "reader"]

    @property
    def ids(self) -> set[str]:
        return {event["id"] for event in self.events}

    @property
    def marked(self) -> set[str]:
        return {event["id"] for event in self.events if event["redelivered"]}

    @property
    def unmarked_repeats(self) -> list[str]:
        ids = [event["id"] for event in self.events]
        return [
            event["id"]
            for place, event in enumerate(self.events)
            if event["id"] in ids[:place] and not event["redelivered"]
        ]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
