"""The operations of the document, and the command lines that make them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hpcli.reference.document import document
from tests.support.command_tree import commands

VERBS = ("get", "put", "post", "delete")
SERVICES = {"mqMessages", "mqOffset"}
"""Calls of `alarms tail`, which confirms what it has printed and plans nothing."""


@cache
def written_lines() -> dict[str, str]:
    """Return the command lines of commands.yaml by the names of their operations."""
    text = Path(__file__).with_name("commands.yaml").read_text(encoding="utf-8")
    lines: dict[str, str] = yaml.safe_load(text)
    return lines


@cache
def documented() -> dict[tuple[str, str], dict[str, Any]]:
    """Return every operation of the document by method and path."""
    return {
        (verb.upper(), path): item[verb]
        for path, item in document()["paths"].items()
        for verb in VERBS
        if verb in item
    }


NAMES = [operation["operationId"] for operation in documented().values()]


@cache
def place_of(name: str) -> tuple[str, str]:
    """Return method and path of an operation."""
    return next(place for place, operation in documented().items() if operation["operationId"] == name)


@cache
def declared_calls() -> dict[str, set[tuple[str, str]]]:
    """Return the calls that each command declares."""
    return {
        name: {(call["method"], call["path"]) for call in row["calls"]} for name, row in commands().items()
    }


def command_of(line: str) -> str:
    """Return the command at the beginning of a command line."""
    words = line.split()
    return next(name for count in (4, 3, 2, 1) if (name := " ".join(words[:count])) in declared_calls())


def line_of(name: str) -> str:
    """Return the command line for an operation: that of commands.yaml, else the first example of its command."""
    if name in written_lines():
        return written_lines()[name]
    making = [command for command, made in declared_calls().items() if place_of(name) in made]
    return str(commands()[making[0]]["examples"][0]).removeprefix("hpcli ")


def is_change(name: str) -> bool:
    return not documented()[place_of(name)].get("x-reads")
