"""What is made by `python -m docs.generate` is up to date, and each declared call has its module of the client."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from docs.generate import files
from docs.generate.declarations import ROOT, DeclarationError, calls
from docs.generate.declarations import files as declared_files
from docs.generate.operations import MADE

SIGNING_IN = "auth"  # the token of §3.1 is asked for by the transport, not by a command's method


def test_generated_files_are_what_their_sources_say() -> None:
    stale = [str(path.relative_to(ROOT)) for path in files.stale_files()]
    assert stale == [], "run `python -m docs.generate`"


def test_a_generated_module_without_a_declaration_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "hpcli/api/operations/gone.py"
    gone.parent.mkdir(parents=True)
    gone.write_text(f'"""Calls of docs/openapi/gone.yaml. {MADE}."""\n', encoding="utf-8")
    by_hand = gone.with_name("__init__.py")
    by_hand.write_text('"""Written by hand."""\n', encoding="utf-8")
    monkeypatch.setattr(files, "ROOT", tmp_path)
    monkeypatch.setattr(files, "generated", lambda: iter(()))
    assert files.stale_files() == [gone]


@pytest.mark.parametrize("module", sorted(set(declared_files()) - {SIGNING_IN}))
def test_calls_are_declared_where_the_module_of_the_client_has_its_name(module: str) -> None:
    assert find_spec(f"hpcli.client.{module}") is not None


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ({"get": {"x-section": "§3.6"}}, "has no x-name"),
        ({"get": {"x-section": "§3.6", "x-name": "A", "x-variants": {"B": {"x-ask": True}}}}, "no such mark"),
        ({"get": {"x-section": "§3.6", "x-name": "A", "x-variants": {"A": {}}}}, "declares A twice"),
    ],
)
def test_a_wrong_declaration_is_refused(
    content: dict[str, dict[str, object]], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {verb: {"summary": "Do it", **operation} for verb, operation in content.items()}
    monkeypatch.setattr("docs.generate.declarations.files", lambda: {"made_up": {"paths": {"/x": item}}})
    with pytest.raises(DeclarationError, match=fault):
        list(calls())
