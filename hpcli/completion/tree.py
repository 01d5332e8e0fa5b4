"""Find out, from the commands in `tree.json`, what an incomplete command line needs."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterator
from typing import Any, NamedTuple

Candidate = tuple[str, str]
"""A value and its description."""

Node = dict[str, Any]


class Question(NamedTuple):
    """The meaning of the word to complete.

    Attributes:
        typed: the part to complete, without `--option=`.
        prefix: the part before it, which every candidate keeps.
        source: source of the candidates: `list:NAME`, or a name in `values.SOURCES`; empty for none.
        fixed: known candidates: verbs, options.
        several: the value may be a list with commas.
        arguments: the positional words before.
        options: values of the options before, by their first long spelling.
    """

    typed: str
    prefix: str = ""
    source: str = ""
    fixed: tuple[Candidate, ...] = ()
    several: bool = False
    arguments: tuple[str, ...] = ()
    options: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default; never changed


def load_tree() -> Node:
    """Return the content of `tree.json`: {lists, options, members}."""
    content = pkgutil.get_data(__name__, "tree.json")
    tree: Node = json.loads(content or b"{}")
    return tree


class _Reading:
    """The complete words of a command line, read one by one."""

    def __init__(self, tree: Node) -> None:
        self.node = tree
        self.common: list[Node] = tree["options"]
        self.arguments: list[str] = []
        self.options: dict[str, str] = {}
        self.pending: Node | None = None
        self.only_arguments = False

    def read(self, word: str) -> bool:
        """Take one word; return False if there is no such command."""
        if self.pending is not None:
            self.options[_long(self.pending)] = word
            self.pending = None
        elif word == "--" and not self.only_arguments:
            self.only_arguments = True
        elif word.startswith("-") and word != "-" and not self.only_arguments:
            self._read_option(word)
        elif "members" in self.node:
            member = self.node["members"].get(word)
            if member is None:
                return False
            self.node = member
        else:
            self.arguments.append(word)
        return True

    def _read_option(self, word: str) -> None:
        flag, equals, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
        option = self.find_option(flag)
        if option is None:
            return
        if equals or not option.get("value"):
            self.options[_long(option)] = value
        else:
            self.pending = option

    def find_option(self, flag: str) -> Node | None:
        """Return the option of that spelling, the command's own first."""
        return next((option for option in self.all_options() if flag in option["flags"]), None)

    def all_options(self) -> Iterator[Node]:
        """Yield the options allowed here; a family has only --help."""
        own = self.node.get("options", [])
        yield from own
        if own is not self.common and "members" not in self.node:
            yield from self.common


def find_question(tree: Node, words: list[str]) -> Question:
    """Return the meaning of the last word."""
    reading = _Reading(tree)
    *finished, typed = words or [""]
    for word in finished:
        if not reading.read(word):
            return Question(typed)
    before = {"arguments": tuple(reading.arguments), "options": reading.options}
    if reading.pending is not None:
        return _value_question(reading.pending, typed, "", before)
    if typed.startswith("-") and not reading.only_arguments:
        flag, equals, value = typed.partition("=")
        option = reading.find_option(flag) if equals else None
        if option is not None:
            return _value_question(option, value, f"{flag}=", before)
        return Question(typed, fixed=tuple(_free_options(reading)))
    if "members" in reading.node:
        members = reading.node["members"].items()
        return Question(typed, fixed=tuple((name, member["summary"]) for name, member in members))
    return _argument_question(reading, typed, before)


def _value_question(option: Node, typed: str, prefix: str, before: dict[str, Any]) -> Question:
    return Question(
        typed,
        prefix,
        source=option.get("complete", ""),
        several=bool(option.get("several")) or "--fields" in option["flags"],
        **before,
    )


def _argument_question(reading: _Reading, typed: str, before: dict[str, Any]) -> Question:
    arguments = reading.node.get("arguments", [])
    place = len(reading.arguments)
    if place >= len(arguments) and not (arguments and arguments[-1].get("several")):
        return Question(typed)
    argument = arguments[min(place, len(arguments) - 1)]
    return Question(
        typed,
        source=argument.get("complete", ""),
        several=bool(argument.get("several")),
        **before,
    )


def _free_options(reading: _Reading) -> Iterator[Candidate]:
    """Yield the options not given yet, by their long spelling; those of the command first."""
    for option in reading.all_options():
        if option.get("several") or _long(option) not in reading.options:
            for flag in option["flags"]:
                if flag.startswith("--"):
                    yield flag, option["help"]


def _long(option: Node) -> str:
    return next((flag for flag in option["flags"] if flag.startswith("--")), str(option["flags"][0]))
