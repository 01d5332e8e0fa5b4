"""Assembles hpcli/reference/openapi.json from the files in docs/openapi, whose short forms `declarations` explains."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from docs.generate.declarations import MARKS, ROOT, TRANSPARENT, VERBS, DeclarationError, Node, common, files
from docs.generate.device_messages import device_responses, message_media

TARGET = ROOT / "hpcli" / "reference" / "openapi.json"
# Longer lists are named by `x-codes` only.
CODES_SPELT_OUT = 20
# All calls that are passed on to devices stand beside each other in the document.
_TAG_OF_DEVICES = "device"
_KEPT_MARKS = {
    "x-unlimited",
    "x-empty-answer",
}  # what `hpcli api` needs to know of a call that is named by its path

_KIND_OF = {"items": "array", "properties": "object", "required": "object"}

_FORMAT: Node = {
    "name": "format",
    "in": "query",
    "required": True,
    "description": "JSON messages",
    "schema": {"type": "string", "enum": ["json"]},
}


def build() -> Node:
    """Return the whole document."""
    shared = common()
    codes = json.loads((TARGET.parent / "codes.json").read_text(encoding="utf-8"))
    schemas: Node = {}
    writer = _Writer(codes, shared["examples"], schemas)
    document: Node = {name: shared[name] for name in ("openapi", "info", "servers", "security")}
    document["tags"] = []
    paths: Node = {}
    components = {**shared["components"], "schemas": schemas}
    components["responses"] = {
        **components["responses"],
        **device_responses(components["responses"]["DeviceMessage"]),
    }
    components["parameters"] = {
        name: {**parameter, "schema": writer.request(parameter["schema"])}
        for name, parameter in components["parameters"].items()
    }
    _add_schemas(schemas, writer, shared)
    for module, file in files().items():
        tag = module.partition(".")[0]
        if "description" in file:
            document["tags"].append({"name": tag, "description": file["description"]})
        _add_schemas(schemas, writer, file)
        for path, item in file.get("paths", {}).items():
            paths[path] = writer.path_item(item, tag)
        for uri, item in file.get("pass-through", {}).items():
            paths[TRANSPARENT + uri] = writer.device_item(item, _TAG_OF_DEVICES)
    document["paths"] = dict(sorted(paths.items(), key=_section_of))
    document["components"] = components
    return document


def render(document: Node) -> str:
    """Return the document as the text of openapi.json: no blanks, since it is read at run time."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _section_of(entry: tuple[str, Node]) -> tuple[bool, list[int], str]:
    """Return where the guide has a path: chapter 3, then the appendix."""
    path, item = entry
    section = next(item[verb]["x-section"] for verb in VERBS if verb in item)
    return section.startswith("§A"), [int(number) for number in re.findall(r"\d+", section)], path


def _add_schemas(schemas: Node, writer: _Writer, file: Node) -> None:
    for kind, write in (("requests", writer.request), ("answers", writer.answer)):
        for name, schema in file.get(kind, {}).items():
            _add_schema(schemas, name, write(schema))


