"""Streams, variables, clock and end of the process are touched where a run is put together, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import parse

PACKAGE = Path(__file__).parents[2] / "hpcli"
OF_THE_PROCESS = {
    ("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr"), ("sys", "argv"), ("sys", "exit"),
    ("os", "environ"), ("os", "getenv"), ("os", "putenv"), ("os", "chdir"), ("os", "umask"), ("os", "_exit"),
    ("time", "sleep"), ("typer", "echo"), ("locale", "setlocale"), ("signal", "signal"),
}  # fmt: skip
FUNCTIONS = {"print", "input", "exit", "quit"}
MAY = {
    "__main__.py",  # the entry
    "completion/__init__.py",  # the other entry: answers a shell
    "cli.py sys.argv",  # where no arguments are given
    "run/context.py",  # the run's defaults
    "run/signals.py signal.signal",  # puts handlers back when it ends
    "run/job.py signal.signal",  # a change of many stops between two targets
    "run/signals.py os._exit",  # where dying by a signal does not end the process
    "client/transport.py time.sleep", "client/call_limit.py time.sleep", "local/locks.py time.sleep",
    "run/account.py time.sleep",  # defaults
    "client/connections.py os.environ",  # which authorities to trust, by the names that requests knows
}  # fmt: skip


def uses(path: Path) -> Iterator[str]:
    """Yield what a module uses of the process, as `module.name`."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in OF_THE_PROCESS:
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            yield node.func.id
        elif isinstance(node, ast.ImportFrom):
            yield from (
                f"{node.module}.{a.name}" for a in node.names if (node.module, a.name) in OF_THE_PROCESS
            )


def test_only_the_entry_and_the_run_touch_the_process() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), name) for path in PACKAGE.rglob("*.py") for name in uses(path)
    }
    assert sorted(f"{file} {name}" for file, name in found if not {file, f"{file} {name}"} & MAY) == []


def test_the_list_of_exceptions_names_no_file_that_is_gone() -> None:
    assert [place for place in MAY if not (PACKAGE / place.split()[0]).is_file()] == []


def test_a_use_is_found_however_it_is_imported(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("import os\nfrom time import sleep\nprint(os.environ)\n")
    assert sorted(uses(module)) == ["os.environ", "print", "time.sleep"]
