"""Makes hpcli/api/operations from docs/openapi: a module for each file, a constant for each call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from docs.generate.declarations import ROOT, Call, calls
from docs.generate.modules import LINE_LENGTH, head, import_line, make_packages, path_of
from docs.generate.rows import AnswerType, answer_types

FOLDER = ROOT / "hpcli" / "api" / "operations"


def make_operations() -> Iterator[tuple[Path, str]]:
    """Yield path and content of every module of operations, those of its packages included."""
    types = answer_types()
    for module, group in groupby(calls(), key=lambda call: call.module):
        yield from make_packages(FOLDER, module)
        yield path_of(FOLDER, module), _write(module, list(group), types)


def _write(module: str, group: list[Call], types: Mapping[Call, AnswerType]) -> str:
    imports: dict[str, set[str]] = {}
    for call in group:
        for home, name in types[call].names if call in types else ():
            imports.setdefault(home, set()).add(name)
    typed = [import_line(f"hpcli.api.rows.{home}", imports[home], "    ") for home in sorted(imports)]
    parts = [
        head(module, "Calls"),
        *(["from __future__ import annotations\n", "from typing import TYPE_CHECKING\n"] if typed else []),
        "from hpcli.api.operation import Operation\n",
        *(["if TYPE_CHECKING:", *typed, ""] if typed else []),
        *(_constant(call, types.get(call)) for call in group),
    ]
    return "\n".join(parts)


def _constant(call: Call, answer: AnswerType | None) -> str:
    values = [f'"{value}"' for value in (call.method, call.path, call.section)]
    marks = {
        "change": not call.reads,
        "asks": call.asks,
        "repeatable": call.repeatable,
        "unlimited": call.unlimited,
        "removes": call.removes,
        "may_be_empty": call.may_be_empty,
    }
    values += [f"{mark}=True" for mark, is_set in marks.items() if is_set]
    values += [f'look="{call.look}"'] if call.look else []
    target = f"{call.name}: Operation[{answer.text}]" if answer else call.name
    line = f"{target} = Operation({', '.join(values)})"
    if len(line) > LINE_LENGTH:  # as ruff format would have it
        line = f"{target} = Operation(\n" + "".join(f"    {value},\n" for value in values) + ")"
    return f'{line}\n"""{call.summary}."""\n'
