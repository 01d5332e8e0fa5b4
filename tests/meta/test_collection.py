"""Collecting the tests builds no commands and imports nothing slow, so that a few tests of many start at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SLOW = {"hpcli.commands.site.group", "openapi_core", "openapi_spec_validator", "schemathesis"}
PROGRAM = """
import sys, pytest
code = pytest.main(["--collect-only", "-qq", "-p", "no:xdist", "-p", "no:cacheprovider"])
print("\\n", int(code), sorted({slow} & set(sys.modules)), file=sys.stderr)
"""


def test_collecting_all_tests_imports_no_family_of_commands_and_no_validator() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(slow=SLOW)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1].strip() == "0 []"
