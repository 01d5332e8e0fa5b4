"""Makes hpcli/api/rows from docs/openapi: a TypedDict for each kind of object in the answers.

All keys may be missing (`total=False`); the type is that of the documented form, which the client sees to. `x-row`
names the type of an answer; without it the operation does, and what is inside a row is named after its key.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docs.generate.declarations import ROOT, Call, DeclarationError, Node, calls, common, files
from docs.generate.modules import LINE_LENGTH, MADE, head, import_line, make_packages, path_of

FOLDER = ROOT / "hpcli" / "api" / "rows"
_COMMON = "common"
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


@dataclass
class _Module:
    """One module of rows while it is made."""

    name: str
    types: dict[str, str] = field(default_factory=dict)
    imports: dict[str, set[str]] = field(default_factory=dict)
    needs_any: bool = False


@dataclass(frozen=True)
class AnswerType:
    """What a call answers: a type, and the names in it with the modules of rows that have them."""

    text: str
    names: tuple[tuple[str, str], ...]


def make_rows() -> Iterator[tuple[Path, str]]:
    """Yield path and content of every module of rows, those of its packages included.

    Raises:
        DeclarationError: two answers of a module have one name.
    """
    writer, _ = _write()
    yield FOLDER / "__init__.py", f'"""Rows of answers, for type checkers only. {MADE}."""\n'
    for name, module in sorted(writer.modules.items()):
        yield from make_packages(FOLDER, name)
        yield path_of(FOLDER, name), _text(module)


def answer_types() -> dict[Call, AnswerType]:
    """Return what each call answers whose answer docs/openapi describes: a list of rows, or an object."""
    return _write()[1]


def _write() -> tuple[_Writer, dict[Call, AnswerType]]:
    writer = _Writer()
    answers: dict[Call, AnswerType] = {}
    for call in calls():
        schema = _answer_of(call)
        if schema is not None:
            is_list = bool(call.short.keys() & {"rows", "x-rows"})
            kind = "Row" if is_list else "Data"
            name = call.short.get("x-row", f"{_pascal(call.short['operationId'])}{kind}")
            does = call.summary[:1].lower() + call.summary[1:]
            bare = {key: value for key, value in schema.items() if key != "description"}
            text = writer.add(call.module, bare, name, f"{kind} of `{call.name}`: {does}").removesuffix(
                " | None"
            )
            if text != "Any":
                answers[call] = AnswerType(text, tuple(writer.names_in(call.module, text)))
    return writer, answers


def _answer_of(call: Call) -> Node | None:
    """Return the schema of the list of rows where the answer is one, else that of `data`; None where there is none."""
    if "rows" in call.short:
        return {"type": "array", "items": call.short["rows"]}
    schema: Node | None = call.short.get("data")
    for key in call.short.get("x-rows", "data").split(".")[1:]:
        schema = schema["properties"][key] if schema else None
    return schema


class _Writer:
    """Collects the types of all modules."""

    def __init__(self) -> None:
        self.modules: dict[str, _Module] = {}
        sources = [(_COMMON, common()), *files().items()]
        self._home = {name: module for module, content in sources for name in content.get("answers", {})}
        self._shared = {
            name: schema for _, content in sources for name, schema in content.get("answers", {}).items()
        }

    def names_in(self, module: str, text: str) -> Iterator[tuple[str, str]]:
        """Yield the modules and names of the rows that a type of this module names."""
        at = self._module(module)
        for name in re.findall(r"\w+", text):
            homes = (
                [module]
                if name in at.types
                else [home for home, names in at.imports.items() if name in names]
            )
            yield from ((home, name) for home in homes)

    def add(self, module: str, schema: Node, name: str, summary: str) -> str:
        """Write the types that a schema needs into a module; return the schema's own type."""
        if "$ref" in schema:
            return self._refer(module, schema["$ref"])
        if "anyOf" in schema:  # the documented form stands first
            rest = {key: value for key, value in schema.items() if key != "anyOf"}
            written = self.add(module, {**rest, **schema["anyOf"][0]}, name, summary)
            return _optional(written, has_null={"type": "null"} in schema["anyOf"])
        kinds = schema.get("type", "any")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return _optional(self._of_kind(module, kinds[0], schema, name, summary), has_null="null" in kinds[1:])

    def _of_kind(self, module: str, kind: str, schema: Node, name: str, summary: str) -> str:
        if kind in _PLAIN:
            return _PLAIN[kind]
        if kind == "array" and "items" in schema:
            return f"list[{self.add(module, schema['items'], name, summary)}]"
        if kind == "object" and "properties" in schema:
            return self._add_type(module, schema, name, summary)
        self._module(module).needs_any = True
        return {"array": "list[Any]", "object": "dict[str, Any]"}.get(kind, "Any")

    def _refer(self, module: str, name: str) -> str:
        """Return the type of a shared schema, imported from the module of the file that declares it."""
        home, schema = self._home[name], self._shared[name]
        written = self.add(home, schema, name, f"`{name}` in answers")
        own = written.removesuffix(" | None").removeprefix("list[").rstrip("]")
        if home != module and own in self._module(home).types:
            self._module(module).imports.setdefault(home, set()).add(own)
        return written

    def _add_type(self, module: str, schema: Node, name: str, summary: str) -> str:
        stem = name.removesuffix("Row").removesuffix("Data")
        fields = [
            (key, self.add(module, part, f"{stem}{_pascal(key)}", f"`{key}` of `{name}`"), part)
            for key, part in schema["properties"].items()
        ]
        written = _typed_dict(name, fields, schema.get("description", summary))
        types = self._module(module).types
        if types.setdefault(name, written) != written:
            raise DeclarationError(f"{module} has two answers named {name}")
        return name

    def _module(self, name: str) -> _Module:
        return self.modules.setdefault(name, _Module(name))