def _add_schema(schemas: Node, name: str, schema: Node) -> Node:
    """Add a schema to the components; return a reference to it."""
    if name in schemas:
        raise DeclarationError(f"the schema {name} is declared twice")
    schemas[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


class _Writer:
    """Turns the short forms of the files into OpenAPI.

    Args:
        codes: the code lists.
        examples: values of answers by the name of their field, with which a mock of the document succeeds.
        schemas: gets the schemas of answers, by name, since programs that make clients name types after them.
    """

    def __init__(self, codes: Node, examples: Node, schemas: Node) -> None:
        self._codes = codes
        self._examples = examples
        self._schemas = schemas

    def path_item(self, item: Node, tag: str) -> Node:
        """Return a path item; keys that are not an HTTP method are kept."""
        return {key: self._operation(value, tag) if key in VERBS else value for key, value in item.items()}

    def device_item(self, item: Node, tag: str) -> Node:
        """Return the path item of a device's URI, whose messages are not wrapped in an envelope."""
        shared = [_parameter_ref(p) for p in item.get("parameters", ())]
        return {
            verb: self._device_operation(operation, shared, tag)
            for verb, operation in item.items()
            if verb != "parameters"
        }

    def request(self, schema: Node) -> Node:
        """Return a schema of a request: closed objects, codes as `enum`."""
        written = self._schema(schema, self.request)
        if "properties" in written:
            written.setdefault("additionalProperties", False)
        if "x-codes" in schema:
            codes = list(self._listed(schema["x-codes"]))
            written["enum"] = [code["value"] for code in codes]
            written["x-enum-descriptions"] = [code["label"] for code in codes]
        return written

    def answer(self, schema: Node) -> Node:
        """Return a schema of an answer: open objects, codes as a remark."""
        written = self._schema(schema, self.answer)
        if "x-codes" in schema:
            codes = list(self._listed(schema["x-codes"]))
            if len(codes) <= CODES_SPELT_OUT:
                spelt = ", ".join(_spell(code) for code in codes)
                written["description"] = f"{written['description']}: {spelt}"
            self._add_example(written, next(code["value"] for code in codes if code["value"] is not None))
        for name, part in written.get("properties", {}).items():
            if name in self._examples:
                self._add_example(part, self._examples[name])
        return _without_mixed_types(written)

    def _listed(self, names: str | list[str]) -> Iterator[Node]:
        for name in [names] if isinstance(names, str) else names:
            yield from self._codes[name]["codes"]

    def _add_example(self, schema: Node, value: Any) -> None:
        """Give a plain value an example, in its documented type."""
        kind = _kinds(schema)[0]
        if kind == "string":
            schema["examples"] = [str(value)]
        elif kind in ("integer", "number", "boolean") and not isinstance(value, str):
            schema["examples"] = [value]

    def _schema(self, schema: Node, write: Any) -> Node:
        written = dict(schema)
        if "$ref" in written and "/" not in written["$ref"]:
            written["$ref"] = f"#/components/schemas/{written['$ref']}"
        for key in ("items", "additionalProperties"):
            if isinstance(written.get(key), dict):
                written[key] = write(written[key])
        for key in ("anyOf", "oneOf", "allOf"):
            if key in written and all("type" in part or "$ref" in part for part in written[key]):
                written[key] = [write(part) for part in written[key]]
        if "properties" in written:
            written["properties"] = {name: write(part) for name, part in written["properties"].items()}
        return written

    def _operation(self, short: Node, tag: str) -> Node:
        operation = {"tags": [tag], **_without_marks(short)}
        if "parameters" in operation:
            operation["parameters"] = [self._parameter(p) for p in operation["parameters"]]
        for key, media in (("body", "application/json"), ("form", "multipart/form-data")):
            if key in operation:
                short_schema = dict(operation.pop(key))
                is_required = short_schema.pop("x-required", True)
                schema = self.request(short_schema)
                operation["requestBody"] = {"required": is_required, "content": {media: {"schema": schema}}}
        name = operation["operationId"][0].upper() + operation["operationId"][1:]
        data: Node | None = None
        if "rows" in operation:
            operation["x-rows"] = "data.rows"
            operation["x-paging"] = _paging(operation.get("x-paging", {}))
            rows = {"type": "array", "items": self._named(f"{name}Row", self.answer(operation.pop("rows")))}
            page = {"$ref": "#/components/schemas/Page"}
            data = self._named(f"{name}Data", _both(page, {"rows": rows}))
        elif "data" in operation:
            data = self._data(name, self.answer(operation.pop("data")))
        envelope: Node = {"$ref": "#/components/schemas/Envelope"}
        if data is not None:
            envelope = self._named(f"{name}Answer", _both(envelope, {"data": _or_null(data)}))
        operation.setdefault("responses", _responses(envelope))
        return operation

    def _data(self, name: str, schema: Node) -> Node:
        """Return the schema of `data`, with a name for the object that it is or lists."""
        if schema.get("type") == "array":
            return {**schema, "items": self._named(f"{name}Row", schema["items"])}
        return schema if not schema.keys() - {"$ref", "description"} else self._named(f"{name}Data", schema)

    def _named(self, name: str, schema: Node) -> Node:
        """Return a reference to a schema of its own name."""
        return schema if "$ref" in schema else _add_schema(self._schemas, name, schema)

    def _parameter(self, parameter: Node) -> Node:
        if "$ref" in parameter:
            return _parameter_ref(parameter)
        return {**parameter, "schema": self.request(parameter["schema"])}

    def _device_operation(self, short: Node, shared: list[Node], tag: str) -> Node:
        headers = [
            _parameter_ref({"$ref": name}) for name in ("Devserial", "Username", "Password", "Userlevel")
        ]
        operation: Node = {"tags": [tag], **_without_marks(short)}
        sent, answered = operation.pop("sends", None), operation.pop("answers", None)
        is_json = any(message and message.startswith("JSON") for message in (sent, answered))
        query = [_FORMAT] * is_json + [self._parameter(p) for p in operation.pop("query", ())]
        operation["parameters"] = [*shared, *query, *headers]
        if sent:
            operation["x-request-message"] = sent
            schema = {"type": "object"} if sent.startswith("JSON") else {"type": "string"}
            content = {message_media(sent): {"schema": schema}}
            operation["requestBody"] = {"required": True, "content": content}
        if answered:
            operation["x-answer-message"] = answered
        operation["responses"] = {
            "200": {"$ref": f"#/components/responses/{answered or 'DeviceMessage'}"},
            "4XX": {"$ref": "#/components/responses/DeviceMessage"},
        }
        return operation


def _without_marks(short: Node) -> Node:
    """Return an operation without what only hpcli/api/operations needs."""
    return {key: value for key, value in short.items() if key not in MARKS or key in _KEPT_MARKS}


def _parameter_ref(parameter: Node) -> Node:
    return {"$ref": f"#/components/parameters/{parameter['$ref']}"}


def _spell(code: Node) -> str:
    value = "null" if code["value"] is None else str(code["value"])
    label = code["label"]
    if value.casefold() == label.casefold():
        return value
    is_name = label.split()[0][1:].lower() != label.split()[0][1:]  # as in NVR, AX Pro, MinMoe
    return f"{value} {label if is_name else label[:1].lower() + label[1:]}"


def _paging(differing: Node) -> Node:
    """Return how the pages of a list are asked for and found; page numbers begin with 1."""
    usual = {"in": "body", "page": "page", "pageSize": "pageSize", "defaultPageSize": 20}
    answer = {"rows": "data.rows", "total": "data.total", "totalPages": "data.totalPage"}
    return {**usual, **answer, **differing}


def _responses(schema: Node) -> Node:
    return {
        "200": {
            "description": "Done, or refused: errorCode tells",
            "content": {"application/json": {"schema": schema}},
        },
        "4XX": {"$ref": "#/components/responses/Refused"},
    }


def _both(schema: Node, properties: Node) -> Node:
    """Return the schema of what has further properties; beside `allOf`, programs that make clients lose them."""
    return {"allOf": [schema, {"type": "object", "properties": properties}]}


def _or_null(data: Node) -> Node:
    """Return the schema of `data` with null allowed, as it comes with an error (field notes, "Envelope")."""
    return {"anyOf": [data, {"type": "null"}]} if data.keys() - {"description"} else data


def _without_mixed_types(schema: Node) -> Node:
    """Return a schema without a list of types that mixes a plain one with objects or arrays.

    Programs that make clients cannot read such a list; they can read `anyOf`.
    """
    kinds = _kinds(schema)
    if "array" in kinds:
        schema.setdefault("items", {})
    if len(set(kinds) - {"null"}) < 2 or not {"object", "array"}.intersection(kinds):
        return schema
    inner = {key: schema[key] for key in ("items", "properties", "required") if key in schema}
    outer = {key: value for key, value in schema.items() if key not in (*inner, "type")}
    parts: list[Node] = [{"type": kind} for kind in kinds]
    for part in parts:
        part |= {key: value for key, value in inner.items() if _KIND_OF[key] == part["type"]}
    return {**outer, "anyOf": parts}


def _kinds(schema: Node) -> list[str]:
    kinds = schema.get("type", "")
    return [kinds] if isinstance(kinds, str) else list(kinds)
