"""The Pythons that are promised are those that `.ci/pythons` looks for."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci" / "pythons"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PROMISED = [
    classifier.rpartition(" ")[2]
    for classifier in PROJECT["classifiers"]
    if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", classifier)
]


LOG = """
case "$*" in
  *sys.version_info*) ;;
  --version) echo "Python of a test" ;;
  "-m venv "*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
  *) echo "ran with ${PYTHONWARNINGS-no} warnings: $*" ;;
esac
"""
"""Stands for a Python: makes environments that hold itself, and says what else it is told to run."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with the script, an environment of Python 3.11, and the only programs that are on PATH."""
    for source in (SCRIPT, ROOT / "pyproject.toml"):
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(source.read_bytes())
    add_program(tmp_path / ".venv/bin/python", f"echo {PROMISED[0]}")
    (tmp_path / "bin").mkdir()
    for name in ("bash", "cp", "dirname", "mkdir", "sed"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def add_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run_script(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", tree / ".ci/pythons", *arguments],
        env={"HOME": str(tree), "PATH": str(tree / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_oldest_python_that_is_promised_is_the_oldest_that_pip_accepts() -> None:
    assert PROJECT["requires-python"] == f">={PROMISED[0]}"


def test_each_path_of_the_slice_exists() -> None:
    slice_ = SCRIPT.read_text(encoding="utf-8").partition("slice=(")[2].partition("\n)")[0]
    paths = [word.removeprefix("--ignore=") for word in shlex.split(slice_)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--all",), 1)])
def test_a_promised_python_that_does_not_run_is_named(
    tree: Path, arguments: tuple[str, ...], code: int
) -> None:
    add_program(tree / f"bin/python{PROMISED[-1]}", "echo 'command not found' >&2; exit 127")
    done = run_script(tree, *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout == (
        f"Python {PROMISED[0]}: the whole suite. A part of it: none."
        f" Promised, not found here: {' '.join(PROMISED[1:])}.\n"
    )


def test_each_promised_python_that_runs_is_run_with_warnings_as_errors(tree: Path) -> None:
    on_path, *others = PROMISED[1:]
    add_program(tree / f"bin/python{on_path}", LOG)
    for version in others:
        add_program(tree / f"bin/python{version}", "exit 127")
        add_program(tree / f".pyenv/versions/{version}.9/bin/python", LOG)
    done = run_script(tree, "--all")
    assert (done.returncode, done.stderr) == (0, "")
    runs = [
        line for line in done.stdout.splitlines() if line.startswith("ran with error warnings: -m pytest")
    ]
    assert len(runs) == len(PROMISED) - 1
    assert done.stdout.endswith("Promised, not found here: none.\n")


def test_a_python_on_which_tests_fail_fails_the_run(tree: Path) -> None:
    add_program(tree / f"bin/python{PROMISED[1]}", LOG.replace("*) echo", "*pytest*) exit 1 ;;\n  *) echo"))
    assert run_script(tree).returncode == 1