def _typed_dict(name: str, fields: list[tuple[str, str, Node]], summary: str) -> str:
    """Return a TypedDict as ruff would format it: a class, or a call where a key cannot be an attribute."""
    if any(not key.isidentifier() or keyword.iskeyword(key) for key, _, _ in fields):
        lines = [f'    "{key}": {kind},' for key, kind, _ in fields]
        body = [
            f'{name} = TypedDict(\n    "{name}",\n    {{',
            *(f"    {line}" for line in lines),
            "    },",
            "    total=False,\n)",
        ]
        return "\n".join([*body, _docstring(summary, "")]) + "\n"
    parts = [f"class {name}(TypedDict, total=False):", _docstring(summary, "    "), ""]
    for key, kind, schema in fields:
        parts.append(f"    {key}: {kind}")
        if described := _described(schema):
            parts.append(_docstring(described, "    "))
    return "\n".join(parts) + "\n"


def _described(schema: Node) -> str:
    codes = schema.get("x-codes", ())
    lists = ", ".join(f"`{name}`" for name in ([codes] if isinstance(codes, str) else codes))
    return "; codes ".join(part for part in (schema.get("description", ""), lists) if part)


def _docstring(text: str, indent: str) -> str:
    lines = textwrap.wrap(text.rstrip(".") + ".", LINE_LENGTH - len(indent) - 6)
    quoted = [f'"""{lines[0]}', *lines[1:]]
    if len(lines) == 1:
        return f'{indent}{quoted[0]}"""'
    return "\n".join(f"{indent}{line}" for line in (*quoted, '"""'))


def _text(module: _Module) -> str:
    typing = "from typing import Any, TypedDict" if module.needs_any else "from typing import TypedDict"
    imports = [import_line(f"hpcli.api.rows.{home}", module.imports[home]) for home in sorted(module.imports)]
    parts = ["\n".join([head(module.name, "Rows"), typing]), "\n".join(imports)]
    top = "\n\n".join(part for part in parts if part)
    return (
        "\n\n".join([top, *(f"\n{written.rstrip()}" for written in module.types.values())]).rstrip("\n")
        + "\n"
    )


def _optional(written: str, *, has_null: bool) -> str:
    return f"{written} | None" if has_null and written != "Any" else written


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]
