"""What the document says of the operations, and a command line for each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from hpcli.api.operation import Operation
from hpcli.api.operations import all_operations
from hpcli.reference.document import document
from tests.contract.lines import NAMES, documented, line_of, place_of
from tests.faults.wrong import NO_DATA

_DEVICES = "/api/hpcgw/v1/device/transparent/"
_KINDS: dict[type, str] = {
    dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number",
    type(None): "null",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """One operation.

    Attributes:
        is_device: it goes through to a device, whose answer comes without the platform's envelope.
        kinds: JSON types of its `data`; empty where it has none, so that any may be passed over.
    """

    name: str
    line: str
    is_change: bool
    is_repeatable: bool
    is_device: bool
    kinds: frozenset[str]

    def allows(self, data: Any) -> bool:
        """Whether the document allows the data: at its outside, and as rows where it is a list.

        An empty object in place of a list, and a list of rows without the object around it, are known from the
        platform (field notes, "Envelope").
        """
        if data is NO_DATA or not self.kinds or data in (None, {}):
            return True
        kind = _KINDS[type(data)]
        if kind == "array" and any(not isinstance(item, dict) for item in data):
            return False
        return kind in self.kinds or (kind == "integer" and "number" in self.kinds)


@cache
def facts_of(name: str) -> Facts:
    """Return what is known of an operation."""
    method, path = place_of(name)
    operation = documented()[method, path]
    reads = bool(operation.get("x-reads"))
    return Facts(
        name,
        line_of(name),
        is_change=not reads,
        is_repeatable=all(declared.repeatable for declared in _declared()[method, path]),
        is_device=path.startswith(_DEVICES),
        kinds=frozenset(_data_kinds(operation) | ({"array"} if "x-rows" in operation else set())),
    )


@cache
def _declared() -> dict[tuple[str, str], list[Operation]]:
    """Return the client's declarations by method and path: the stop of a camera shares those of its move."""
    found: dict[tuple[str, str], list[Operation]] = {}
    for operation in all_operations().values():
        found.setdefault((operation.method, operation.path), []).append(operation)
    return found


def operation_names() -> list[str]:
    """Return the names of all operations, in the order of the document."""
    return list(NAMES)


def _data_kinds(operation: Any) -> set[str]:
    answer = _resolved(operation["responses"].get("200", {}))
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    kinds: set[str] = set()
    for part in _parts(schema):
        if "data" in part.get("properties", {}):
            for inner in _parts(part["properties"]["data"]):
                given = inner.get("type", [])
                kinds |= {given} if isinstance(given, str) else set(given)
    return kinds


def _parts(schema: Any) -> list[Any]:
    resolved = _resolved(schema)
    combined = [inner for word in ("allOf", "anyOf", "oneOf") for inner in resolved.get(word, ())]
    return [resolved, *(part for inner in combined for part in _parts(inner))]


def _resolved(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        found: Any = document()
        for word in node["$ref"].removeprefix("#/").split("/"):
            found = found[word]
        node = found
    return node
