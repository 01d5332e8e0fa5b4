"""Which fields of the guide a request carries: its path, query, headers and body, in the names of guide_fields.tsv."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit
from xml.etree import ElementTree as ET

from hpcli.reference.document import find_operation

BODY = "(root)"
"""The name of a body that the guide does not describe any further."""


class Field(NamedTuple):
    """One field of one operation; its place is path, query, header or body."""

    operation: str
    place: str
    name: str


@cache
def guide_fields() -> dict[Field, str]:
    """Return the fields of all requests with their sections, written down from the guide a second time on purpose.

    Array marks and the roots of XML messages are left out of the names; so are fields that only devices set.
    """
    return {
        Field(row["operation"], row["place"], row["field"]): row["section"] for row in _rows("guide_fields")
    }


@cache
def unreached() -> dict[Field, str]:
    """Return the fields that nothing sends, each with the reason, as they were reviewed."""
    return {
        Field(row["operation"], row["place"], row["field"]): row["why"] for row in _rows("unreached_fields")
    }


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, dialect="excel-tab"))


def sent_fields(method: str, url: str, headers: Mapping[str, str], body: Any) -> Iterator[Field]:
    """Yield the fields of a request, as it arrived or as `--dry-run` shows it."""
    address = urlsplit(url)
    found = find_operation(method, quote(address.path))
    if found is None:
        return
    template, operation = found
    name = operation["operationId"]
    yield from (Field(name, "path", part.split("}")[0]) for part in template.split("{")[1:])
    yield from (Field(name, "query", key) for key, _ in parse_qsl(address.query, keep_blank_values=True))
    yield from (Field(name, "header", header.lower()) for header in headers)
    if body not in (None, ""):
        yield Field(name, "body", BODY)
        yield from (Field(name, "body", path) for path in _body_paths(body))


def _body_paths(body: Any) -> Iterable[str]:
    if not isinstance(body, str):
        return _json_paths(body, "")
    if body.lstrip().startswith("<"):
        return _xml_paths(ET.fromstring(body), "")
    try:
        return _json_paths(json.loads(body), "")
    except ValueError:
        return ()


def _json_paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _json_paths(item, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _json_paths(item, f"{path}.{key}" if path else key)
    if path:
        yield path


def _xml_paths(element: ET.Element, path: str) -> Iterator[str]:
    for child in element:
        name = child.tag.rpartition("}")[2]
        below = f"{path}.{name}" if path else name
        yield below
        yield from _xml_paths(child, below)
