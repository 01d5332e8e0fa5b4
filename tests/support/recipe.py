"""The recipe of CONTRIBUTING.md for a new call: its blocks of code, and how a person puts them into the files."""

from __future__ import annotations

import ast
import re
from pathlib import Path

_BLOCK = re.compile(r"^```(?:python|yaml)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_recipe(text: str) -> dict[str, str]:
    """Each file that the recipe writes or changes, with what belongs into it."""
    return dict(_BLOCK.findall(text))


def apply(file: Path, block: str) -> None:
    """Write a new file, or put the block where it belongs in an old one."""
    if not file.exists():
        file.write_text(block, encoding="utf-8")
        return
    present = file.read_text(encoding="utf-8")
    if file.name == "group.py":
        text = present.replace("\n    }\n", f"\n{block}    }}\n", 1)
    elif file.suffix == ".py":
        text = _merge(present, block)
    else:
        text = present + block
    file.write_text(text, encoding="utf-8")


def _merge(present: str, block: str) -> str:
    """Put imports to the others, methods at the end of their class, and the rest at the end of the file."""
    lines = present.splitlines(keepends=True)
    there = ast.parse(present).body
    classes = {node.name: node for node in there if isinstance(node, ast.ClassDef)}
    added: dict[int, str] = {}
    for node in ast.parse(block).body:
        text = _source(block, node)
        if isinstance(node, ast.ImportFrom):
            at = next(other.lineno for other in there if _is_import_of_hpcli(other)) - 1
        elif isinstance(node, ast.If):
            at = next(other.lineno for other in there if isinstance(other, ast.If))
            text = "".join(f"    {_source(block, inner)}" for inner in node.body)
        elif isinstance(node, ast.ClassDef) and node.name in classes:
            at = classes[node.name].end_lineno or 0
            text = "".join(f"\n    {_source(block, inner)}" for inner in node.body)
        else:
            at, text = len(lines), f"\n\n{text}"
        added[at] = added.get(at, "") + text
    for at in sorted(added, reverse=True):
        lines.insert(at, added[at])
    return "".join(lines)


def _is_import_of_hpcli(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hpcli")


def _source(block: str, node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    text = "".join(block.splitlines(keepends=True)[first - 1 : node.end_lineno])
    return text.lstrip(" ")
