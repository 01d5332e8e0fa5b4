"""`--where`, `--sort` and `--count-by`: which rows of a list are shown, in what order, or how many there are of each.

A name is a JSON name first, with its raw value or our label for it, else the heading of a column (in any case, with `-`
for a blank).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.errors import UsageError
from hpcli.output.cells import cell_text, raw_text
from hpcli.output.compare import FORMS, Wanted, Zone, kind_of, order, read_wanted, sort_key
from hpcli.output.conditions import Condition
from hpcli.output.fields import value_at
from hpcli.output.left_out import LeftOut
from hpcli.output.ranks import Ranks, ranks_of_codes, refuse_order
from hpcli.output.table_spec import Column, Row, View
from hpcli.reference.value_kinds import kind_of_name

if TYPE_CHECKING:
    from hpcli.reference.codes import Code, CodeList
    from hpcli.reference.value_kinds import Kind


class Source(NamedTuple):
    """Where the value of a name comes from in the rows of a view."""

    key: str
    column: Column | None
    zone_of: Callable[[Row], tzinfo | None] | None = None
    codes: CodeList | None = None
    computed: Callable[[Row], Any] | None = None
    ranks: Ranks | None = None
    closed: tuple[str, ...] = ()
    """All words for its values; nothing where it may have any value."""
    kind: Kind | None = None
    """Of its values, where that is known before the first row."""

    def raw(self, row: Row) -> Any:
        """Return the value of a row as it is, None for a missing one."""
        return value_at(row, self.key) if self.computed is None else self.computed(row)

    def due(self, row: Row) -> str:
        """Return what a row without a value is that should have one; "" for one that need not."""
        due = None if self.column is None else self.column.due
        return due[0] if due is not None and due[1](row) else ""

    def zone(self, row: Row) -> Zone | None:
        """Return what gives the zone of a row's times without an offset."""
        return None if self.zone_of is None else partial(self.zone_of, row)

    def values(self, row: Row) -> list[Any]:
        """Return the value of a row, or each of a list; nothing for a missing one."""
        raw = self.raw(row)
        return [
            value for value in (raw if isinstance(raw, list) else [raw]) if value is not None and value != ""
        ]

    def parts(self, row: Row) -> list[Any]:
        """Return the values of a row, and those inside objects: an object equals what any of its names has."""
        return list(_parts(self.values(row)))

    def labels(self, row: Row) -> list[str]:
        """Return our words for the value of a row, where there are any."""
        label = cell_text(self.column, row) if self.column is not None else ""
        return [label] if label else []

    def words(self, row: Row) -> list[str]:
        """Return our words for the value of a row, and all that an option accepts for it."""
        codes = self._codes(row)
        return self.labels(row) + [word for code in codes for word in (code.name, code.label, *code.aliases)]

    def is_named(self, row: Row, text: str) -> bool:
        """Return whether a text is a word for the value of a row."""
        if any(is_word(label, text) for label in self.labels(row)):
            return True
        wanted = None if self.codes is None else self.codes.named(text)
        return wanted is not None and any(code is wanted for code in self._codes(row))

    def order(self, row: Row) -> str:
        """Return what decides between rows of the same value."""
        code = None if self.column is None or self.column.code_of is None else self.column.code_of(row)
        return "" if code is None else code.label

    def _codes(self, row: Row) -> list[Code]:
        if self.column is not None and self.column.code_of is not None:
            found = [self.column.code_of(row)]
        elif self.codes is not None:
            found = [self.codes.find(value) for value in self.values(row)]
        else:
            found = []
        return [code for code in found if code is not None]


def _parts(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, dict | list):
            yield from _parts(value.values() if isinstance(value, dict) else value)
        elif value is not None and value != "":
            yield value


def find_source(name: str, view: View, option: str) -> Source:
    """Return where a name's value comes from.

    Raises:
        UsageError: rows of the view have no such name; the hint lists those that they have.
    """
    valid = view.fields() if view.fields is not None else None
    parents = {field.partition(".")[0] for field in valid or ()}
    column = _column(view, lambda column: column.key == name)
    wanted = _words(name)
    if column is None and name in parents and any(field.startswith(f"{name}.") for field in valid or ()):
        # an object has no order and no count of its own: the column of that name shows which of its values counts
        column = _column(view, lambda one: one.key.startswith(f"{name}.") and _words(one.title) == wanted)
        return _source(name if column is None else column.key, column, view)
    if column is not None or (valid is not None and (name in valid or name in parents)):
        return _source(name, column, view)
    column = _column(view, lambda column: _words(column.title) == wanted) or _column(
        view, lambda column: column.former is not None and _words(column.former) == wanted
    )
    if column is not None:
        source = _source(column.key, column, view)
        return source if column.value is None else source._replace(computed=column.value, kind="duration")
    if valid is None:
        return _source(name, None, view)
    raise UsageError(f"Unknown name {name!r} in {option}.", hint=_names(name, valid, view))


