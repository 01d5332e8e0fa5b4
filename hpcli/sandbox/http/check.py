"""Checks of a request against the OpenAPI document: what is missing, mistyped or too long is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from hpcli.reference.document import document
from hpcli.sandbox.http.envelope import Refused

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

PARAMETER_ERROR = "LAP000001"

_JSON = "application/json"
_INTEGER = re.compile(r"-?\d{1,18}")


def checked_body(template: str, request: Request) -> Any:
    """Return the JSON body of a request, `{}` if there is none or the operation takes another kind.

    Raises:
        Refused: LAP000001, it is missing, is not JSON, has another content type, or does not fit the schema.
    """
    rules = _body_rules(request.method, template)
    text = request.get_data()
    if rules.is_required and not text:
        raise Refused(PARAMETER_ERROR, "The body is missing.")
    if rules.form:
        _check_form(rules.form, request)
    validator = rules.json
    if validator is None or (text.strip() and request.mimetype in rules.kinds and request.mimetype != _JSON):
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
    node: Any = document()
    for part in reference_path.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def with_components(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema together with those that it may refer to."""
    return {**schema, "components": document().get("components", {})}


def _parsed(request: Request, text: bytes) -> Any:
    if request.mimetype != _JSON:
        raise Refused(PARAMETER_ERROR, f"Content-Type is {request.mimetype or 'missing'}, not {_JSON}.")
    try:
        return json.loads(text, parse_float=_number, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(PARAMETER_ERROR, f"The body is not JSON: {error}.") from error


def _number(text: str) -> float:
    """Return the number; 7.0 is an integer in JSON Schema, so it becomes one here."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


@dataclass(frozen=True, slots=True)
class _BodyRules:
    """The body that an operation takes.

    Attributes:
        kinds: media types.
        json: validator of JSON, None if it takes no JSON.
        form: names of the parts of a form; whether each is required.
        is_required: whether it is required.
    """

    kinds: frozenset[str]
    json: Draft202012Validator | None
    form: Mapping[str, bool]
    is_required: bool


@cache
def _body_rules(method: str, template: str) -> _BodyRules:
    body = document()["paths"][template][method.lower()].get("requestBody", {})
    resolved = resolve(body["$ref"]) if "$ref" in body else body
    content = resolved.get("content", {})
    schema = content.get(_JSON, {}).get("schema")
    form = content.get("multipart/form-data", {}).get("schema", {})
    return _BodyRules(
        kinds=frozenset(content),
        json=None if schema is None else Draft202012Validator(with_components(schema)),
        form={name: name in form.get("required", ()) for name in form.get("properties", ())},
        is_required=bool(resolved.get("required")),
    )


def _check_form(parts: Mapping[str, bool], request: Request) -> None:
    sent = {*request.form, *request.files}
    missing = [name for name, is_required in parts.items() if is_required and name not in sent]
    if missing:
        raise Refused(PARAMETER_ERROR, f"{missing[0]} (form) is missing.")
    unknown = sorted(sent - set(parts))
    if unknown:
        raise Refused(PARAMETER_ERROR, f"{unknown[0]} (form) is not a part of this call.")
