"""docs/forwarding.md: its lines are run from top to bottom on the sandbox, and its receiver blinks."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

from hpcli.alarms.forward.loader import kinds
from hpcli.alarms.forward.rule_config import KINDS, read_rules
from tests.support.shell_command import shell_command
from tests.support.tree import ROOT

PAGE = (ROOT / "docs/forwarding.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def test_the_lines_of_the_page_make_a_receiver_blink(home: Path, tmp_path: Path) -> None:
    port = free_port()
    (receiver,) = blocks("python")
    (tmp_path / "receiver.py").write_text(receiver.replace("12301", port))
    (tmp_path / "page.sh").write_text("\n".join(blocks("sh")).replace("12301", port))
    blinking = subprocess.Popen(
        [sys.executable, "-W", "ignore", "receiver.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        with shell_command() as folder:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "page.sh"],
                cwd=tmp_path,
                env=os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        assert done.returncode == 0, done.stdout + done.stderr
        assert blinking.stdout is not None
        shown = [blinking.stdout.readline() for _ in range(2)]
    finally:
        blinking.kill()
        blinking.communicate()
    assert [line[:10] for line in shown] == ["* 1234: RX", "* 4711: BA"]
    (archive,) = tmp_path.glob("*.ndjson")
    assert '"device":"Q10254783"' in archive.read_text()


def test_the_page_has_every_output_and_every_rule() -> None:
    table = "".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    names = {kind.schemes[0] for kind in kinds().values()}
    assert {name for name in names if f"`{name}:" not in table} == set()
    rules = read_rules(tomllib.loads(blocks("toml")[0]))
    assert {rule.kind for rule in rules} == set(KINDS)
