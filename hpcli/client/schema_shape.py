"""What the schemas of answers say, worked out once each: lists have thousands of rows."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from hpcli.reference.document import properties_of, resolve


class Shape(NamedTuple):
    """What a schema says.

    Attributes:
        schema: the schema itself, kept so that its identity stays its own.
        choices: the documented form and those that are also met, empty for a single one.
        kinds: see `kinds_of`.
        properties: field to its schema.
        names: field in lower case to the field.
        items: schema of the rows of a list.
        plain: field to the type of values that need no more than their blanks taken off.
    """

    schema: Mapping[str, Any]
    choices: list[Mapping[str, Any]]
    kinds: list[str]
    properties: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    items: Mapping[str, Any]
    plain: Mapping[str, type]


_SHAPES: dict[int, Shape] = {}
_PLAIN: Final = {"string": str, "integer": int, "boolean": bool}


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """Return what a schema says; the document's schemas live as long as the process."""
    known = _SHAPES.get(id(schema))
    if known is None:
        properties = {name: resolve(field) for name, field in properties_of(schema).items()}
        known = _SHAPES[id(schema)] = Shape(
            schema=schema,
            choices=[resolve(choice) for choice in _choices(schema)],
            kinds=kinds_of(schema),
            properties=properties,
            names={name.lower(): name for name in properties},
            items=resolve(schema.get("items", {})),
            plain={
                name: _PLAIN[kind]
                for name, field in properties.items()
                if not _choices(field) and (kind := next(iter(kinds_of(field)), "")) in _PLAIN
            },
        )
    return known


def _choices(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    choices = schema.get("anyOf") or schema.get("oneOf") or []
    return [] if choices and "const" in choices[0] else choices


def kinds_of(schema: Mapping[str, Any]) -> list[str]:
    """Return the types that a schema allows, the documented one first, those that are also met behind it."""
    given = schema.get("type")
    if given is None:
        given = "array" if "items" in schema else "object" if properties_of(schema) else []
    return [given] if isinstance(given, str) else list(given)
