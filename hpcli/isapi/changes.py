"""`--set NAME=VALUE` and `--where NAME=VALUE`: names and values of people into fields of messages."""

import copy
import math
from collections.abc import Iterable, Mapping
from typing import Any

from hpcli.errors import UsageError
from hpcli.isapi.definitions import Field, find_message, leaf_paths, messages

_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def change(plain: Mapping[str, Any], name: str, value: str, message: str | None = None) -> dict[str, Any]:
    """Return a read message with one value changed, all else as it was.

    Args:
        plain: a message as `messages.to_plain` returns it.
        name: a field below the root, dotted (`DockStation.Platform.port`); its last part, any case, or
            what follows `device` (`name` for deviceName) will do where it is clear.
        value: what to set, as typed by a person.
        message: name of the A.5 message; without one the root tells.

    Raises:
        UsageError: no such field, several, a read-only one, or a value of the wrong type.
    """
    root, content = next(iter(plain.items()), ("", None))
    if not isinstance(content, Mapping):
        raise UsageError(
            f"{root or 'An empty message'} has no single fields to set.", hint="Send it whole: --data @FILE."
        )
    found = messages()[message] if message else find_message(root, "xml") or find_message(root, "json")
    definition = found.document.children.get(root) if found else None
    known = (
        {dotted_name(path): path for path in leaf_paths(definition) if is_single(path)} if definition else {}
    )
    present = [name for name in _present_names(content) if name not in known]
    writable = [name for name, path in known.items() if not _is_read_only(path)]
    chosen = choose_name(name, [*writable, *present], all_names=[*known, *present])
    if chosen in known and _is_read_only(known[chosen]):
        raise UsageError(f"{chosen} is set by the device itself.", hint=_listed(writable))
    typed = parse_value(chosen, value, known[chosen][-1]) if chosen in known else value
    changed = copy.deepcopy(dict(content))
    return {root: _with_value(changed, chosen.split("."), typed, definition)}


def choose_name(name: str, names: Iterable[str], all_names: Iterable[str] | None = None) -> str:
    """Return the one dotted field name that a person means.

    Args:
        name: what was typed.
        names: the names to offer when none fits.
        all_names: the names to look among, if that is more.

    Raises:
        UsageError: none or several fit; the hint lists the valid names.
    """
    offered, candidates = list(names), list(names if all_names is None else all_names)
    typed = name.strip().lower()
    for wanted in (typed, f"device{typed}"):
        whole = [each for each in candidates if each.lower() == wanted]
        fitting = whole or [each for each in candidates if each.lower().rpartition(".")[2] == wanted]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise UsageError(
                f"{name!r} fits several fields: {', '.join(fitting)}.", hint="Write the whole name."
            )
    from hpcli.reference.choices import did_you_mean, nearest

    meant = did_you_mean(nearest(typed, offered), "{}")
    raise UsageError(f"There is no field {name!r}. {meant}".rstrip(), hint=_listed(offered))


def parse_value(name: str, text: str, field: Field) -> Any:
    """Return a typed value for a field.

    Raises:
        UsageError: the text is not of the field's type, or beyond the limits that the guide sets.
    """
    match field.kind:
        case "integer":
            return _within_limits(name, _number(name, text, int, "a whole number"), field)
        case "float":
            return _within_limits(name, _number(name, text, float, "a number"), field)
        case "boolean":
            if text.strip().lower() in _BOOLEANS:
                return _BOOLEANS[text.strip().lower()]
            raise UsageError(f"{name} is true or false, not {text!r}.")
    if field.max_length is not None and len(text) > field.max_length:
        raise UsageError(f"{name} has {len(text)} characters; at most {field.max_length} are allowed.")
    return text


def dotted_name(path: Iterable[Field]) -> str:
    """Return a field's path as people write it: `DockStation.Platform.port`."""
    return ".".join(field.name for field in path)


def is_single(path: Iterable[Field]) -> bool:
    """Whether a field occurs at most once in its message."""
    return not any(field.is_list for field in path)


def _is_read_only(path: Iterable[Field]) -> bool:
    return any(field.access == "read" for field in path)


def _within_limits(name: str, number: float, field: Field) -> int | float:
    least, most = field.minimum, field.maximum
    if (least is not None and number < least) or (most is not None and number > most):
        raise UsageError(f"{name} is a number from {least} to {most}, not {number}.")
    return number


def _number(name: str, text: str, number_type: type[int] | type[float], wanted: str) -> int | float:
    try:
        number = number_type(text)
    except ValueError as error:
        raise UsageError(f"{name} is {wanted}, not {text!r}.") from error
    if not math.isfinite(number):
        raise UsageError(f"{name} is {wanted}, not {text!r}.")
    return number


def _listed(names: Iterable[str]) -> str:
    return f"Valid names: {', '.join(names)}."


def _present_names(content: Any, prefix: str = "") -> list[str]:
    """Name the single values a message has, attributes apart."""
    if not isinstance(content, Mapping):
        return []
    names = []
    for key, value in content.items():
        if key.startswith(("@", "#")) or isinstance(value, list):
            continue
        if isinstance(value, Mapping) and any(not inner.startswith(("@", "#")) for inner in value):
            names += _present_names(value, f"{prefix}{key}.")
        else:
            names.append(prefix + key)
    return names


def _with_value(
    content: dict[str, Any], path: list[str], value: Any, definition: Field | None
) -> dict[str, Any]:
    name, *rest = path
    present = content.get(name)
    child = definition.children.get(name) if definition else None
    new: Any
    if rest:
        new = _with_value(present if isinstance(present, dict) else {}, rest, value, child)
    elif isinstance(present, dict):
        new = {**present, "#text": value}  # an element with attributes keeps them
    else:
        new = value
    if name in content:
        return {**content, name: new}
    return _inserted(content, name, new, list(definition.children) if definition else [])


def _inserted(content: dict[str, Any], name: str, value: Any, order: list[str]) -> dict[str, Any]:
    """Put a new element where the guide has it: behind the last one that comes before it."""
    before = set(order[: order.index(name)]) if name in order else set()
    keys = list(content)
    place = max(
        (index + 1 for index, key in enumerate(keys) if key in before or key.startswith("@")), default=0
    )
    if not before and name not in order:
        place = len(keys)
    keys.insert(place, name)
    return {key: content.get(key, value) for key in keys}
