"""Draws the pictures of the README: commands on the bundled stand-in, as SVG.

python -m docs.generate.pictures
"""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

FOLDER = Path(__file__).resolve().parents[2] / "docs/pictures"
PICTURES = {
    "site-list": (100, ["site list"]),
    "device-list": (100, ["device list --limit 14"]),
    "health-report": (100, ["health report --all --problems"]),
    "panel-zones": (100, ["panel zones Q10254783"]),
    "alarms-tail": (124, ["alarms tail --limit 6 --for 30s"]),
}
EVENTS = ("burglary", "line-crossing", "device-offline", "door", "disk-full", "arm")
THEME = TerminalTheme(
    (24, 26, 32), (220, 223, 228),
    [(24, 26, 32), (224, 108, 117), (152, 195, 121), (229, 192, 123),
     (97, 175, 239), (198, 120, 221), (86, 182, 194), (220, 223, 228)],
)  # fmt: skip


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
            draw(picture, shown, width)


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


def draw(picture: str, shown: str, width: int) -> None:
    """Write one picture."""
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown.rstrip("\n")), soft_wrap=False)
    svg = console.export_svg(title="hpcli", theme=THEME, unique_id=picture)
    (FOLDER / f"{picture}.svg").write_text(svg)


if __name__ == "__main__":
    main()
