"""A string of tests or generator that names something of hpcli names something that is there."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

from tests.support.tree import ROOT, nodes, python_files

FILE_NAMES = {"1", "bash", "fish", "ps1", "zip"}
"""Last parts of `hpcli.…` where it is a file."""


def dotted_names() -> Iterator[str]:
    """Names that are a string of their own, and those that code in a string imports."""
    for folder in ("tests", "docs/generate"):
        for path in python_files(folder):
            for node in nodes(path, r"[\"']hpcli\.|^ *from hpcli"):
                if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                    continue
                if re.fullmatch(r"hpcli(\.\w+)+", node.value):
                    yield node.value
                for module, names in re.findall(
                    r"^ *from (hpcli[\w.]*) import ([\w, ]+)$", node.value, re.MULTILINE
                ):
                    yield from (f"{module}.{name.split()[0]}" for name in names.split(","))


def is_there(name: str) -> bool:
    """Whether a module, or what is in it, has the name."""
    module, rest = name, list[str]()
    while not any((ROOT / f"{module.replace('.', '/')}{end}").is_file() for end in (".py", "/__init__.py")):
        module, _, last = module.rpartition(".")
        rest.insert(0, last)
    found: object = importlib.import_module(module)
    for word in rest:
        found = getattr(found, word, None)
    return found is not None


def test_a_name_in_a_string_is_there() -> None:
    names = {name for name in dotted_names() if name.rpartition(".")[2] not in FILE_NAMES}
    assert len(names) > 20
    assert sorted(name for name in names if not is_there(name)) == []
