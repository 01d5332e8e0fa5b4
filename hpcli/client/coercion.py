"""Answers in the documented names and types, in any form that is met.

Names and types drift (field notes, "Lists and values"; errata §2): digits come as text, booleans as 0 and 1,
one object for a list of one, keys in another case. What the document does not know is passed on as it is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from hpcli.client.schema_shape import Shape, kinds_of, shape_of
from hpcli.errors import ProtocolError
from hpcli.masking import HIDDEN, is_secret, mask, quote_line
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
_NUMBERS = ("integer", "number")
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (),
}
_LONGEST_QUOTE = 80
_MOST_NAMED = 3
_TRUE = {"true", "1", "yes"}
_FALSE = {"false", "0", "no"}


class _Misfit(Exception):  # noqa: N818 - becomes a ProtocolError, once it is known where it stood
    """A value that is not what the document says.

    Args:
        value: what came.
        wanted: what the document says.
        at: where, from the inside out.
    """

    def __init__(self, value: Any, wanted: str) -> None:
        super().__init__(wanted)
        self.value = value
        self.wanted = wanted
        self.at: list[str] = []

    def under(self, place: str) -> _Misfit:
        """Return the same one level further out."""
        self.at.append(place)
        return self


def read_answer(operation: Operation[Data], data: Any, *, is_needed: bool = False) -> Data:
    """Return what a call answers, in the documented names and types: its object, or its list of rows.

    What is missing is an empty one. Data that the document does not describe is returned as it is.

    Args:
        operation: the call.
        data: what came.
        is_needed: rows that are missing are an error: they are to go back with a change.

    Raises:
        ProtocolError: an object, a list of rows or a number is something else, or needed rows are missing.
    """
    kind, rows_at = _form(operation.method, operation.path)
    is_said = bool(data)
    if rows_at and isinstance(data, list):  # a bare array is met too (field notes, "Envelope")
        data = {rows_at[-1]: data}
    fitted = coerce(operation, data)
    if rows_at is not None:
        found = _under(fitted, rows_at)
        if is_needed and not (is_said and isinstance(_under(data, rows_at), list | dict)):
            raise ProtocolError("The platform did not say what there is now, so it cannot be changed safely.")
        if found is None:
            _check_nothing_hidden(operation, fitted, rows_at)
        fitted = [] if found is None else found
    elif kind == "object" and fitted is None:
        fitted = {}
    return cast("Data", fitted)


def _check_nothing_hidden(operation: Operation, fitted: Any, rows_at: tuple[str, ...]) -> None:
    """Check that an answer without its rows does not hold others under a name that the document lacks.

    Raises:
        ProtocolError: it does, so that there are perhaps rows.
    """
    schema = _data_schema(operation.method, operation.path)
    if not isinstance(fitted, dict) or not rows_at or rows_at[-1] in fitted or schema is None:
        return
    known = properties_of(_first_choice(schema))
    strange = [
        name for name, item in fitted.items() if name not in known and item and isinstance(item, list | dict)
    ]
    if strange:
        raise ProtocolError(
            f"The platform's answer is not what the guide describes: it has no {rows_at[-1]}, "
            f"but {', '.join(quote_line(name, _LONGEST_QUOTE) for name in strange[:_MOST_NAMED])}."
        )


def coerce(operation: Operation, data: Any) -> Any:
    """Return the data of an answer of `operation` in the documented names and types.

    Raises:
        ProtocolError: an object, a list or a number is something else; the error names what came, and where.
    """
    if data is None:
        return None
    schema = _data_schema(operation.method, operation.path)
    if schema is None:
        return data
    schema = _first_choice(schema)
    try:
        _check_outside(data, schema)
        return _fit(data, schema)
    except _Misfit as misfit:
        raise _as_error(misfit) from misfit


def _check_outside(data: Any, schema: Mapping[str, Any]) -> None:
    """Check what is only taken for nothing deeper down: an empty text, an empty list, an object of strange fields.

    Raises:
        _Misfit: it is not the answer to this call.
    """
    kind = next(iter(kinds_of(schema)), None)
    if kind == "array":
        if data == "":
            raise _Misfit(data, "a list")
        if isinstance(data, dict):  # one object for a list of one
            _check_fields(data, resolve(schema.get("items", {})), "a list of objects")
    elif kind == "object" and properties_of(schema):
        if data in ("", []):
            raise _Misfit(data, "an object")
        if isinstance(data, list) and len(data) == 1:  # one in a list is met too
            data = data[0]
        _check_fields(data, schema, "an object")


def _check_fields(data: Any, schema: Mapping[str, Any], wanted: str) -> None:
    """Check that an object which is not empty has a field that the guide names.

    Raises:
        _Misfit: it has none.
    """
    properties = properties_of(schema)
    if not properties or not isinstance(data, dict) or not data:
        return
    names = {name.lower(): name for name in properties}
    if not any(_documented_name(key, names) in properties for key in data):
        raise _Misfit(data, f"{wanted} with {', '.join(list(properties)[:_MOST_NAMED])}")


def _as_error(misfit: _Misfit) -> ProtocolError:
    where = "".join(reversed([place if place.startswith("[") else f".{place}" for place in misfit.at]))
    is_hidden = any(is_secret(place) for place in misfit.at)
    came = HIDDEN if is_hidden else json.dumps(mask(misfit.value), ensure_ascii=False, default=str)
    return ProtocolError(
        f"The platform's answer is not what the guide describes: data{where} should be {misfit.wanted}, "
        f"and is {quote_line(came, _LONGEST_QUOTE)}"
    )


@cache
def _form(method: str, path: str) -> tuple[str | None, tuple[str, ...] | None]:
    """Return the type of `data` in a call's answer, and the keys in it that lead to the rows, None without rows."""
    schema = _data_schema(method, path)
    found = find_operation(method, path)
    if schema is None or found is None:
        return None, None
    schema = _first_choice(schema)
    kinds = schema.get("type")
    rows = found[1].get("x-rows")
    return (
        kinds[0] if isinstance(kinds, list) else kinds,
        None if rows is None else tuple(rows.split(".")[1:]),
    )


