"""The OpenAPI document of the platform, and finding an operation and its answer's fields in it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from hpcli.reference.data import read_text
from hpcli.reference.value_kinds import FieldName, Kind

_KINDS: Final[Mapping[str, Kind]] = {"integer": "number", "number": "number", "boolean": "boolean"}
_SCALARS: Final = ("string", *_KINDS)
_TIME: Final = re.compile("epoch|ISO 8601|device time, as in")
_VERBS = frozenset({"get", "put", "post", "delete"})


@cache
def document() -> dict[str, Any]:
    """Return the parsed openapi.json; treat it as read-only."""
    import json

    parsed: dict[str, Any] = json.loads(read_text("openapi.json"))
    return parsed


def find_operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """Return the path template and the operation for a request, None if the document has none.

    Args:
        method: in any case.
        path: without host; a query behind `?` is ignored.

    A path without placeholders wins over one with, and both over the catch-all of
    `/device/transparent/{uri}`, whose placeholder also holds slashes.
    """
    wanted = path.split("?", 1)[0]
    verb = method.lower()
    if verb not in _VERBS:
        return None
    for template in _templates_for(wanted):
        operation = document()["paths"][template].get(verb)
        if operation is not None:
            return template, operation
    return None


def _templates_for(path: str) -> Iterator[str]:
    paths = document()["paths"]
    if path in paths:
        yield path
    parts = path.split("/")
    for template in paths:
        if "{" in template and _fits(template.split("/"), parts):
            yield template
    for template, item in paths.items():
        prefix = template.split("{", 1)[0]
        if item.get("x-catch-all") and path.startswith(prefix) and len(path) > len(prefix):
            yield template


def _fits(template: list[str], parts: list[str]) -> bool:
    """Return whether each part equals the template's, or stands for a placeholder and is not empty."""
    return len(template) == len(parts) and all(
        part == expected or (expected.startswith("{") and expected.endswith("}") and part)
        for expected, part in zip(template, parts, strict=True)
    )


def answer_fields(method: str, path: str) -> tuple[str, ...]:
    """Return the JSON names of one row of the operation's answer, dotted where objects are nested, with their kinds.

    A row is an item of the list that the operation's `x-rows` names (`data.rows`), else `data` itself. Lists
    inside a row are named, not entered. An operation without data has no names.

    Raises:
        KeyError: the document has no such operation.
    """
    return tuple(FieldName(name, _kind(name, field)) for name, field in _fields(_row_schema(method, path)))


def _kind(name: str, field: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a documented value; the documented type is the first of several."""
    documented = _documented(field)
    if "x-codes" in documented:
        return None
    text, types = documented.get("description", ""), documented.get("type", "")
    first = types if isinstance(types, str) else types[0]
    if first in _SCALARS and _TIME.search(text):
        return "time"
    if first == "string":
        return "version" if name.rpartition(".")[2].lower().endswith("version") else None
    return _KINDS.get(first)


def answer_codes(method: str, path: str) -> dict[str, str]:
    """Return the code lists of the fields of one row of the operation's answer, by their names as in `answer_fields`.

    Raises:
        KeyError: the document has no such operation.
    """
    found = ((name, _documented(field).get("x-codes")) for name, field in _fields(_row_schema(method, path)))
    return {name: codes for name, codes in found if isinstance(codes, str)}


def _row_schema(method: str, path: str) -> Mapping[str, Any]:
    found = find_operation(method, path)
    if found is None:
        raise KeyError(f"{method} {path}")
    operation = found[1]
    schema = _answer_schema(operation)
    for name in operation.get("x-rows", "data").split("."):
        schema = _items(properties_of(schema).get(name, {}))
    return schema


def _answer_schema(operation: dict[str, Any]) -> Mapping[str, Any]:
    content = operation["responses"]["200"].get("content", {})
    schema: Mapping[str, Any] = content.get("application/json", {}).get("schema", {})
    return schema


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that a `$ref` names, or a schema without one as it is."""
    while "$ref" in schema:
        target: Any = document()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def properties_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a schema and of all schemas it is composed of."""
    schema = _documented(schema)
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found.update(properties_of(part))
    found.update(schema.get("properties", {}))
    return found


def _documented(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a `$ref`, and take the documented form, which is the first, of several."""
    found = resolve(schema)
    while "anyOf" in found:
        found = resolve(found["anyOf"][0])
    return found


def _items(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of an array's items; a schema that is not an array is returned as it is."""
    resolved = _documented(schema)
    items: Mapping[str, Any] = resolved.get("items", resolved)
    return items


def _fields(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, inner in properties_of(schema).items():
        yield f"{prefix}{name}", inner
        if "items" not in _documented(inner):
            yield from _fields(inner, f"{prefix}{name}.")
