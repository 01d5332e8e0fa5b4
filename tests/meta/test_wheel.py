"""The wheel: built from the source archive, installed in a clean environment without the test extras."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from hpcli import __version__
from hpcli.sandbox import DEFAULT_DEVICE

ROOT = Path(__file__).resolve().parents[2]
ALL_HELP = """
import contextlib, io, json, sys
from hpcli.cli import main
from hpcli.commands.framework.root import build_root
from hpcli.commands.registry import FAMILIES
from hpcli.commands.commands import walk

names = [row["command"] for row in walk(build_root())]
lines = [[], *([family] for family in FAMILIES), *(name.split() for name in names)]
failed = []
for line in lines:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        code = main([*line, "--help"])
    if code != 0 or not text.getvalue().lstrip().startswith("Usage: hpcli"):
        failed.append(line)
json.dump({"names": names, "failed": failed, "loaded": sorted(sys.modules)}, sys.stdout)
"""


@dataclass(frozen=True)
class Installation:
    """A virtual environment that holds the wheel and what it depends on."""

    wheel: Path
    sdist: Path
    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, away from the source tree, with warnings as errors."""
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONWARNINGS": "error", "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Build and install once, also where several processes share the tests."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "wheel"
    environment = folder / "environment"
    from filelock import FileLock

    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
            _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
            pip = (sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"))
            _run(*pip, "install", "--quiet", "--no-compile", "--no-deps", "--no-index", *_wheels(folder))
            _copy_what_it_requires(next(environment.glob("lib/python*/site-packages")))
    return Installation(Path(*_wheels(folder)), next(folder.glob("*.tar.gz")), environment)


def _copy_what_it_requires(packages: Path) -> None:
    """Copy from this environment what the installed wheel requires: pip takes ten seconds to find the same."""
    (wheel,) = importlib.metadata.distributions(path=[str(packages)])
    wanted, there = list(_required(wheel, {""})), {wheel.name}
    while wanted:
        requirement = wanted.pop()
        found = importlib.metadata.distribution(requirement.name)
        assert requirement.specifier.contains(found.version, prereleases=True), requirement
        wanted += (more for more in _required(found, {"", *requirement.extras}) if more.name not in there)
        for file in found.files or ():
            source, target = Path(str(found.locate_file(file))), packages / file
            if ".." not in file.parts and source.is_file():  # scripts are beside the packages
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        there.add(requirement.name)


def _required(found: importlib.metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    """The requirements of a distribution on this Python, with some of its extras."""
    for requirement in map(Requirement, found.requires or ()):
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in extras):
            yield requirement


def _wheels(folder: Path) -> list[str]:
    return [str(path) for path in folder.glob("*.whl")]


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def _package_files() -> Iterator[str]:
    for path in (ROOT / "hpcli").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(installed: Installation) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("hpcli/")}
        own = {name.rpartition("/")[2] for name in archive.namelist() if ".dist-info/" in name}
        shared = {name.partition(".data/data/")[2] for name in set(archive.namelist()) - names}
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA")))
    assert installed.wheel.name.startswith(f"hikpartner_cli-{__version__}-")
    assert b"\nName: hikpartner-cli\n" in metadata
    assert names == set(_package_files())
    assert {"hpcli/py.typed", "hpcli/reference/openapi.json", "hpcli/reference/errors.tsv"} <= names
    assert {"seed.json", "yard.jpg"} <= {name.rpartition("/")[2] for name in names}
    assert {"LICENSE", "METADATA", "entry_points.txt"} <= own
    assert {"share/man/man1/hpcli.1", "share/bash-completion/completions/hpcli"} <= shared


def test_the_source_archive_holds_what_a_packager_needs(installed: Installation) -> None:
    with tarfile.open(installed.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "tests/meta/test_wheel.py"} <= names
    assert {"man/hpcli.1", "completions/hpcli.bash", "docs/generate/document.py"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/")) or "__pycache__" in name]


def test_the_test_extras_are_not_there(installed: Installation) -> None:
    for name in ("pytest", "hypothesis", "openpyxl", "openapi_core"):
        assert installed.run("python", "-c", f"import {name}").returncode == 1


@pytest.mark.parametrize("program", [("hpcli",), ("python", "-m", "hpcli")])
def test_the_command_and_the_module_tell_the_version(
    installed: Installation, program: tuple[str, ...]
) -> None:
    done = installed.run(*program, "--version")
    assert (done.stdout, done.stderr, done.returncode) == (f"hpcli {__version__}\n", "", 0)


def test_every_command_has_its_help(installed: Installation) -> None:
    done = installed.run("python", "-c", ALL_HELP)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["failed"] == []
    assert len(told["names"]) > 100
    assert "pydantic" not in told["loaded"]


def test_a_round_trip_to_the_bundled_stand_in(installed: Installation) -> None:
    sites = installed.run("hpcli", "--profile", "sandbox", "site", "list", "-o", "json")
    assert sites.returncode == 0, sites.stderr
    assert "Bäckerei Grünwald" in {site["siteName"] for site in json.loads(sites.stdout)}
    message = installed.run(
        "hpcli", "--profile", "sandbox", "device", "isapi", "GET", "/ISAPI/System/deviceInfo"
    )
    assert message.returncode == 0, message.stderr
    assert "<DeviceInfo" in message.stdout
    assert DEFAULT_DEVICE in message.stderr


def test_pictures_of_the_package_reach_the_disk_decrypted(installed: Installation) -> None:
    trigger = ("sandbox", "trigger", "burglary", "--picture", "device")
    tail = (
        "alarms",
        "tail",
        "--limit",
        "2",
        "--decrypt",
        "--pictures",
        "pictures",
        "--no-journal",
        "-o",
        "ndjson",
    )
    assert installed.run("hpcli", "--profile", "sandbox", *trigger).returncode == 0
    done = installed.run("hpcli", "--profile", "sandbox", *tail)
    assert done.returncode == 0, done.stderr
    pictures = [path.read_bytes() for path in (installed.folder / "pictures").rglob("*.jpg")]
    assert pictures
    assert all(picture.startswith(b"\xff\xd8") and picture.endswith(b"\xff\xd9") for picture in pictures)
