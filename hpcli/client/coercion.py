"""Answers in the documented names and types, whatever form they came in.

Names and types drift (field notes, "Lists and values"; errata §2): digits come as text, booleans as 0 and 1,
one object for a list of one, keys in another case. What the document does not know is passed on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from hpcli.errors import PlatformError, ProtocolError
from hpcli.reference.document import find_operation, properties_of, resolve

if TYPE_CHECKING:
    from hpcli.api.operation import Operation

Data = TypeVar("Data")

# Spellings that the errata call equal, beside those that differ in case only (errata 63, 81, 91, 92).
_EQUAL = {
    "extendinfo": "extinfo",
    "installermanagers": "installermangers",
    "videosignal": "videosingle",
    "attributeid": "attributed",
    "status": "statue",
    "deviceid": "id",
}
# Neither `nan` nor `1e999`, which JSON cannot write, nor more digits than Python reads.
_INTEGER = re.compile(r"-?[0-9]{1,30}")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_TRUE = {"true", "1", "yes"}
_FALSE = {"false", "0", "no"}


def read_answer(operation: Operation[Data], data: Any, *, is_needed: bool = False) -> Data:
    """Return what a call answers, in the documented names and types: its object, or its list of rows.

    What is missing is an empty one. Data that the document does not describe is returned as it is.

    Args:
        operation: the call.
        data: what came.
        is_needed: rows that are missing are an error: they are to go back with a change.

    Raises:
        ProtocolError: rows are needed, and missing or something else.
        PlatformError: it is something else, as where a list has items that are no objects.
    """
    kind, rows_at = _form(operation.method, operation.path)
    is_said = bool(data)
    if rows_at and isinstance(data, list):  # a bare array is met too (field notes, "Envelope")
        data = {rows_at[-1]: data}
    fitted = coerce(operation, data) if data else data
    if rows_at is not None:
        found = _under(fitted, rows_at)
        if is_needed and not (is_said and isinstance(found, list)):
            raise ProtocolError("The platform did not say what there is now, so it cannot be changed safely.")
        fitted = found or []
        is_right = isinstance(fitted, list) and all(isinstance(row, dict) for row in fitted)
    elif kind == "object":
        fitted = fitted or {}
        is_right = isinstance(fitted, dict)
    else:
        is_right = True
    if not is_right:
        kind_of_error = ProtocolError if is_needed else PlatformError
        raise kind_of_error("The platform's answer has another form than the guide says.")
    return cast("Data", fitted)


def coerce(operation: Operation, data: Any) -> Any:
    """Return the data of an answer of `operation` in the documented names and types."""
    if data is None:
        return None
    schema = _data_schema(operation.method, operation.path)
    return _fit(data, schema) if schema else data


@cache
def _form(method: str, path: str) -> tuple[str | None, tuple[str, ...] | None]:
    """Return the type of `data` in a call's answer, and the keys in it that lead to the rows, None without rows."""
    schema = _data_schema(method, path)
    found = find_operation(method, path)
    if schema is None or found is None:
        return None, None
    while "anyOf" in schema:
        schema = resolve(schema["anyOf"][0])
    kinds = schema.get("type")
    rows = found[1].get("x-rows")
    return (
        kinds[0] if isinstance(kinds, list) else kinds,
        None if rows is None else tuple(rows.split(".")[1:]),
    )


def _under(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else value
    return value


@cache
def _data_schema(method: str, path: str) -> Mapping[str, Any] | None:
    """Return the schema of `data` in the answer of a call, or None where there is none."""
    found = find_operation(method, path)
    if found is None:
        return None
    content = found[1].get("responses", {}).get("200", {}).get("content", {})
    envelope = resolve(content.get("application/json", {}).get("schema", {}))
    data = properties_of(envelope).get("data")
    return resolve(data) if data else None


def _fit(value: Any, schema: Mapping[str, Any]) -> Any:
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices and "const" not in choices[0]:
        # The documented form stands first, the tolerated ones behind it.
        return _fit(value, resolve(choices[0]))
    kinds = schema.get("type", ())
    kind = kinds if isinstance(kinds, str) else next(iter(kinds), None)
    if kind == "array" or "items" in schema:
        rows = value if isinstance(value, list) else [value] if isinstance(value, dict) else value
        items = resolve(schema.get("items", {}))
        return [_fit(row, items) for row in rows] if isinstance(rows, list) else rows
    if isinstance(value, list) and kind == "object":
        return _fit(value[0], schema) if len(value) == 1 else [_fit(row, schema) for row in value]
    if isinstance(value, dict):
        return _fit_object(value, schema)
    return _fit_scalar(value, kind)


def _fit_object(value: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = properties_of(schema)
    names = {name.lower(): name for name in properties}
    fitted: dict[str, Any] = {}
    for key, item in value.items():
        name = key if key in properties else _documented_name(key, names)
        if name != key and (name in value or name in fitted):
            name = key  # the documented field is there as well
        if name in properties:
            item = _fit(item, resolve(properties[name]))  # noqa: PLW2901 - the fitted item takes its place
        fitted[name] = item
    return fitted


def _documented_name(key: str, names: Mapping[str, str]) -> str:
    folded = key.strip().lower()
    return names.get(folded) or names.get(_EQUAL.get(folded, folded)) or key


def _fit_scalar(value: Any, kind: str | None) -> Any:
    if kind == "integer" and isinstance(value, bool):
        return int(value)
    if kind == "integer" and isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value.strip()) else value
    if kind == "number" and isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else value
    if kind == "boolean" and not isinstance(value, bool):
        word = str(value).strip().lower()
        return True if word in _TRUE else False if word in _FALSE else value
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if kind == "string" and isinstance(value, str):
        return value.strip()
    return value
