"""The source tree, for the rules about it: its files, parsed once."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_MADE = "Made by `python -m docs.generate`"


def python_files(folder: str) -> list[Path]:
    """The Python files below a folder of the repository, in sorted order."""
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a file, kept out of sight of the garbage collector.

    All trees together are a million objects; to look for garbage among them takes longer than to make them.
    """
    is_on = gc.isenabled()
    gc.disable()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if is_on:
        gc.freeze()
        gc.enable()
    return tree


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements below a node; to walk their expressions too takes ten times as long."""
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        for child in getattr(node, field, ()):
            yield child
            yield from statements(child)


def nodes(path: Path, having: str) -> Iterator[ast.AST]:
    """All nodes of a file in which this regular expression is found, of a line; of other files none.

    To walk every file takes seconds.
    """
    if re.search(having, path.read_text(encoding="utf-8"), re.MULTILINE):
        yield from ast.walk(parse(path))


def is_made(path: Path) -> bool:
    """Whether a program writes the file."""
    return _MADE in (ast.get_docstring(parse(path)) or "")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions and methods of a file."""
    for node in statements(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
