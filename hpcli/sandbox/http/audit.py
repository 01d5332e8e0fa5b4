"""The test suite's check of the stand-in itself: the OpenAPI document must allow every answer.

It is on if `HPCLI_SANDBOX_AUDIT` names a file. A wrong answer becomes HTTP 500 and a line of that
file, so that a test that expects a failure does not pass for the wrong reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from werkzeug.wrappers import Response

from hpcli.reference.document import document, find_operation
from hpcli.reference.platform_errors import platform_error
from hpcli.sandbox.http.leniency import resolve, with_components

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_JSON = "application/json"
_COMBINED = ("allOf", "anyOf", "oneOf")
_FAULTLESS: set[bytes] = set()
"""Digests of answers that were checked: most are given often, and a check takes longer than the answer."""


class Audit:
    """Checks answers before they are sent.

    Args:
        file: gets a line for each fault.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def check(self, request: Request, answer: Response) -> Response:
        """Return the answer, or HTTP 500 instead if the document does not allow it."""
        found = find_operation(request.method, quote(request.path))
        if found is None:
            return answer
        template, operation = found
        this = _digest(template, request.method, answer)
        if this in _FAULTLESS:
            return answer
        faults = list(answer_faults(template, request.method.lower(), operation, answer))
        if not faults:
            _FAULTLESS.add(this)
            return answer
        text = f"{operation['operationId']}: {'; '.join(faults)}"
        with self.file.open("a", encoding="utf-8") as lines:
            lines.write(text + "\n")
        return Response(text, status=500, content_type="text/plain")


def _digest(template: str, method: str, answer: Response) -> bytes:
    parts = (method, template, answer.status, answer.mimetype or "")
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + answer.get_data()).digest()


def answer_faults(template: str, verb: str, operation: Mapping[str, Any], answer: Response) -> Iterator[str]:
    """Yield each fault that the document does not allow: status, kind of content, types, fields, error codes."""
    status = documented_status(operation, answer.status_code)
    if status is None:
        yield f"HTTP {answer.status_code} is not documented"
        return
    kinds, validator, schema = _answer_rules(template, verb, status)
    if answer.mimetype not in kinds:
        yield f"{answer.mimetype or 'no Content-Type'} is not documented for HTTP {status}"
    if answer.mimetype != _JSON or validator is None:
        return
    try:
        body = _trimmed(json.loads(answer.get_data()))
    except ValueError as error:
        yield f"the body is not JSON: {error}"
        return
    faults = (best_match([fault]) for fault in validator.iter_errors(body))
    yield from (f"{fault.json_path}: {fault.message}" for fault in faults)
    yield from (f"{path} is not documented" for path in undocumented(body, schema))
    code = str(body.get("errorCode", "0")) if isinstance(body, dict) else "0"
    if code != "0" and not code.isdecimal() and platform_error(code) is None:
        yield f"errorCode {code} is not documented"


def documented_status(operation: Mapping[str, Any], status: int) -> str | None:
    """Return the key of the answers with that status: `200`, or `4XX` for a whole class."""
    keys = (str(status), f"{status // 100}XX", "default")
    return next((key for key in keys if key in operation["responses"]), None)


def undocumented(value: Any, schema: Mapping[str, Any], path: str = "$") -> Iterator[str]:
    """Yield the paths of fields in an answer that its schema does not name."""
    parts = list(_parts(schema))
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for row in value if items else ():
            yield from undocumented(row, {"allOf": items}, f"{path}[]")
    if not isinstance(value, dict):
        return
    names: dict[str, list[Any]] = {}
    for part in parts:
        for name, inner in part.get("properties", {}).items():
            names.setdefault(name, []).append(inner)
    is_open = not names or any("additionalProperties" in part for part in parts)
    for name, inner_value in value.items():
        if name in names:
            yield from undocumented(inner_value, {"allOf": names[name]}, f"{path}.{name}")
        elif not is_open:
            yield f"{path}.{name}"


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and all schemas that it refers to or is composed of."""
    yield schema
    if "$ref" in schema:
        yield from _parts(resolve(schema["$ref"]))
    for word in _COMBINED:
        for part in schema.get(word, ()):
            yield from _parts(part)


def _trimmed(value: Any) -> Any:
    """Return a value without the blanks around its keys, some of which the guide prints."""
    if isinstance(value, dict):
        return {key.strip(): _trimmed(inner) for key, inner in value.items()}
    return [_trimmed(row) for row in value] if isinstance(value, list) else value


@cache
def _answer_rules(
    template: str, verb: str, status: str
) -> tuple[frozenset[str], Draft202012Validator | None, dict[str, Any]]:
    """Return the kinds of content, and validator and schema of JSON, of an operation's answers."""
    answer = document()["paths"][template][verb]["responses"][status]
    content = (resolve(answer["$ref"]) if "$ref" in answer else answer).get("content", {})
    schema = content.get(_JSON, {}).get("schema")
    validator = None if schema is None else Draft202012Validator(with_components(schema))
    return frozenset(content), validator, schema or {}
