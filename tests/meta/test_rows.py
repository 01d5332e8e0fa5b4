"""A method of the client returns the documented type of its answer, where docs/openapi describes one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.tree import ROOT, functions, parse, python_files

OPERATIONS = "hpcli.api.operations"
OWN_ROWS = {
    "hpcli/client/access/permissions.py:status": "a row for each pair of person and device",
    "hpcli/client/device/otap.py:batch_get": "a row for each property of each device",
    "hpcli/client/device/otap.py:batch_get_direct": "as above",
    "hpcli/client/device/otap.py:batch_set": "rows that may be one object, and are read without their schema",
    "hpcli/client/device/otap.py:batch_set_direct": "a row for each property of each device",
    "hpcli/client/device/otap.py:profile": "a compressed model is unpacked",
    "hpcli/client/health.py:report": "the site stands beside the rows",
}
"""Methods that make something else of a described answer, and what; the list may only shrink."""


def described_calls() -> set[tuple[str, str]]:
    """Module and name of each call whose constant has the type of its answer."""
    return {
        (".".join(path.relative_to(ROOT).with_suffix("").parts), ast.unparse(node.target))
        for path in python_files(OPERATIONS.replace(".", "/"))
        for node in parse(path).body
        if isinstance(node, ast.AnnAssign)
    }


def untyped_methods() -> Iterator[str]:
    """Methods of the client that name a described call and return `dict[str, Any]` or lists of it."""
    described = described_calls()
    for path in python_files("hpcli/client"):
        imported = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(parse(path))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OPERATIONS)
            for alias in node.names
        }
        for function in functions(path):
            named = {imported.get(node.id) for node in ast.walk(function) if isinstance(node, ast.Name)}
            returned = ast.unparse(function.returns) if function.returns else "Any"
            if named & described and ("dict[str, Any]" in returned or returned == "Any"):
                yield f"{path.relative_to(ROOT).as_posix()}:{function.name}"


def test_no_method_returns_plain_objects_where_a_row_type_exists() -> None:
    assert len(described_calls()) > 30
    assert sorted(untyped_methods()) == sorted(OWN_ROWS)
