"""What the modules that are made from docs/openapi have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

MADE = "Made by `python -m docs.generate`"
LINE_LENGTH = 110


def path_of(folder: Path, module: str) -> Path:
    """Return where a module such as `device.upgrade` stands below a folder."""
    return folder.joinpath(*module.split(".")).with_suffix(".py")


def make_packages(folder: Path, module: str) -> Iterator[tuple[Path, str]]:
    """Yield the `__init__.py` of the package that a module stands in, below the folder itself."""
    family, dot, _ = module.partition(".")
    if dot:
        yield folder / family / "__init__.py", f'"""Of docs/openapi/{family}. {MADE}."""\n'


def head(module: str, what: str) -> str:
    """Return the docstring of a module made from a file in docs/openapi."""
    return f'"""{what} of docs/openapi/{module.replace(".", "/")}.yaml. {MADE}."""\n'


def import_line(module: str, names: Iterable[str], indent: str = "") -> str:
    """Return an import of names from a module, sorted and wrapped as ruff would have it."""
    listed = sorted(names, key=str.lower)
    line = f"{indent}from {module} import {', '.join(listed)}"
    if len(line) <= LINE_LENGTH:
        return line
    return "\n".join(
        [f"{indent}from {module} import (", *(f"{indent}    {name}," for name in listed), f"{indent})"]
    )
