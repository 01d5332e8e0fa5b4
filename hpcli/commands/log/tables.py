"""How changes are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hpcli.output import Column, View
from hpcli.parse import utc_text
from hpcli.plurals import quantity
from hpcli.run.changed_parts import parts_of
from hpcli.run.context import Context

_NAMED = 3
_ID = re.compile("[0-9a-f]{32}")
_STYLES = {"done": "good", "partial": "bad", "failed": "bad", "unknown": "bad", "sent": "bad"}
FIELDS = (
    "id", "time", "ended", "outcome", "command", "line", "targets", "user", "host", "profile", "account", "method",
    "path", "section", "part", "before", "sent", "code", "message", "failed", "reason", "undoes", "undoneBy", "run",
)  # fmt: skip


def change_row(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change of the log in its JSON form: times in UTC, the command as `command` and `line`."""
    part = parts_of(change["operation"], change["path"], change["sent"])
    row = {
        **change,
        "time": _time(change["began"]),
        "ended": None if change["ended"] is None else _time(change["ended"]),
        "command": change["verb"],
        "targets": change["targets"] or [],
        "failed": change["failed"] or [],
        "part": part.words if part else None,
        "undoneBy": change["undone_by"],
    }
    return {name: row[name] for name in FIELDS}


def change_view(ctx: Context) -> View:
    """Return the view of the list, with times in this computer's zone, or in UTC with `--utc`."""
    when = _when(ctx)
    return View(
        noun="change",
        id="id",
        columns=(
            Column("TIME", "time", show=when, kind="time"),
            Column("COMMAND", "command"),
            Column("TARGET", "targets", show=_targets, wide=True),
            Column("OUTCOME", "outcome", show=_outcome, style=_outcome_style),
            Column("USER", "user", priority=1),
            Column("PROFILE", "profile", priority=3),
            Column("REASON", "reason", priority=1, wide=True, wraps=True),
            Column("ERROR", "message", priority=1, wide=True, wraps=True),
            Column("ID", "id"),
        ),
        fields=lambda: FIELDS,
    )


def one_change_view(ctx: Context, words: str) -> View:
    """Return the view of one change.

    Args:
        ctx: the command's context.
        words: its values before and after.
    """
    when = _when(ctx)
    return View(
        noun="change",
        id="id",
        columns=(
            Column("TIME", "time", show=when, kind="time"),
            Column("OUTCOME", "outcome", show=_outcome, style=_outcome_style),
            Column("TARGET", "targets", show=lambda value, row: _with_part(", ".join(value), row)),
            Column("VALUES", "sent", show=lambda _value, _row: words, wide=True),
            Column("ERROR", "message", wide=True, wraps=True),
            Column("FAILED", "failed", show=_failures, wide=True),
            Column("REASON", "reason", wide=True, wraps=True),
            Column("COMMAND", "line", wide=True),
            Column("CALL", "path", show=lambda value, row: f"{row['method']} {value} ({row['section']})"),
            Column("USER", "user", show=lambda value, row: f"{value} on {row['host']}"),
            Column("PROFILE", "profile"),
            Column("UNDOES", "undoes"),
            Column("UNDONE BY", "undoneBy"),
            Column("ID", "id"),
        ),
        fields=lambda: FIELDS,
    )


def target_words(ctx: Context, target: str) -> list[str]:
    """Return what may stand in the log for a target: as typed, and the id of a person that is known by its number."""
    from hpcli.errors import HpcliError
    from hpcli.local.person_book import PersonBook
    from hpcli.names import folded

    try:
        people = PersonBook(ctx.run.session.persons_file).people()
    except HpcliError:  # nobody is signed in, or the book cannot be read: the log has names of its own
        return [target]
    typed = folded(target.strip())
    return [target, *(one for one, names in people.items() if typed in map(folded, names))]


def _outcome(value: Any, row: Mapping[str, Any]) -> str:
    """Return the outcome, and which change has undone it or which one it undoes."""
    if row.get("undoneBy") is not None:
        return f"{value}, undone by {row['undoneBy']}"
    return f"{value}, undoes {row['undoes']}" if row.get("undoes") is not None else str(value)


def _outcome_style(value: Any, _row: Mapping[str, Any]) -> str | None:
    return _STYLES.get(value)


def _failures(value: Any, _row: Mapping[str, Any]) -> str:
    return "; ".join(f"{item['target']}: {item['message']}" for item in value or ())


def _when(ctx: Context) -> Callable[[Any, Mapping[str, Any]], str]:
    is_utc = bool(ctx.settings.get("utc"))

    def when(value: Any, _row: Mapping[str, Any]) -> str:
        from hpcli.output import show_time

        return show_time(value, datetime.now().astimezone().tzinfo, utc=is_utc, has_offset=True)

    return when


def _with_part(names: str, row: Mapping[str, Any]) -> str:
    return f"{names} {row['part']}" if row.get("part") else names


def _targets(value: Any, row: Mapping[str, Any]) -> str:
    names = [name for name in value or () if not _ID.fullmatch(name)] or list(value or ())
    serials, people = _named_in(row["sent"])
    devices = [name for name in names if name in serials]
    if not people or not devices or len(devices) == len(names):
        return _with_part(_first_of(names, ""), row)
    return f"{_first_of(devices, 'device')}; {_first_of([n for n in names if n not in serials], 'person')}"


def _first_of(names: list[str], noun: str) -> str:
    if len(names) <= _NAMED:
        return ", ".join(names)
    more = len(names) - _NAMED + 1
    return f"{', '.join(names[: _NAMED - 1])} and {quantity(more, noun) if noun else f'{more} more'}"


def _named_in(sent: Any) -> tuple[set[str], bool]:
    """Return the serials in what a change sent, and whether it is about persons too."""
    serials: set[str] = set()
    has_people = False
    for item in sent if isinstance(sent, list) else [sent]:
        for name, value in item.items() if isinstance(item, Mapping) else ():
            values = value if isinstance(value, list) else [value]
            if name in ("deviceSerial", "deviceSerialList"):
                serials.update(map(str, values))
            has_people = has_people or name in ("personId", "personIds", "personIdList")
            for inner in values:
                if isinstance(inner, Mapping):
                    more, is_about_people = _named_in(inner)
                    serials, has_people = serials | more, has_people or is_about_people
    return serials, has_people


def _time(milliseconds: int) -> str:
    return utc_text(datetime.fromtimestamp(milliseconds / 1000, UTC), "milliseconds")
