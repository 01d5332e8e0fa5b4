"""Assemble hpcli/reference/openapi.json from the YAML files in docs/openapi.

    python -m docs.generate.document            write the document
    python -m docs.generate.document --check    exit 1 if it is not up to date

`common.yaml` holds what all families share, every other file one family. The files are OpenAPI 3.1, shortened:

=================  ==========================================================================================
in the files       becomes
=================  ==========================================================================================
`tag`              the tag of every operation of the file
`requests`         schemas of requests; their objects take no other properties than those listed
`answers`          schemas of answers; unknown properties and codes are fine
`$ref: Name`       `$ref: "#/components/schemas/Name"`, or `…/parameters/Name` in a list of parameters
`body`             a JSON request body; with `form` instead, a multipart one
`data`             the schema of `data` in the answer's envelope; without it the envelope alone
`rows`             the schema of one row of a paged list, with the paging of the guide around it
`x-codes: list`    names a list of hpcli/reference/codes.json: an `enum` in requests, a remark in answers
`pass-through`     calls to devices (Guide A.4): the headers of §3.23 and the two ways of answering are added
=================  ==========================================================================================

Documented types stand first (`[integer, string]`), the forms that are also met behind them.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
HERE = ROOT / "docs" / "openapi"
TARGET = ROOT / "hpcli" / "reference" / "openapi.json"
FAMILIES = [
    "auth",
    "installer",
    "site",
    "customer",
    "health",
    "device",
    "otap",
    "isapi",
    "alarms",
    "arc",
    "person",
    "access",
    "video",
    "hotspare",
    "package",
]
TRANSPARENT = "/api/hpcgw/v1/device/transparent"
# Longer lists are named by `x-codes` only.
CODES_SPELT_OUT = 20

Node = dict[str, Any]


def build() -> Node:
    """Return the whole document."""
    common = _load("common")
    codes = json.loads((TARGET.parent / "codes.json").read_text(encoding="utf-8"))
    writer = _Writer(codes)
    document: Node = {name: common[name] for name in ("openapi", "info", "servers", "security")}
    document["tags"] = []
    document["paths"] = {}
    components = common["components"]
    components["schemas"] = {}
    components["parameters"] = {
        name: {**parameter, "schema": writer.request(parameter["schema"])}
        for name, parameter in components["parameters"].items()
    }
    for file in (common, *map(_load, FAMILIES)):
        _add_file(document, components["schemas"], writer, file)
    document["components"] = components
    return document


def render(document: Node) -> str:
    """Return the document as the text of openapi.json: no blanks, since it is read at run time."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def main(arguments: list[str]) -> int:
    """Write the document, or tell whether it is up to date; return the exit code."""
    text = render(build())
    if "--check" in arguments:
        is_current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        return 0 if is_current else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def _load(name: str) -> Node:
    content: Node = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def _add_file(document: Node, schemas: Node, writer: "_Writer", file: Node) -> None:
    for name, schema in file.get("requests", {}).items():
        schemas[name] = writer.request(schema)
    for name, schema in file.get("answers", {}).items():
        schemas[name] = writer.answer(schema)
    if "tag" not in file:
        return
    tag = file["tag"]
    if "description" in tag:
        document["tags"].append(tag)
    for path, item in file.get("paths", {}).items():
        document["paths"][path] = writer.path_item(item, tag["name"])
    for uri, item in file.get("pass-through", {}).items():
        document["paths"][TRANSPARENT + uri] = writer.device_item(item, tag["name"])


class _Writer:
    """Turns the short forms of the files into OpenAPI."""

    def __init__(self, codes: Node) -> None:
        self._codes = codes

    def path_item(self, item: Node, tag: str) -> Node:
        """Return a path item; keys that are no HTTP method are kept."""
        return {
            key: self._operation(value, tag) if key in ("get", "put", "post", "delete") else value
            for key, value in item.items()
        }

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
        return written

    def _listed(self, names: str | list[str]) -> Iterator[Node]:
        for name in [names] if isinstance(names, str) else names:
            yield from self._codes[name]["codes"]

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
        operation = {"tags": [tag], **short}
        if "parameters" in operation:
            operation["parameters"] = [self._parameter(p) for p in operation["parameters"]]
        for key, media in (("body", "application/json"), ("form", "multipart/form-data")):
            if key in operation:
                short_schema = dict(operation.pop(key))
                is_required = short_schema.pop("x-required", True)
                schema = self.request(short_schema)
                operation["requestBody"] = {"required": is_required, "content": {media: {"schema": schema}}}
        if "rows" in operation:
            row = self.answer(operation.pop("rows"))
            operation["x-rows"] = "data.rows"
            operation["x-paging"] = _paging(operation.get("x-paging", {}))
            data: Node | None = {
                "allOf": [{"$ref": "#/components/schemas/Page"}],
                "type": "object",
                "properties": {"rows": {"type": "array", "items": row}},
            }
        else:
            data = self.answer(operation.pop("data")) if "data" in operation else None
        operation.setdefault("responses", _responses(data))
        return operation

    def _parameter(self, parameter: Node) -> Node:
        if "$ref" in parameter:
            return _parameter_ref(parameter)
        return {**parameter, "schema": self.request(parameter["schema"])}

    def _device_operation(self, short: Node, shared: list[Node], tag: str) -> Node:
        headers = [
            _parameter_ref({"$ref": name}) for name in ("Devserial", "Username", "Password", "Userlevel")
        ]
        query = [self._parameter(p) for p in short.get("query", ())]
        operation: Node = {"tags": [tag], **short, "parameters": [*shared, *query, *headers]}
        operation.pop("query", None)
        sent, answered = operation.pop("sends", None), operation.pop("answers", None)
        if sent:
            operation["x-request-message"] = sent
            schema = {"type": "object"} if sent.startswith("JSON") else {"type": "string"}
            operation["requestBody"] = {"required": True, "content": {_media(sent): {"schema": schema}}}
        if answered:
            operation["x-answer-message"] = answered
        operation["responses"] = {
            "200": {"$ref": "#/components/responses/DeviceMessage"},
            "4XX": {"$ref": "#/components/responses/DeviceMessage"},
        }
        return operation


def _parameter_ref(parameter: Node) -> Node:
    return {"$ref": f"#/components/parameters/{parameter['$ref']}"}


def _media(message: str) -> str:
    return "application/json" if message.startswith("JSON") else "application/xml"


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


def _responses(data: Node | None) -> Node:
    envelope: Node = {"$ref": "#/components/schemas/Envelope"}
    if data is not None:
        envelope = {"allOf": [envelope], "type": "object", "properties": {"data": _or_null(data)}}
    return {
        "200": {
            "description": "Done, or refused: errorCode tells",
            "content": {"application/json": {"schema": envelope}},
        },
        "4XX": {"$ref": "#/components/responses/Refused"},
    }


def _or_null(data: Node) -> Node:
    """Return the schema of `data` with null allowed, as it comes with an error (field notes, "Envelope")."""
    return {**data, "type": [data["type"], "null"]} if isinstance(data.get("type"), str) else data


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
