"""What is made by `python -m docs.generate` is up to date, and each declared call has its module of the client."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from docs.generate import files, rows
from docs.generate.declarations import ROOT, DeclarationError, calls
from docs.generate.declarations import files as declared_files
from docs.generate.modules import MADE
from tests.support.tree import parse

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


def test_calls_are_declared_where_the_module_of_the_client_has_its_name() -> None:
    modules = sorted(set(declared_files()) - {SIGNING_IN})
    assert [module for module in modules if find_spec(f"hpcli.client.{module}") is None] == []


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


def test_the_type_of_an_answer_is_its_documented_form(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _row_types(
        monkeypatch,
        {
            "id": {"type": ["string", "integer"], "description": "Number"},
            "note": {"type": ["string", "null"]},
            "places": {"anyOf": [{"type": "array", "items": {"$ref": "Place"}}, {"type": "object"}]},
            "more": {"type": "object"},
            "value": {"description": "Any value"},
        },
    ) == {
        "id": "str",
        "note": "str | None",
        "places": "list[Place]",
        "more": "dict[str, Any]",
        "value": "Any",
    }


def test_a_key_that_cannot_be_an_attribute_is_a_key_of_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    types = _row_types(monkeypatch, {"global": {"type": "boolean"}, "@id": {"type": "integer"}})
    assert types == {"global": "bool", "@id": "int"}


def _row_types(monkeypatch: pytest.MonkeyPatch, properties: dict[str, object]) -> dict[str, str]:
    """Return the types of a made-up row, as its module has them."""
    row = {"type": "object", "properties": properties}
    call = {
        "operationId": "x",
        "x-section": "§3.6",
        "x-name": "X",
        "x-row": "XRow",
        "summary": "Do",
        "rows": row,
    }
    place = {"type": "object", "properties": {"x": {"type": "integer"}}}
    made_up = {"x": {"answers": {"Place": place}, "paths": {"/x": {"get": call}}}}
    monkeypatch.setattr("docs.generate.declarations.files", lambda: made_up)
    monkeypatch.setattr(rows, "files", lambda: made_up)
    source = dict(rows.make_rows())[rows.FOLDER / "x.py"]
    types: dict[str, str] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name == "XRow":
            fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
            types |= {ast.unparse(field.target): ast.unparse(field.annotation) for field in fields}
        if isinstance(node, ast.Dict):
            types |= {
                ast.literal_eval(key): ast.unparse(v)
                for key, v in zip(node.keys, node.values, strict=True)
                if key
            }
    return types


def test_rows_are_imported_for_type_checkers_only() -> None:
    """They are there for mypy and for readers; no command pays for them."""
    paths = [path for path in (ROOT / "hpcli").rglob("*.py") if not path.is_relative_to(rows.FOLDER)]
    naming = [path for path in paths if "hpcli.api.rows" in path.read_text(encoding="utf-8")]
    assert naming
    assert [path for path in naming if _imports_rows(parse(path))] == []


def _imports_rows(node: ast.AST) -> bool:
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return any(_imports_rows(other) for other in node.orelse)
    if isinstance(node, ast.Import):
        return any(name.name.startswith("hpcli.api.rows") for name in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith("hpcli.api.rows")
    return any(_imports_rows(child) for child in ast.iter_child_nodes(node))