def _first_choice(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the documented form, which stands first; it takes in the others that are met."""
    while "anyOf" in schema:
        schema = resolve(schema["anyOf"][0])
    return schema


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
    """Return a value in the documented names and types.

    Raises:
        _Misfit: an object, a list or a number is something else.
    """
    shape = shape_of(schema)
    if shape.choices:
        return _fit_choice(value, shape.choices)
    if value is None:
        return None
    kind = shape.kinds[0] if shape.kinds else None
    if kind == "array":
        return _fit_list(value, shape)
    if kind == "object":
        return _fit_object(value, shape)
    return _fit_scalar(value, shape.kinds)


def _fit_choice(value: Any, choices: list[Mapping[str, Any]]) -> Any:
    """Fit to the documented form, which stands first.

    An object or a list that the document names beside a plain value stays as it is; a list may stand for an object.
    """
    plain = kinds_of(choices[0])[:1]
    if plain and plain[0] not in ("object", "array"):
        return _fit_scalar(value, [kind for choice in choices for kind in kinds_of(choice)])
    try:
        return _fit(value, choices[0])
    except _Misfit:
        others = [kind for choice in choices[1:] for kind in kinds_of(choice)]
        if isinstance(value, list) and "array" in others and kinds_of(choices[0])[:1] == ["object"]:
            return value
        raise


def _fit_list(value: Any, shape: Shape) -> Any:
    if value in ("", {}):
        return []
    rows = _rows_of(value, shape) if isinstance(value, dict) else value
    if not isinstance(rows, list):
        return _tolerated(value, shape.kinds, "a list")
    items = shape_of(shape.items)
    are_objects = not items.choices and items.kinds[:1] == ["object"]
    fitted = []
    for number, row in enumerate(rows):
        try:
            is_object = are_objects and type(row) is dict
            fitted.append(_fit_object(row, items) if is_object else _fit_row(row, shape.items))
        except _Misfit as misfit:
            raise misfit.under(f"[{number}]") from misfit
    return fitted


def _rows_of(value: dict[str, Any], shape: Shape) -> list[Any]:
    """Return the rows of an object that stands for a list: itself as the only one, or those that it numbers."""
    names = shape_of(shape.items).names
    is_row = not names or any(_documented_name(key, names) in names.values() for key in value)
    is_numbered = all(key.strip().isdecimal() and isinstance(row, dict) for key, row in value.items())
    return list(value.values()) if is_numbered and not is_row else [value]


def _fit_row(row: Any, schema: Mapping[str, Any]) -> Any:
    if not isinstance(row, dict) and (kinds := shape_of(schema).kinds)[:1] == ["object"]:
        return _tolerated(row, kinds, "an object")
    return _fit(row, schema)


def _fit_object(value: Any, shape: Shape) -> Any:
    if isinstance(value, list) and len(value) <= 1:
        value = value[0] if value else {}
    if value == "":
        return {}
    if not isinstance(value, dict):
        return _tolerated(value, shape.kinds, "an object")
    properties, names, plain = shape.properties, shape.names, shape.plain
    fitted: dict[str, Any] = {}
    for key, item in value.items():
        kind = type(item)
        if kind is plain.get(key):  # most are: a short way for them
            fitted[key] = item.strip() if kind is str else item
            continue
        name = key if key in properties else _documented_name(key, names)
        if name != key and (name in value or name in fitted):
            name = key  # the documented field is there as well
        fitted[name] = _fit_field(name, item, properties[name]) if name in properties else item
    return fitted


def _fit_field(name: str, item: Any, schema: Mapping[str, Any]) -> Any:
    """Return the value of a field. Raises _Misfit, with the field's name."""
    try:
        return _fit(item, schema)
    except _Misfit as misfit:
        raise misfit.under(name) from misfit


def _tolerated(value: Any, kinds: list[str], wanted: str) -> Any:
    """Return a value whose type the document has among those that are also met.

    Raises:
        _Misfit: it is of no such type.
    """
    if any(isinstance(value, _PYTHON_TYPES[kind]) for kind in kinds):
        return value
    raise _Misfit(value, wanted)


def _documented_name(key: str, names: Mapping[str, str]) -> str:
    folded = key.strip().lower()
    known = names.get(folded) or names.get(_EQUAL.get(folded, folded))
    if known is not None or (folded.isascii() and folded.isprintable()):
        return known or key
    from hpcli.isapi.lenient_json import name_like  # a letter of it cannot be read

    return names.get(name_like(folded, names) or "", key)


def _fit_scalar(value: Any, kinds: list[str]) -> Any:
    """Return a number, a text or a yes-or-no; what else stands for a text comes as JSON text.

    Raises:
        _Misfit: a number is something else.
    """
    kind = kinds[0] if kinds else None
    if isinstance(value, dict | list):
        if not kinds or any(isinstance(value, _PYTHON_TYPES[name]) for name in kinds):
            return value
        if kind in _NUMBERS:
            raise _Misfit(value, "a number")
        return json.dumps(value, ensure_ascii=False)
    if kind in _NUMBERS:
        return _fit_number(value, kinds)
    if kind == "boolean" and not isinstance(value, bool):
        word = str(value).strip().lower()
        return True if word in _TRUE else False if word in _FALSE else value
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if kind == "string" and isinstance(value, str):
        return value.strip()
    return value


def _fit_number(value: Any, kinds: list[str]) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return None
        if kinds[0] == "integer" and _INTEGER.fullmatch(text):
            return int(text)
        if kinds[0] == "number" and _NUMBER.fullmatch(text):
            return float(text)
        return _tolerated(value, kinds, "a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise _Misfit(value, "a number")
    return value
