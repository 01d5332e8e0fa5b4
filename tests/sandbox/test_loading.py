"""How the stand-in finds its functions: by folder, in sorted order, each call answered by one of them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import hpcli.sandbox
from hpcli.sandbox.http import calls, loader
from hpcli.sandbox.isapi.device import registry

ROOT = Path(__file__).resolve().parents[2]
LOAD = """
import sys

import hpcli
from hpcli.sandbox import server
from hpcli.sandbox.http.app import Application
from hpcli.sandbox.http.calls import DOWNLOADS, OPERATIONS
from hpcli.sandbox.isapi.device.registry import _ROUTES

assert hpcli.__file__.startswith(sys.argv[1]), hpcli.__file__
Application("state.db")
for answer in [*(built.answer for built in OPERATIONS.values()), *DOWNLOADS.values(), *(r.answer for r in _ROUTES)]:
    print(answer.__module__, answer.__name__)
"""


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty registries, and no trace of a test's own modules afterwards."""
    monkeypatch.setattr(calls, "OPERATIONS", {})
    monkeypatch.setattr(calls, "DOWNLOADS", {})
    monkeypatch.setattr(registry, "_ROUTES", [])
    yield
    for name in [name for name in sys.modules if name.rpartition(".")[2].startswith("made_")]:
        del sys.modules[name]


def add_family(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, text: str) -> None:
    """Put a module into `hpcli.sandbox` for one test."""
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(hpcli.sandbox, "__path__", [str(folder)])
    monkeypatch.setattr(loader, "_FOLDERS", ("hpcli.sandbox",))


def test_every_module_of_the_two_folders_is_loaded_but_the_doors() -> None:
    folder = ROOT / "hpcli" / "sandbox"
    families = {path.stem for path in folder.glob("*.py")} - {"__init__", "control", "server"}
    parts = {path.stem for path in (folder / "isapi").glob("*.py")} - {"__init__"}
    names = loader.module_names()
    assert set(names) == {f"hpcli.sandbox.{name}" for name in families} | {
        f"hpcli.sandbox.isapi.{name}" for name in parts
    }
    assert names == sorted(names)


OPERATION = (
    'from hpcli.sandbox.http.calls import operation\n\n@operation("siteMake")\ndef {name}(call):\n    pass\n'
)
DOWNLOAD = (
    'from hpcli.sandbox.http.calls import download\n\n@download("/plan/")\ndef {name}(call):\n    pass\n'
)
DEVICE = """\
from hpcli.sandbox.isapi.device.registry import isapi

@isapi("GET", "/ISAPI/Door/<ID>/status")
def show_door(call):
    pass

@isapi("{method}", "{uri}", part="access")
def show_other(call):
    pass
"""


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    ("text", "call"), [(OPERATION, "siteMake"), (DOWNLOAD, "GET /plan/")], ids=["operation", "download"]
)
def test_two_functions_for_one_call_are_refused_when_they_are_loaded(
    text: str, call: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_family(monkeypatch, tmp_path, "made_a", text.format(name="make_site"))
    add_family(monkeypatch, tmp_path, "made_b", text.format(name="build_site"))
    with pytest.raises(
        ValueError,
        match=f"^Two functions answer {call}: hpcli.sandbox.made_a.make_site and hpcli.sandbox.made_b.build_site.$",
    ):
        loader.load_calls()


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize("uri", ["/ISAPI/Door/<ID>/status", "/ISAPI/Door/all/status", "/ISAPI/<ID>/1/status"])
def test_two_patterns_that_fit_one_uri_are_refused_when_they_are_loaded(
    uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_family(monkeypatch, tmp_path, "made_c", DEVICE.format(method="GET", uri=uri))
    with pytest.raises(ValueError, match=r"^Two functions answer GET /ISAPI/.*show_door and .*show_other\.$"):
        loader.load_calls()


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    ("method", "uri"),
    [("PUT", "/ISAPI/Door/<ID>/status"), ("GET", "/ISAPI/Door/<ID>"), ("GET", "/ISAPI/Door/<ID>/lock")],
)
def test_another_method_or_uri_is_welcome(
    method: str, uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_family(monkeypatch, tmp_path, "made_d", DEVICE.format(method=method, uri=uri))
    loader.load_calls()
    assert [route.uri for route in registry._ROUTES] == ["/ISAPI/Door/<ID>/status", uri]


def test_a_zip_file_loads_the_same_functions(tmp_path: Path) -> None:
    archive = tmp_path / "hpcli.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted((ROOT / "hpcli").rglob("*")):
            if "__pycache__" not in path.parts:
                packed.write(path, path.relative_to(ROOT))
    from_folder, from_zip = loaded_functions(ROOT, tmp_path), loaded_functions(archive, tmp_path)
    assert from_folder == from_zip
    assert len(from_zip) > 100


def loaded_functions(source: Path, folder: Path) -> list[str]:
    """What a fresh interpreter registers when hpcli comes from `source`."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(source)],
        env={**os.environ, "PYTHONPATH": str(source), "PYTHONSAFEPATH": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
