"""What the platform overlooks in a request that the document does not allow (field notes, Guide §3.6).

Unknown fields do nothing. An optional field that holds nothing counts as left out, and a page number or page size
below one as the usual value: the guide's own examples send 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from hpcli.reference.document import document

_USUAL: Final = {"page": 1, "pageSize": 20}
_CONDITIONAL = ("anyOf", "oneOf", "then", "else")


def as_taken(schema: Mapping[str, Any], value: Any) -> Any:
    """Return a JSON body as the platform reads it.

    Args:
        schema: what the document says about the value.
        value: what was sent; it stays unchanged.
    """
    if isinstance(value, dict):
        return _object(schema, value)
    if isinstance(value, list):
        items = [part["items"] for part in _parts(schema) if "items" in part]
        return [as_taken({"allOf": items}, entry) for entry in value] if items else value
    return value


def resolve(reference_path: str) -> dict[str, Any]:
    """Return the part of the document that a `$ref` names."""
    node: Any = document()
    for part in reference_path.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def with_components(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema together with those that it may refer to."""
    return {**schema, "components": document().get("components", {})}


def _object(schema: Mapping[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    parts = list(_parts(schema))
    is_closed = any(part.get("additionalProperties") is False for part in parts)
    if not is_closed and not any("properties" in part for part in parts):
        return value
    required = {name for part in _parts(schema, all_of_them=False) for name in part.get("required", ())}
    taken = {}
    for name, inner in value.items():
        schemas = [part["properties"][name] for part in parts if name in part.get("properties", ())]
        if not schemas and is_closed:
            continue
        kept = as_taken({"allOf": schemas}, inner)
        if name in _USUAL and schemas and _is_below_one(kept):
            kept = _USUAL[name]
        if name in required or kept not in (None, "", [], {}) or _allows(schemas, kept):
            taken[name] = kept
    return taken


def _is_below_one(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value < 1


def _allows(schemas: list[Mapping[str, Any]], value: Any) -> bool:
    return bool(Draft202012Validator(with_components({"allOf": schemas})).is_valid(value))


def _parts(schema: Mapping[str, Any], *, all_of_them: bool = True) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and those that it is made of; without `all_of_them` only those that always hold."""
    yield schema
    if "$ref" in schema:
        yield from _parts(_resolved(schema["$ref"]), all_of_them=all_of_them)
    for part in schema.get("allOf", ()):
        yield from _parts(part, all_of_them=all_of_them)
    for word in _CONDITIONAL if all_of_them else ():
        inner = schema.get(word, ())
        for part in [inner] if isinstance(inner, Mapping) else inner:
            yield from _parts(part)


_resolved = cache(resolve)