def keep_named(view: View, names: Iterable[str], option: str) -> View:
    """Return the view with the columns of some names always shown: whoever chooses or orders by one wants to see it."""
    named = {
        source.column for name in names if (source := find_source(name, view, option)).column is not None
    }
    columns = tuple(column._replace(priority=0) if column in named else column for column in view.columns)
    return view._replace(columns=columns)


def _source(key: str, column: Column | None, view: View) -> Source:
    from hpcli.reference.codes import code_list

    listed = None if column is None else column.codes
    if listed is None and view.codes is not None:
        listed = view.codes().get(key)
    codes = listed() if callable(listed) else None if listed is None else code_list(listed)
    own = () if view.ranks is None else view.ranks().get(key, ())
    ranks = Ranks(tuple(own)) if own else ranks_of_codes(codes)
    closed = tuple(view.words().get(key, ())) if view.words is not None else ()
    closed = closed or (() if codes is None else codes.names)
    kind = None if column is None else column.kind
    if kind is None and view.fields is not None and codes is None:
        kind = next((kind_of_name(name) for name in view.fields() if name == key), None)
    return Source(key, column, view.zone_of, codes, ranks=ranks, closed=closed, kind=kind)


def _column(view: View, is_it: Callable[[Column], bool]) -> Column | None:
    return next((column for column in view.columns if is_it(column)), None)


def _words(heading: str) -> str:
    return heading.casefold().replace("-", " ")


def _names(name: str, valid: Sequence[str], view: View) -> str:
    from hpcli.reference.choices import did_you_mean, nearest

    command = view.elsewhere.get(_words(name))
    if command is not None:
        return f"`{command}` shows it."
    titles = [column.title.replace(" ", "-") for column in view.columns]
    return f"{did_you_mean(nearest(name, (*valid, *titles)))}Names: {', '.join(valid)}; columns: {', '.join(titles)}."


def _check_value(source: Source, condition: Condition, wanted: Wanted, option: str) -> None:
    """Refuse a value that those of its name cannot be compared with, such as words of a list by the alphabet."""
    if condition.operator in _ORDERS and source.ranks is not None:
        if wanted.is_text:
            source.ranks.check(wanted.text, f"{option} {condition.name}")
    elif condition.operator in _ORDERS and wanted.is_text and source.closed:
        raise refuse_order(condition.name, condition.operator, option, source.closed)
    elif source.kind is not None and not wanted.reads_as(source.kind):
        has_words = (
            source.column is not None and source.column.show is not None and source.column.kind is None
        )
        is_equal = condition.operator in ("=", "!=") and bool(wanted.text) and source.kind != "version"
        if condition.operator in _ORDERS or (is_equal and not has_words):
            raise refuse_kind(condition, source.kind, option)


def _check_kind(source: Source, row: Row, condition: Condition, wanted: Wanted, option: str) -> None:
    """Refuse a value that the one of a row shows to be of another kind, where nothing but the rows says which."""
    if source.column is not None and source.column.wide:
        return  # free text may look like anything
    kinds = [kind for value in source.values(row) if (kind := kind_of(value)) is not None]
    if kinds and not any(map(wanted.reads_as, kinds)):
        raise refuse_kind(condition, kinds[0], option)


def refuse_kind(condition: Condition, kind: Kind, option: str) -> UsageError:
    """Return the error for a value that cannot be of the kind of those that it is compared with."""
    what, forms = FORMS[kind]
    return UsageError(
        f"{option}: {condition.name} is {what}, and '{condition.value}' is not.", hint=f"Write {forms}."
    )


def matching(
    rows: Iterable[Row],
    conditions: Sequence[Condition],
    view: View,
    now: datetime,
    option: str = "--where",
    *,
    left_out: Counter[LeftOut] | None = None,
) -> Iterator[Row]:
    """Return the rows for which all conditions hold, as they arrive.

    Args:
        rows: to choose from.
        conditions: all must hold.
        view: of the rows.
        now: the current time, for ages.
        option: that has the conditions.
        left_out: counts the rows that are missing only because they have no value to compare.

    Raises:
        UsageError: a name is unknown, or its values cannot be compared so, before the first row is taken.
    """
    tests = [
        (find_source(one.name, view, option), one.operator, read_wanted(one.value, now)) for one in conditions
    ]
    for condition, (source, _, wanted) in zip(conditions, tests, strict=True):
        _check_value(source, condition, wanted, option)

    def keeps(row: Row) -> bool:
        unknown: LeftOut | None = None
        for condition, (source, operator, wanted) in zip(conditions, tests, strict=True):
            if operator in _ORDERS and source.kind is None:
                _check_kind(source, row, condition, wanted, option)
            if _holds(source, row, operator, wanted, now):
                continue
            if operator not in _ORDERS or source.values(row) or _signs(source, row, wanted, now):
                return False
            unknown = unknown or LeftOut(condition.name, option, view.noun, source.due(row))
        if unknown is not None and left_out is not None:
            left_out[unknown] += 1
        return unknown is None

    return filter(keeps, rows)


