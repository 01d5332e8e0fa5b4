"""What appendices A.4 and A.5 of the guide define: URIs, messages and their fields.

The data is `hpcli/reference/isapi.json`; this module makes trees of it and answers questions.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Format = Literal["xml", "json"]

_DATA = Path(__file__).parent.parent / "reference" / "isapi.json"


@dataclass(frozen=True)
class Field:
    """One element or JSON name of a message, with what it may hold.

    Attributes:
        name: the name on the wire.
        kind: string, integer, float, boolean, datetime or object.
        is_list: it may occur several times (XML) or holds an array (JSON).
        is_required: the guide wants it.
        access: "read" (the device sets it), "write" (the device never shows it) or both.
        values: the values the guide lists, with what they mean (often empty); never complete.
        minimum: smallest number the guide allows, None for no limit.
        maximum: greatest number the guide allows, None for no limit.
        max_length: characters a text may have, None for no limit.
        children: the fields of an object, by name, in the order of the guide.
    """

    name: str
    kind: str
    is_list: bool = False
    is_required: bool = False
    access: Literal["read", "write", "both"] = "both"
    values: Mapping[str, str] = field(default_factory=dict)
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    children: Mapping[str, "Field"] = field(default_factory=dict)

    @property
    def is_leaf(self) -> bool:
        """Whether it holds a value, not further fields."""
        return self.kind != "object"

    @cached_property
    def folded_names(self) -> Mapping[str, str]:
        """The names of the children by themselves as `fold` makes them; each row of a long answer asks for them."""
        from hpcli.isapi.body import fold

        return {fold(name): name for name in self.children}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of appendix A.5.

    Attributes:
        name: as in the guide, like XML_DeviceInfo.
        section: where the guide defines it.
        format: xml or json.
        root: the root element or the one top-level JSON name; None for JSON_ResponseStatus, which has none.
        namespace: XML namespace to send; empty for JSON.
        version: value of the root's version attribute to send; empty for none.
        document: a nameless object whose children are the roots.
    """

    name: str
    section: str
    format: Format
    root: str | None
    namespace: str
    version: str
    document: Field


@dataclass(frozen=True, slots=True)
class UriDefinition:
    """One method of one URI of appendix A.4.

    Attributes:
        section: where the guide defines it.
        method: GET, PUT, POST or DELETE.
        path: the URI without its query; `<ID>` stands for a number.
        summary: what it does, a few words.
        ids: what each `<ID>` is, in order.
        query: parameters, each with `required` and, if they are fixed, `values`.
        request: name of the message to send, None for no body.
        response: name of the message a success answers with.
        failure: name of the message a failure answers with, if the guide says.
        format: format of the bodies.
    """

    section: str
    method: str
    path: str
    summary: str
    ids: tuple[str, ...]
    query: Mapping[str, Mapping[str, Any]]
    request: str | None
    response: str | None
    failure: str | None
    format: Format


@cache
def messages() -> Mapping[str, Message]:
    """Return every message of appendix A.5 by its name."""
    raw = {entry["name"]: entry for entry in _data()["messages"]}
    return MappingProxyType({name: _message(entry, raw) for name, entry in raw.items()})


@cache
def uris() -> tuple[UriDefinition, ...]:
    """Return the 32 pairs of method and URI of appendix A.4."""
    return tuple(
        UriDefinition(**{**entry, "ids": tuple(entry["ids"]), "query": MappingProxyType(entry["query"])})
        for entry in _data()["uris"]
    )


def find_uri(method: str, uri: str) -> UriDefinition | None:
    """Return what the guide says about a method of a URI, None if it says nothing.

    Args:
        method: HTTP method, any case.
        uri: with or without the leading slash and the query, like `ISAPI/System/time`.
    """
    path = "/" + uri.partition("?")[0].strip().strip("/")
    for definition in uris():
        if definition.method == method.upper() and _path_pattern(definition.path).fullmatch(path):
            return definition
    return None


def find_message(root: str, message_format: Format) -> Message | None:
    """Return the first message with this root in this format, None for a root the guide does not know."""
    for message in messages().values():
        if message.format == message_format and root in message.document.children:
            return message
    return None


def leaf_paths(parent: Field) -> Iterator[tuple[Field, ...]]:
    """Yield the path to every value below a field, as the fields passed on the way."""
    for child in parent.children.values():
        if child.is_leaf:
            yield (child,)
        for rest in leaf_paths(child):
            yield (child, *rest)


@cache
def _data() -> Any:
    return json.loads(_DATA.read_text(encoding="utf-8"))


@cache
def _path_pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace("<ID>", r"(?:\d+|0x[0-9A-Fa-f]+)"))


def _message(entry: Mapping[str, Any], raw: Mapping[str, Any]) -> Message:
    fields = _fields(entry, raw)
    # The guide's paths start below the root of an XML message, at the root of a JSON message.
    if entry["format"] == "xml":
        fields = {entry["root"]: Field(entry["root"], "object", is_required=True, children=fields)}
    return Message(
        name=entry["name"],
        section=entry["section"],
        format=entry["format"],
        root=entry["root"],
        namespace=entry.get("namespace", ""),
        version=entry.get("version", ""),
        document=Field("", "object", children=fields),
    )


def _fields(entry: Mapping[str, Any], raw: Mapping[str, Any]) -> Mapping[str, Field]:
    rows_below = defaultdict(list)
    for row in entry["fields"]:
        rows_below[row["path"].rpartition(".")[0]].append(row)

    def fields_below(path: str) -> Mapping[str, Field]:
        return MappingProxyType({made.name: made for made in map(make_field, rows_below[path])})

    def make_field(row: Mapping[str, Any]) -> Field:
        name = row["path"].rpartition(".")[2]
        is_message = row["type"] in raw  # a list of another message, like XML_PTZPreset
        return Field(
            name=name.removesuffix("[]"),
            kind="object" if is_message else row["type"],
            is_list=name.endswith("[]"),
            is_required=row.get("required", False),
            access=row.get("access", "both"),
            values=MappingProxyType(row.get("values", {})),
            minimum=row.get("minimum"),
            maximum=row.get("maximum"),
            max_length=row.get("maxLength"),
            children=_fields(raw[row["type"]], raw) if is_message else fields_below(row["path"]),
        )

    return fields_below("")
