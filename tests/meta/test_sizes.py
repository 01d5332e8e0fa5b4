"""Files and functions by hand stay short, folders too: beyond that they ask for a wall or a better idea."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

from tests.support.tree import ROOT, functions, is_made, python_files

FILE_LINES, FUNCTION_LINES, FOLDER_FILES = 400, 40, 40

LONG_FILES: dict[str, int] = {}
"""Files that are longer, and their length at most; the list may only shrink."""

LONG_FUNCTIONS: dict[str, int] = {}
"""Functions that are longer, and their length at most; the list may only shrink."""


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines from the first statement behind the docstring to the end, blank ones and comments counted.

    Signature and docstring are left out: those of a command are its options and its help.
    """
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def too_long(lengths: Mapping[str, int], limit: int, exceptions: Mapping[str, int]) -> list[str]:
    """What is longer than the limit, or than its exception allows."""
    return [
        f"{name}: {length} lines"
        for name, length in lengths.items()
        if length > max(limit, exceptions.get(name, 0))
    ]


def test_files_by_hand_are_short() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("hpcli", "tests", "docs/generate")
        for path in python_files(folder)
        if not is_made(path)
    }
    assert too_long(lengths, FILE_LINES, LONG_FILES) == []
    assert [name for name in LONG_FILES if lengths.get(name, 0) <= FILE_LINES] == [], "no exception any more"


def test_functions_are_short() -> None:
    lengths = {
        f"{path.relative_to(ROOT).as_posix()}:{function.name}": body_lines(function)
        for folder in ("hpcli", "tests", "docs/generate")
        for path in python_files(folder)
        for function in functions(path)
    }
    assert too_long(lengths, FUNCTION_LINES, LONG_FUNCTIONS) == []
    assert [name for name in LONG_FUNCTIONS if lengths.get(name, 0) <= FUNCTION_LINES] == [], (
        "no exception any more"
    )


def test_no_folder_holds_too_many_files() -> None:
    counts = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for folder in ("hpcli", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    assert {name: count for name, count in counts.items() if count > FOLDER_FILES} == {}