def _holds(source: Source, row: Row, operator: str, wanted: Wanted, now: datetime) -> bool:
    """Return whether a condition holds for any of a row's values.

    A missing one differs, contains nothing, and equals the empty text.
    """
    values = source.values(row)
    match operator:
        case "~" | "!~":
            part = wanted.text.casefold()
            found = any(part in _text(value).casefold() for value in (*values, *source.words(row)))
            return found == (operator == "~")
        case "=" | "!=" if not wanted.text:
            return (not values) == (operator == "=")
        case "=" | "!=":
            zone = source.zone(row)
            found = any(_equals(value, wanted, now, zone) for value in source.parts(row))
            found = found or source.is_named(row, wanted.text)
            return found == (operator == "=")
        case _:
            return any(_ORDERS[operator](sign) for sign in _signs(source, row, wanted, now))


def _signs(source: Source, row: Row, wanted: Wanted, now: datetime) -> list[int]:
    """Return how each of a row's values compares, or our words for them; nothing where none can be compared."""
    if source.ranks is not None and (limit := source.ranks.place(wanted.text)) is not None:
        places = map(source.ranks.place, source.values(row))
        return [(place > limit) - (place < limit) for place in places if place is not None]
    zone = source.zone(row)
    for values in (source.values(row), source.labels(row)):
        signs = [sign for value in values if (sign := order(value, wanted, now, zone)) is not None]
        if signs:
            return signs
    return []


_ORDERS: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def _equals(value: Any, wanted: Wanted, now: datetime, zone: Zone | None) -> bool:
    return order(value, wanted, now, zone) == 0 or _text(value) == wanted.text


def is_word(label: str, typed: str) -> bool:
    """Return whether somebody typed our words for a value, in any case, with `-` for a blank or not."""
    return label.casefold().replace(" ", "-") == typed.casefold().replace(" ", "-")


def _text(value: Any) -> str:
    return str(value) if isinstance(value, timedelta) else raw_text(value)


def parse_sort(text: str) -> list[tuple[str, bool]]:
    """Read `NAME,-NAME`; return each name, and whether it goes downwards."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    return [(name.removeprefix("-"), name.startswith("-")) for name in names]


def sorted_rows(rows: Iterable[Row], names: Sequence[tuple[str, bool]], view: View) -> list[Row]:
    """Return all rows in order; rows without a value come last in either direction.

    Raises:
        UsageError: a name is unknown, before the first row is taken.
    """
    sources = [(find_source(name, view, "--sort"), is_down) for name, is_down in names]
    found = list(rows)
    for source, is_down in reversed(sources):
        keyed = [(_key(source, row), row) for row in found]
        there = [one for one in keyed if one[0][0] < _MISSING]
        there.sort(key=lambda one: one[0], reverse=is_down)
        found = [row for _, row in there] + [row for key, row in keyed if key[0] >= _MISSING]
    return found


_MISSING: Final = 9


def _key(source: Source, row: Row) -> tuple[int, Any, str]:
    raw = source.raw(row)
    if isinstance(raw, list | dict) and source.column is not None:
        raw = cell_text(source.column, row)
    place = None if source.ranks is None else source.ranks.place(raw)
    rank, value = (
        (0, float(place))
        if place is not None
        else sort_key(", ".join(map(str, raw)) if isinstance(raw, list) else raw, source.zone(row))
    )
    return rank, value, source.order(row)


def counted_rows(rows: Iterable[Row], names: Sequence[str], view: View) -> tuple[list[Row], View]:
    """Return how many rows there are of each combination of values, the most first, and the view of that.

    Raises:
        UsageError: a name is unknown, before the first row is taken.
    """
    sources = [find_source(name, view, "--count-by") for name in names]
    counts: Counter[tuple[Any, ...]] = Counter(
        tuple(_label(source, row) for source in sources) for row in rows
    )
    ordered = sorted(counts.items(), key=lambda one: (-one[1], [sort_key(value) for value in one[0]]))
    columns = tuple(Column(name.upper(), name, wide=True) for name in names)
    ranks = {name: one.ranks for name, one in zip(names, sources, strict=True) if one.ranks is not None}
    shown = View(
        noun=view.noun,
        id=names[0],
        columns=(*columns, Column("COUNT", "count")),
        fields=lambda: (*names, "count"),
        codes=lambda: {name: one.codes.name for name, one in ranks.items() if one.codes is not None},
        ranks=lambda: {name: one.values for name, one in ranks.items() if one.codes is None},
    )
    return [{**dict(zip(names, values, strict=True)), "count": count} for values, count in ordered], shown


def _label(source: Source, row: Row) -> Any:
    """Return what a row is counted as: our label, else the raw value."""
    if source.column is not None and source.column.show is not None:
        return cell_text(source.column, row) or None
    raw = value_at(row, source.key)
    return _text(raw) if isinstance(raw, list | dict) else raw
