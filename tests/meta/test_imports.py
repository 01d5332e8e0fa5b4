"""No module of hpcli imports itself in a circle: lazy imports, types and names in strings counted."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.imports import import_graph
from tests.support.tree import ROOT, nodes, python_files

NAMES_BY_STRING = {
    "hpcli/alarms/forward/loader.py",
    "hpcli/api/operations/__init__.py",
    "hpcli/commands/framework/family.py",
    "hpcli/commands/framework/root.py",
    "hpcli/sandbox/http/loader.py",
}
"""The files that import by a name in a string; tests.support.imports knows these strings."""


def circles() -> Iterator[str]:
    graph = import_graph()
    seen: set[frozenset[str]] = set()
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            back = graph.find_shortest_chain(imported, module)
            if back is not None and frozenset(back) not in seen:
                seen.add(frozenset(back))
                yield " → ".join((module, *back))


def test_no_imports_go_in_a_circle() -> None:
    assert list(circles()) == []


def test_a_family_of_commands_imports_itself_the_framework_tables_and_metrics_alone() -> None:
    graph = import_graph()
    wrong = {
        f"{module} → {imported}"
        for module in graph.modules
        if module.startswith("hpcli.commands.") and module != "hpcli.commands.registry"
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.startswith("hpcli.commands.") and not may_import(module.split("."), imported.split("."))
    }
    assert wrong == set()


def may_import(module: list[str], imported: list[str]) -> bool:
    """Whether a module of a family, or of the framework, may import another one of the commands."""
    if module[2] == "framework":
        return imported[2] in ("framework", "registry")
    return imported[2] in (module[2], "framework") or imported[-1] in ("tables", "metrics")


def test_modules_are_named_by_strings_in_known_places_only() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("hpcli")
        for node in nodes(path, "import_module|__import__")
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__"))
    }
    assert found == NAMES_BY_STRING


def test_imports_are_absolute() -> None:
    relative = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("hpcli", "tests", "docs/generate")
        for path in python_files(folder)
        for node in nodes(path, r"\bfrom\s*\.")
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []
