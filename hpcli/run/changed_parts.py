"""Which part of a device a call changes: an area, zones, relays, an output, a channel and its preset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.plurals import listed

if TYPE_CHECKING:
    from hpcli.client.request import Request

_ALL_AREAS: Final = "4294967295"
_PLACEHOLDER: Final = re.compile(r"\{(\w+?)Id\}")
_IN_LISTS: Final = {
    "/control/bypass": "zone",
    "/control/bypassRecover": "zone",
    "/control/outputs": "relay",
}
"""Endings of the paths of calls whose body lists what they change, counted from 0."""

NOUNS: Final = {
    "panel arm": "area",
    "panel disarm": "area",
    "panel clear": "area",
    "panel bypass": "zone",
    "panel unbypass": "zone",
    "panel relay": "relay",
}
"""What the targets of a command are that are numbers."""


class Parts(NamedTuple):
    """The parts of a device that a call changes.

    Attributes:
        words: names them for people, such as `area 2`.
        names: each as commands report it: its number from 1, or `all`.
    """

    words: str
    names: tuple[str, ...]


def parts_sent(request: Request) -> Parts | None:
    """Return the parts that a request changes; None where it changes the whole."""
    if not request.operation.is_for_device:
        return None
    body = request.json if request.content is None else request.readable_content
    return parts_of(request.operation.path, request.path, body)


def parts_of(template: str, path: str, body: Any) -> Parts | None:
    """Return the parts that a logged call changed; None where it changed the whole, or that is not known.

    Args:
        template: the path with its placeholders.
        path: as it was sent.
        body: what was sent.
    """
    noun = next((noun for ending, noun in _IN_LISTS.items() if template.endswith(ending)), None)
    if noun is not None:
        return _listed_parts(noun, body)
    pattern = re.sub(r"\\\{\w+\\\}", "([^/{]+)", re.escape(template))
    found = re.fullmatch(pattern, path)
    values = found.groups() if found else ()
    if not values:
        return None
    nouns = _PLACEHOLDER.findall(template)
    if len(nouns) != len(values):
        return None
    if values[-1] == _ALL_AREAS:
        return Parts("all areas", ("all",))
    words = ", ".join(f"{noun} {value}" for noun, value in zip(nouns, values, strict=True))
    return Parts(words, (values[-1],))


def _listed_parts(noun: str, body: Any) -> Parts | None:
    messages = [body, *body.values()] if isinstance(body, Mapping) else []
    rows = next((one["List"] for one in messages if isinstance(one, Mapping) and "List" in one), None)
    if not isinstance(rows, list):
        return None
    ids = [row.get("id") for row in rows if isinstance(row, Mapping)]
    names = tuple(str(number + 1) for number in ids if isinstance(number, int))
    return Parts(listed(names, noun), names) if names else None
