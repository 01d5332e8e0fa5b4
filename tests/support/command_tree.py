"""The commands as tests walk them: names from a file, so that collecting tests builds no command."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from typer.core import TyperGroup

from hpcli.commands.commands import walk
from hpcli.commands.framework.root import build_root
from hpcli.commands.framework.verb import Verb
from hpcli.completion.tree import Node, load_tree


@cache
def commands() -> dict[str, dict[str, Any]]:
    """Return every command by its name, as `hpcli commands` describes it."""
    return {row["command"]: row for row in walk(build_root())}


@cache
def verbs() -> dict[str, Verb]:
    """Return every command by its name, as it is built."""
    root = build_root()
    return dict(_verbs(root, root.context_class(root, info_name="hpcli"), ()))


def _verbs(group: TyperGroup, ctx: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Verb]]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, TyperGroup):
            yield from _verbs(command, ctx, (*names, name))
        elif isinstance(command, Verb):
            yield " ".join((*names, name)), command


def command_names() -> list[str]:
    """Return the names of all commands; test_tree.py compares them with the commands themselves."""
    return list(_names(load_tree(), ()))


def _names(node: Node, words: tuple[str, ...]) -> Iterator[str]:
    for word, member in node["members"].items():
        if "members" in member:
            yield from _names(member, (*words, word))
        else:
            yield " ".join((*words, word))
