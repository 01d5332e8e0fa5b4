"""The values of a change in words: what was there before, and what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hpcli.commands.framework.old_new import changed_words
from hpcli.commands.log.undo_kinds import UndoStep, compared_words, kind_of

_NAMED_BY = ("installerId", "deviceSerial", "personId", "uuid", "hcAccount", "propId", "permission", "id")


def change_words(change: Mapping[str, Any]) -> str:
    """Return the values of a change: old and new where the old one is known, else the one sent; "" for none."""
    before: Mapping[str, Any] = change["before"] or {}
    if change["sent"] is None:
        return ""
    if not before:
        return "; ".join(f"{label} {value}" for label, value in _leaves(change["sent"]).items())
    words = {target: _words(change, target, value) for target, value in before.items()}
    if len(words) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{target}: {text}" for target, text in words.items())


def _words(change: Mapping[str, Any], target: str, before: Any) -> str:
    """Return old and new value of one target."""
    kind = kind_of(change)
    if kind is not None and isinstance(before, Mapping):
        step = UndoStep(change, target, before)
        return compared_words(kind.was(step), kind.sent(step))
    return changed_words(_leaves(before), _leaves(change["sent"])) or "unchanged"


def _leaves(value: Any) -> dict[str, Any]:
    """Return the single values in data by their names; those of a list by what names its items."""
    return dict(_walk(value, ""))


def _walk(value: Any, label: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if item is not None and not str(key).startswith("@"):
                yield from _walk(item, f"{label} {key}".strip() if label.count(" ") else str(key))
    elif isinstance(value, list) and all(not isinstance(item, Mapping | list) for item in value):
        yield label, ", ".join(map(str, value))
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            name = next((item[key] for key in _NAMED_BY if isinstance(item, Mapping) and key in item), number)
            rest = (
                {key: one for key, one in item.items() if one != name} if isinstance(item, Mapping) else item
            )
            yield from _walk(rest, f"{label} {name}")
    else:
        yield label, value
