"""Makes hpcli/api/operations from docs/openapi: a module for each file, a constant for each call."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from docs.generate.declarations import ROOT, Call, calls

FOLDER = ROOT / "hpcli" / "api" / "operations"
MADE = "Made by `python -m docs.generate`"
LINE_LENGTH = 110


def make_operations() -> Iterator[tuple[Path, str]]:
    """Yield path and content of every module of operations, those of its packages included."""
    for module, group in groupby(calls(), key=lambda call: call.module):
        yield from make_packages(FOLDER, module)
        yield path_of(FOLDER, module), _write(module, list(group))


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


def _write(module: str, group: list[Call]) -> str:
    constants = "\n".join(_constant(call) for call in group)
    return f"{head(module, 'Calls')}\nfrom hpcli.api.operation import Operation\n\n{constants}"


def _constant(call: Call) -> str:
    values = [f'"{value}"' for value in (call.method, call.path, call.section)]
    marks = {
        "change": not call.reads,
        "asks": call.asks,
        "repeatable": call.repeatable,
        "unlimited": call.unlimited,
    }
    values += [f"{mark}=True" for mark, is_set in marks.items() if is_set]
    line = f"{call.name} = Operation({', '.join(values)})"
    if len(line) > LINE_LENGTH:  # as ruff format would have it
        line = f"{call.name} = Operation(\n" + "".join(f"    {value},\n" for value in values) + ")"
    return f'{line}\n"""{call.summary}."""\n'
