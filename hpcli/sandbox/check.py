"""Checks of a request against the OpenAPI document: what is missing, mistyped or too long is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from hpcli import reference
from hpcli.sandbox.envelope import Refused

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

PARAMETER_ERROR = "LAP000001"

_JSON = "application/json"
_INTEGER = re.compile(r"-?\d{1,18}")


def checked_body(template: str, request: Request) -> Any:
    """Return the JSON body of a request, `{}` where there is none or the operation takes something else.

    Raises:
        Refused: LAP000001, it is not JSON, is not labelled as JSON, or does not fit the schema.
    """
    kinds, validator = _body_rules(request.method, template)
    text = request.get_data()
    if validator is None or (text.strip() and request.mimetype in kinds and request.mimetype != _JSON):
        return {}
    body = _parsed(request, text) if text.strip() else {}
    fault = best_match(validator.iter_errors(body))
    if fault is not None:
        place = fault.json_path.removeprefix("$").lstrip(".") or "body"
        raise Refused(PARAMETER_ERROR, f"{place}: {fault.message}")
    return body


def check_parameters(operation: Mapping[str, Any], request: Request) -> None:
    """Check headers and query parameters against an operation.

    Raises:
        Refused: LAP000001 with the name of the parameter.
    """
    for parameter in _parameters(operation):
        name = parameter["name"]
        text = request.headers.get(name) if parameter["in"] == "header" else request.args.get(name)
        if text is None:
            if parameter.get("required"):
                raise Refused(PARAMETER_ERROR, f"{parameter['name']} ({parameter['in']}) is missing.")
            continue
        schema = parameter.get("schema", {})
        value = int(text) if schema.get("type") == "integer" and _INTEGER.fullmatch(text) else text
        fault = best_match(Draft202012Validator(with_components(schema)).iter_errors(value))
        if fault is not None:
            raise Refused(PARAMETER_ERROR, f"{parameter['name']} ({parameter['in']}): {fault.message}")


def path_values(template: str, path: str) -> dict[str, str]:
    """Return the values that a path gives to the parameters of its template."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    found = re.fullmatch(pattern, path)
    return {} if found is None else found.groupdict()


def _parameters(operation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for parameter in operation.get("parameters", ()):
        entry = resolve(parameter["$ref"]) if "$ref" in parameter else parameter
        if entry["in"] in ("header", "query"):
            yield entry


def resolve(reference_path: str) -> dict[str, Any]:
    """Return the part of the document that a `$ref` names."""
    node: Any = reference.document()
    for part in reference_path.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def with_components(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema together with those that it may refer to."""
    return {**schema, "components": reference.document().get("components", {})}


def _parsed(request: Request, text: bytes) -> Any:
    if request.mimetype != _JSON:
        raise Refused(PARAMETER_ERROR, f"Content-Type is {request.mimetype or 'missing'}, not {_JSON}.")
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refused(PARAMETER_ERROR, f"The body is not JSON: {error}.") from error


@cache
def _body_rules(method: str, template: str) -> tuple[frozenset[str], Draft202012Validator | None]:
    """Return the kinds of body that an operation takes, and the validator of its JSON."""
    body = reference.document()["paths"][template][method.lower()].get("requestBody", {})
    content = (resolve(body["$ref"]) if "$ref" in body else body).get("content", {})
    schema = content.get(_JSON, {}).get("schema")
    validator = None if schema is None else Draft202012Validator(with_components(schema))
    return frozenset(content), validator
