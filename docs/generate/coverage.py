"""Makes docs/calls.md: which command and which method of the client makes each call of the guide."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from hpcli import client
from hpcli.api.operation import API, Operation
from hpcli.api.operations import all_operations
from hpcli.client import Client
from hpcli.commands.commands import walk
from hpcli.commands.framework.root import build_root

_MOST = 4
_HEAD = """\
# Calls

Every call of the vendor's guide, with the commands and the methods of the [Python client](library.md) that make it.
Made by `python -m docs.generate`.

"""


def make_coverage() -> str:
    """Return the page."""
    return _HEAD + "\n".join(_table()) + "\n"


def _table() -> Iterator[str]:
    commands = list(walk(build_root()))
    methods = sorted(_client_methods("client", Client, ()), key=lambda method: method[0].count("."))
    yield "| § | call | commands | client |"
    yield "|---|---|---|---|"
    grouped: dict[tuple[str, str], set[Operation]] = {}
    for operation in sorted(set(all_operations().values()), key=_section_key):
        grouped.setdefault((operation.method, operation.path), set()).add(operation)
    for (method, path), operations in grouped.items():
        section = next(iter(operations)).section
        using = [row["command"] for row in commands if (method, path) in _calls_of(row)]
        made_by = [name for name, direct, _ in methods if direct & operations]
        made_by = made_by or [name for name, _, indirect in methods if indirect & operations]
        yield f"| {section} | {method} `{path.removeprefix(API)}` | {_listed(using)} | {_listed(made_by)} |"


def _calls_of(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(call["method"], call["path"]) for call in row["calls"]}


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_MOST]) + (" …" if len(names) > _MOST else "") or "all"


def _section_key(operation: Operation) -> tuple[list[int], str, str]:
    return [int(number) for number in re.findall(r"\d+", operation.section)], operation.path, operation.method


def _client_methods(
    name: str, calls: type, above: tuple[type, ...]
) -> Iterator[tuple[str, set[Operation], set[Operation]]]:
    """Yield the public methods below an attribute of the client; the operations each names, and those it reaches."""
    for attribute, member in vars(calls).items():
        if isinstance(member, cached_property) and not attribute.startswith("_"):
            inner = _class_called(member.func.__annotations__.get("return", ""))
            if inner is not None and inner not in above:
                yield from _client_methods(f"{name}.{attribute}", inner, (*above, calls))
    shared = {member for base in above for _, member in inspect.getmembers(base, inspect.isfunction)}
    for attribute, member in inspect.getmembers(calls, inspect.isfunction):
        if not attribute.startswith("_") and calls is not Client and member not in shared:
            direct, indirect = set(_operations(member)), set(_reached(member, calls, set()))
            yield f"{name}.{attribute}", direct, indirect


def _class_called(name: str) -> type | None:
    """Return the class of that name in the client's modules."""
    for module in _client_modules():
        if isinstance(vars(module).get(name), type):
            found: type = vars(module)[name]
            return found
    return None


@cache
def _client_modules() -> list[types.ModuleType]:
    names = sorted(module.name for module in pkgutil.walk_packages(client.__path__, "hpcli.client."))
    return [importlib.import_module(name) for name in names]


def _operations(function: Any) -> Iterator[Operation]:
    """Yield the operations that a function names, by themselves or in a table."""
    for name in _named(function.__code__):
        value = function.__globals__.get(name)
        values = value.values() if isinstance(value, dict) else [value]
        yield from (inner for inner in values if isinstance(inner, Operation))


def _reached(function: Any, calls: type, seen: set[str]) -> Iterator[Operation]:
    """Yield those that a method names itself, or through functions of its module and methods of its class."""
    yield from _operations(function)
    for name in _named(function.__code__):
        value = getattr(calls, name, None) or function.__globals__.get(name)
        if name not in seen and inspect.isfunction(value) and value.__module__ == function.__module__:
            yield from _reached(value, calls, seen | {name})


def _named(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _named(constant)
