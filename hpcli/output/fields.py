"""Dotted JSON names: reading them, checking them, cutting rows down to them (`--fields`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from hpcli.errors import UsageError
from hpcli.output.table_spec import View


def value_at(value: Any, path: str) -> Any:
    """Return what a dotted name leads to, None when it leads nowhere; through a list it leads to a list."""
    if isinstance(value, list):
        return [found for item in value if (found := value_at(item, path)) is not None]
    if not isinstance(value, Mapping):
        return None
    if path in value:
        return value[path]
    name, _, rest = path.partition(".")
    return value_at(value.get(name), rest) if rest else None


def pick_fields(value: Any, fields: Iterable[str]) -> Any:
    """Cut objects down to some names, keeping their shape and that of lists.

    A name an object lacks is null, so that all rows look alike; what has no names at all is null.
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
    """Group `a.b`, `a.c` as `a: [b, c]`; a bare `a` takes all of it."""
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
    """Refuse names that the rows of a view cannot have.

    Raises:
        UsageError: naming the unknown field, a likely meaning and the valid ones.
    """
    fields = tuple(fields)
    if not fields or view.fields is None:
        return
    valid = view.fields()
    parents = {name[:dot] for name in valid for dot in range(len(name)) if name[dot] == "."}
    for field in fields:
        if field not in valid and field not in parents:
            raise UsageError(f"Unknown field {field!r} in --fields.", hint=_valid_names(field, valid))


def _valid_names(field: str, valid: tuple[str, ...]) -> str:
    from hpcli.reference.choices import did_you_mean, nearest

    return f"{did_you_mean(nearest(field, valid))}Fields: {', '.join(valid)}."
