"""Dotted JSON names (`--fields`): look them up, check them, reduce rows to them."""

from collections.abc import Iterable, Mapping
from typing import Any

from hpcli.errors import UsageError
from hpcli.output.table_spec import View


def value_at(value: Any, path: str) -> Any:
    """Return the value at a dotted name, None if there is none; a name that passes a list gives a list."""
    if isinstance(value, list):
        return [found for item in value if (found := value_at(item, path)) is not None]
    if not isinstance(value, Mapping):
        return None
    if path in value:
        return value[path]
    name, _, rest = path.partition(".")
    return value_at(value.get(name), rest) if rest else None


def pick_fields(value: Any, fields: Iterable[str]) -> Any:
    """Reduce objects to some names; keep their shape and that of lists.

    Missing names become null, so that all rows have the same fields; values that are not objects become null.
    """
    if isinstance(value, list):
        return [pick_fields(item, fields) for item in value]
    if not isinstance(value, Mapping):
        return None
    return {
        name: pick_fields(value.get(name), nested) if nested else value.get(name)
        for name, nested in _by_first_name(fields).items()
    }


def _by_first_name(fields: Iterable[str]) -> dict[str, list[str]]:
    """Group `a.b`, `a.c` as `a: [b, c]`; a bare `a` means the whole value."""
    groups: dict[str, list[str]] = {}
    whole: set[str] = set()
    for field in fields:
        name, _, rest = field.partition(".")
        groups.setdefault(name, [])
        if rest:
            groups[name].append(rest)
        else:
            whole.add(name)
    return {name: [] if name in whole else nested for name, nested in groups.items()}


def check_fields(fields: Iterable[str], view: View) -> None:
    """Refuse names that rows of a view cannot have.

    Raises:
        UsageError: a field is unknown; the hint suggests one and lists the valid ones.
    """
    fields = tuple(fields)
    if not fields or view.fields is None:
        return
    valid = view.fields()
    parents = {name[:dot] for name in valid for dot in range(len(name)) if name[dot] == "."}
    for field in fields:
        is_below = any(name.endswith(".*") and field.startswith(name[:-1]) for name in valid)
        if field not in valid and field not in parents and not is_below:
            command = view.elsewhere.get(field.casefold())
            hint = _valid_names(field, valid) if command is None else f"`{command}` shows it."
            raise UsageError(f"Unknown field {field!r} in --fields.", hint=hint)


def check_present(fields: Iterable[str], value: Any) -> None:
    """Refuse names that some data lacks, where no view knows them.

    Raises:
        UsageError: a field is not in the data; the hint lists those that are.
    """
    for field in fields:
        if value_at(value, field) is None:
            raise UsageError(
                f"Unknown field {field!r} in --fields.", hint=_valid_names(field, tuple(_leaf_names(value)))
            )


def _leaf_names(value: Any, parent: str = "") -> dict[str, None]:
    """Return the dotted names of the values in some data, in order."""
    items = value if isinstance(value, list) else [value]
    names: dict[str, None] = {}
    for item in items:
        for name, inner in item.items() if isinstance(item, Mapping) else ():
            below = _leaf_names(inner, f"{parent}{name}.")
            names |= below or {f"{parent}{name}": None}
    return names


def _valid_names(field: str, valid: tuple[str, ...]) -> str:
    from hpcli.reference.choices import did_you_mean, nearest

    return f"{did_you_mean(nearest(field, valid))}Fields: {', '.join(valid)}."
