"""Draws the pictures of the README: commands on the bundled stand-in, as SVG.

python -m docs.generate.pictures
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.generate.terminal_svg import draw

FOLDER = Path(__file__).resolve().parents[2] / "docs/pictures"
PICTURES = {
    "site-list": (100, ["site list --devices"]),
    "device-list": (100, ["device list --limit 14"]),
    "health-report": (100, ["health report --all --problems --limit 5"]),
    "panel-zones": (100, ["panel zones Q10254783"]),
    "alarms-tail": (130, ["alarms tail --limit 9 --for 30s"]),
}
EVENTS = (
    "burglary",
    "line-crossing",
    "device-offline",
    "door",
    "motion --count 4",
    "burglary-restored --device Q03110476",
)


def main() -> None:
    """Draw all pictures."""
    with tempfile.TemporaryDirectory() as name:
        environment = {
            **os.environ,
            "HPCLI_STATE_DIR": name, "HPCLI_CACHE_DIR": name, "HPCLI_CONFIG_DIR": name,
            "HPCLI_PROFILE": "sandbox", "TERM": "xterm-256color", "TZ": "Europe/Berlin",
        }  # fmt: skip
        environment.pop("NO_COLOR", None)
        for event in EVENTS:
            run(f"sandbox trigger {event}", environment, 100)
        for picture, (width, commands) in PICTURES.items():
            shown = "".join(f"$ hpcli {line}\n{run(line, environment, width)}" for line in commands)
            (FOLDER / f"{picture}.svg").write_text(draw(shown, width), encoding="utf-8")


def run(line: str, environment: dict[str, str], width: int) -> str:
    """Run a command on a terminal of that width; return what it showed."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hpcli", *line.split()],
        stdin=slave, stdout=slave, stderr=subprocess.DEVNULL, env={**environment, "COLUMNS": str(width)},
    )  # fmt: skip
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    if process.wait() != 0:
        raise SystemExit(f"hpcli {line} failed")
    return b"".join(parts).decode().replace("\r\n", "\n")


if __name__ == "__main__":
    main()
