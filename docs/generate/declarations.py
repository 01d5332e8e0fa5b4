"""Reads the declarations of the calls: the YAML files in docs/openapi, one for each module of the client.

`common.yaml` holds what all families share. Every other file stands where its module of the client stands:
`docs/openapi/device/upgrade.yaml` declares the calls of `hpcli/client/device/upgrade.py`. The files are
OpenAPI 3.1, shortened:

=================  ==========================================================================================
in the files       becomes
=================  ==========================================================================================
`description`      the description of the family's tag; one file of a family has it
`requests`         schemas of requests; their objects take no other properties than those listed
`answers`          schemas of answers; unknown properties and codes are fine
`$ref: Name`       `$ref: "#/components/schemas/Name"`, or `…/parameters/Name` in a list of parameters
`body`             a JSON request body; with `form` instead, a multipart one
`data`             the schema of `data` in the answer's envelope; without it the envelope alone
`rows`             the schema of one row of a paged list, with the paging of the guide around it
`x-codes: list`    names a list of hpcli/reference/codes.json: an `enum` in requests, a remark in answers
`pass-through`     calls to devices (Guide A.4): the headers of §3.23 and the two ways of answering are added;
                   `sends` and `answers` are messages of appendix A.5, JSON ones get their `format=json`
=================  ==========================================================================================

Documented types stand first (`[integer, string]`), the forms that are also met behind them.

The marks of a call say how hpcli treats it:

====================  =======================================================================================
mark                  means
====================  =======================================================================================
`x-name`              the name of its constant in hpcli/api/operations
`x-section`           the section of the guide
`x-reads`             it changes nothing; a call without the mark is shown by `--dry-run` and not sent
`x-asks`              the user is asked before it is sent
`x-repeatable`        sent twice it does no more than once, so that it is sent again where its answer was lost;
                      true for a reading call and false for any other unless the mark says otherwise;
                      a reading call with false uses up a small number a day: `--dry-run` does not send it
`x-unlimited`         it bypasses the call limit
`x-removes`           it takes something away: what is gone when it is sent again may be gone by the first try
`x-empty-answer`      an answer without a body is documented as its success
`x-look`              the command, without `hpcli`, that shows whether it was done
`x-row`               the name of the TypedDict of its answer in hpcli/api/rows: of a row, or of `data`
`x-variants`          further constants for the same method and path, with the marks that differ and a `summary`
====================  =======================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "docs" / "openapi"
TRANSPARENT = "/api/hpcgw/v1/device/transparent"
VERBS = ("get", "put", "post", "delete")
MARKS = (
    "x-name", "x-row", "x-asks", "x-repeatable", "x-unlimited", "x-removes", "x-empty-answer", "x-look", "x-variants",
)  # fmt: skip


class DeclarationError(Exception):
    """A file in docs/openapi says something that cannot be."""


@dataclass(frozen=True)
class Call:
    """One constant of hpcli/api/operations.

    Attributes:
        module: `device.upgrade`, the name of its file.
        name: `START`.
        method: HTTP method.
        path: the whole path template.
        summary: what it does, without the full stop.
        section: `§3.28`, or `A.4.6` for a call of the appendix.
        reads: it changes nothing.
        asks: the user is asked before it is sent.
        repeatable: sent twice it does no more than once.
        unlimited: it bypasses the call limit.
        removes: it takes something away.
        may_be_empty: an answer without a body is its success.
        look: the command that shows whether it was done.
        short: the operation as its file has it.
    """

    module: str
    name: str
    method: str
    path: str
    summary: str
    section: str
    reads: bool
    asks: bool
    repeatable: bool
    unlimited: bool
    removes: bool
    may_be_empty: bool
    look: str
    short: Node = field(repr=False, compare=False)


@cache
def common() -> Node:
    """Return what all families share."""
    return _load(HERE / "common.yaml")


@cache
def messages() -> Node:
    """Return an example of each message that devices answer with, by its name in appendix A.5."""
    examples: Node = _load(HERE / "messages.yaml")["messages"]
    return examples


@cache
def files() -> dict[str, Node]:
    """Return the content of every file of a family by the name of its module, sorted."""
    shared = {HERE / "common.yaml", HERE / "messages.yaml"}
    paths = sorted(path for path in HERE.rglob("*.yaml") if path not in shared)
    return {".".join(path.relative_to(HERE).with_suffix("").parts): _load(path) for path in paths}


def calls() -> Iterator[Call]:
    """Yield every call with each of its variants, file by file.

    Raises:
        DeclarationError: a name or a path is declared twice, or a mark is unknown.
    """
    names: set[tuple[str, str]] = set()
    places: set[tuple[str, str]] = set()
    for module, content in files().items():
        for method, path, short in _operations(content):
            if (method, path) in places:
                raise DeclarationError(f"{method} {path} is declared twice")
            places.add((method, path))
            for call in _variants(module, method, path, short):
                if (module, call.name) in names:
                    raise DeclarationError(f"{module} declares {call.name} twice")
                names.add((module, call.name))
                yield call


def _operations(content: Node) -> Iterator[tuple[str, str, Node]]:
    for kind, front in (("paths", ""), ("pass-through", TRANSPARENT)):
        for path, item in content.get(kind, {}).items():
            for verb in VERBS:
                if verb in item:
                    yield verb.upper(), front + path, item[verb]


def _variants(module: str, method: str, path: str, short: Node) -> Iterator[Call]:
    marks = {mark: short[mark] for mark in (*MARKS, "summary") if mark in short}
    differing = marks.pop("x-variants", {})
    if "x-name" not in marks:
        raise DeclarationError(f"{method} {path} has no x-name")
    for variant in ({}, *({"x-name": name, **other} for name, other in differing.items())):
        if unknown := set(variant) - {*MARKS, "summary"}:
            raise DeclarationError(f"{method} {path}: no such mark: {', '.join(sorted(unknown))}")
        chosen = {**marks, **variant}
        reads = bool(short.get("x-reads"))
        yield Call(
            module=module,
            name=chosen["x-name"],
            method=method,
            path=path,
            summary=chosen["summary"],
            section=short["x-section"].replace("§A", "A"),
            reads=reads,
            asks=chosen.get("x-asks", False),
            repeatable=chosen.get("x-repeatable", reads),
            unlimited=chosen.get("x-unlimited", False),
            removes=chosen.get("x-removes", False),
            may_be_empty=chosen.get("x-empty-answer", False),
            look=chosen.get("x-look", ""),
            short=short,
        )


def _load(path: Path) -> Node:
    content: Node = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content
