"""Checks of a request against the OpenAPI document: what is missing, mistyped or too long is refused.

What the platform overlooks is in `leniency`; a device judges for itself what the gateway passes on to it.
"""

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
from hpcli.sandbox.http.leniency import as_taken, resolve, with_components

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

PARAMETER_ERROR = "LAP000001"

PASSED_ON = "/api/hpcgw/v1/device/transparent"
"""How the paths of requests begin that the gateway passes on to a device (Guide §3.23)."""

_PAGES = ("pageIndex", "pageSize")
_JSON = "application/json"
_INTEGER = re.compile(r"-?\d{1,18}")


def checked_body(template: str, request: Request) -> Any:
    """Return the JSON body of a request, `{}` if there is none or the operation takes another kind.

    Raises:
        Refused: LAP000001, it is missing, is not JSON, has another content type, or does not fit the schema.
    """
    rules = _body_rules(request.method, template)
    text = request.get_data()
    is_passed_on = template.startswith(PASSED_ON)
    if rules.is_required and not text and not is_passed_on:
        raise Refused(PARAMETER_ERROR, "The body is missing.")
    if rules.form:
        _check_form(rules.form, request)
    validator = rules.json
    if validator is None or (is_passed_on and text.lstrip()[:1] not in (b"{", b"[")):
        return {}
    if text.strip() and not is_passed_on and request.mimetype != _JSON:
        if request.mimetype in rules.kinds:
            return {}
        raise Refused(PARAMETER_ERROR, f"Content-Type is {request.mimetype or 'missing'}, not {_JSON}.")
    body = as_taken(rules.schema, _parsed(text)) if text.strip() else {}
    fault = best_match(validator.iter_errors(body))
    if fault is not None:
        place = fault.json_path.removeprefix("$").lstrip(".") or "body"
        raise Refused(PARAMETER_ERROR, f"{place}: {fault.message}")
    return body


def check_parameters(template: str, operation: Mapping[str, Any], request: Request) -> None:
    """Check headers and query parameters against an operation; the query of a device is its own affair.

    Raises:
        Refused: LAP000001 with the name of the parameter.
    """
    for parameter in _parameters(operation):
        name = parameter["name"]
        if parameter["in"] == "query" and template.startswith(PASSED_ON):
            continue
        text = request.headers.get(name) if parameter["in"] == "header" else request.args.get(name)
        if text is None:
            if parameter.get("required"):
                raise Refused(PARAMETER_ERROR, f"{parameter['name']} ({parameter['in']}) is missing.")
            continue
        schema = parameter.get("schema", {})
        if text == "" and not parameter.get("required"):
            continue
        if name in _PAGES:  # the call itself brings a number that is out of range into it (§3.24.11)
            schema = {"type": schema["type"]}
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


def _parsed(text: bytes) -> Any:
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
        schema: schema of JSON; empty if it takes no JSON.
        form: names of the parts of a form; whether each is required.
        is_required: whether it is required.
    """

    kinds: frozenset[str]
    json: Draft202012Validator | None
    schema: Mapping[str, Any]
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
        schema=schema or {},
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
