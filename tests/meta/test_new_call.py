"""The recipe of CONTRIBUTING.md for a new call, done in a copy of the tree: five files, a line, and it works."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.recipe import apply, read_recipe
from tests.support.tree import ROOT

FIVE_FILES = {
    "docs/openapi/customer.yaml",
    "hpcli/client/customer.py",
    "hpcli/commands/customer/invitations.py",
    "hpcli/sandbox/customer.py",
    "tests/commands/test_customer_invitations.py",
}
LINE = "hpcli/commands/customer/group.py"
UP_TO_DATE = "test_generated_files_are_what_their_sources_say"
MADE = "test_a_command_and_a_method_of_the_client_make_the_call_as_the_document_has_it"
CALL = "siteCustomerInvitationList"
# What Python compiled goes along, but for what other processes are writing at the moment.
LEFT_OUT = (".git", ".venv", ".*_cache", "*.pyc.*", "dist", "build")


def contents(folder: Path) -> dict[str, str]:
    """A digest of each file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and "cache" not in str(path)
    }


def run(copy: Path, *arguments: str) -> str:
    """Run a Python module in the copy of the tree; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def take_the_steps(copy: Path) -> None:
    """Write what the recipe says: five files, and a line in one more."""
    before = contents(copy)
    for name, block in read_recipe((copy / "CONTRIBUTING.md").read_text(encoding="utf-8")).items():
        apply(copy / name, block)
    after = contents(copy)
    assert {name for name in after if after[name] != before.get(name)} == FIVE_FILES | {LINE}
    lines = [(folder / LINE).read_text(encoding="utf-8").splitlines() for folder in (ROOT, copy)]
    assert len(lines[1]) == len(lines[0]) + 1


def test_five_files_and_a_line_make_a_new_call(tmp_path: Path) -> None:
    copy = tmp_path / "hpcli"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    take_the_steps(copy)
    run(copy, "docs.generate")

    told = run(
        copy, "hpcli", "--profile", "sandbox", "customer", "invitations", "Harbour View Hotel", "-o", "ids"
    )
    assert told == "manager@harbourview.example\n"

    own = ["tests/commands/test_customer_invitations.py"]
    rules = ["tests/meta/test_registry.py", f"tests/meta/test_generated.py::{UP_TO_DATE}"]
    contract = [
        f"tests/contract/test_contract.py::{name}" for name in ("TestDeclarations", f"{MADE}[{CALL}]")
    ]
    run(copy, "pytest", "-q", "-n", "0", *own, *rules, *contract)

    files = [name for name in (*FIVE_FILES, LINE) if name.endswith(".py")]
    run(copy, "ruff", "check", "--select", "I", "--fix", "--quiet", *files)  # imports to the others
    run(copy, "ruff", "check", *files)
    run(copy, "ruff", "format", "--check", *files)
