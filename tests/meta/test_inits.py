"""A name has one home: only the client and the output offer names of their modules in `__init__`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import ROOT, parse, python_files, statements

DOORS = {"hpcli/client", "hpcli/output"}


def passed_on(tree: ast.Module) -> set[str]:
    """The names that a module imports at its top, types included, and so could pass on."""
    return {
        alias.asname or alias.name
        for node in (
            *tree.body,
            *(inner for node in tree.body if isinstance(node, ast.If) for inner in node.body),
        )
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def offers(tree: ast.Module) -> bool:
    """Whether a module says what it offers, or finds names when they are asked for."""
    return any(
        (isinstance(node, ast.FunctionDef) and node.name == "__getattr__")
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        for node in tree.body
    )  # fmt: skip


def names_from_packages() -> Iterator[tuple[Path, int, str, str]]:
    """Each name that code of the repository takes from a package, not from one of its modules."""
    for folder in ("hpcli", "tests", "docs/generate"):
        for path in python_files(folder):
            for node in statements(parse(path)):
                package = (node.module or "").replace(".", "/") if isinstance(node, ast.ImportFrom) else ""
                if isinstance(node, ast.ImportFrom) and (ROOT / package / "__init__.py").is_file():
                    for alias in node.names:
                        yield path, node.lineno, package, alias.name


def test_only_client_and_output_re_export() -> None:
    offering = {path.parent.relative_to(ROOT).as_posix() for path in python_files("hpcli")
                if path.name == "__init__.py" and offers(parse(path))}  # fmt: skip
    assert offering <= DOORS


def test_a_name_is_imported_from_where_it_is_defined() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name} from {package}"
        for path, line, package, name in names_from_packages()
        if package not in DOORS and name in passed_on(parse(ROOT / package / "__init__.py"))
    ]
    assert wrong == []
