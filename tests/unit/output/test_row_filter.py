"""`--where`, `--sort` and `--count-by`: what holds for which value."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest

from hpcli.commands.alarms.tables import events_view
from hpcli.commands.arc.list import ARC_DEVICES
from hpcli.commands.framework.device_table import DEVICES
from hpcli.commands.framework.site_table import SITES
from hpcli.commands.health.details import DETAILS, detail_view
from hpcli.commands.health.report_table import REPORTS
from hpcli.commands.panel.tables import AREAS, RELAYS, ZONES
from hpcli.errors import UsageError
from hpcli.output.conditions import parse_condition
from hpcli.output.fields import check_fields
from hpcli.output.left_out import LeftOut, left_out_words
from hpcli.output.row_filter import (
    counted_rows,
    matching,
    parse_sort,
    sorted_rows,
)
from hpcli.output.table_spec import Column, View
from hpcli.reference.codes import Code, code_list

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LABELS = {0: "Offline", 1: "Online"}
VIEW = View(
    noun="device",
    id="serial",
    columns=(
        Column("STATE", "status", show=lambda value, _row: LABELS.get(value, "")),
        Column("OFFLINE SINCE", "offline.since"),
        Column("CATEGORY", "category", show=lambda value, _row: "Alarm panel" if value == 3 else "Camera"),
    ),
    fields=lambda: (
        "serial",
        "name",
        "version",
        "status",
        "count",
        "tags",
        "at",
        "offline.since",
        "category",
        "yes",
    ),
)


def row(**values: Any) -> dict[str, Any]:
    return values


def holds(condition: str, **values: Any) -> bool:
    return bool(list(matching([values], [parse_condition(condition)], VIEW, NOW)))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a=b", ("a", "=", "b")),
        (" a  >=  b c ", ("a", ">=", "b c")),
        ("a!=b", ("a", "!=", "b")),
        ("a!~b", ("a", "!~", "b")),
        ("a<b=c", ("a", "<", "b=c")),
        ("a~<b>", ("a", "~", "<b>")),
        ("a = 'b c '", ("a", "=", "b c ")),
        ('a="', ("a", "=", '"')),
        ("a=", ("a", "=", "")),
        ("a==b", ("a", "=", "b")),
        ("A == 'b c'", ("A", "=", "b c")),
        ("a == ''", ("a", "=", "")),
        ("a = '=b'", ("a", "=", "=b")),
    ],
)
def test_the_first_operator_counts(text: str, parts: tuple[str, str, str]) -> None:
    assert parse_condition(text) == parts


@pytest.mark.parametrize("text", ["", "state", "=x", " > 3"])
def test_a_condition_without_name_or_operator_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"operator|name"):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "ours"),
    [("a === b", "="), ("a =~ b", "~"), ("a ~= b", "~"), ("a<>b", "!="), ("a => 3", ">="), ("a =< 3", "<=")],
)
def test_an_operator_of_another_language_is_not_read_into_the_value(text: str, ours: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_condition(text)
    assert f"Did you mean {ours}?" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("name = Café", "Café"), ("name ~ CAF", "Café"), ("name !~ x", "Café"), ("name != café", "Café"),
        ("count > 9", 10), ("count > 9", "10"), ("count <= 10", 10.0), ("count = 10", "10"),
        ("version < V5.10", "V5.7.12 build 230323"), ("version = V5.7.12", "V5.7.12 build 230323"),
        ("version = V5.7", "V5.7.0"), ("version < 5.7.12 build 230324", "V5.7.12 build 230323"),
        ("version >= 5.7", "V5.7.0 build 1"),
        ("tags = b", ["a", "b"]), ("tags ~ B", ["a", "b"]), ("tags > 5", [1, 6]),
        ("at > 1d", (NOW - timedelta(days=2)).isoformat()), ("at < 3h", NOW.timestamp() - 7200),
        ("at >= 2026-11-01", "2026-11-28T11:00:00Z"), ("at < 1h", round((NOW.timestamp() - 60) * 1000)),
        ("yes = yes", True), ("yes = true", True), ("yes = 1", True), ("yes != no", True),
    ],
)  # fmt: skip
def test_a_value_is_compared_as_what_it_is(condition: str, value: Any) -> None:
    if isinstance(value, float) and value > 1e6:
        value = round(value)
    assert holds(condition, **{condition.split(maxsplit=1)[0]: value})


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("name = café", "Café"), ("name > 5", "abc"), ("count > 9", 9), ("count < 5", "many"),
        ("version < V5.7", "V5.7.0"), ("version > V5.10", "V5.7"), ("version = V5.7.12 build 1", "V5.7.12 build 2"),
        ("tags = c", ["a", "b"]), ("tags != a", ["a", "b"]), ("at > 1d", NOW.isoformat()),
        ("at > 7d", "soon"), ("yes = no", True),
    ],
)  # fmt: skip
def test_what_differs_does_not_hold(condition: str, value: Any) -> None:
    assert not holds(condition, **{condition.split(maxsplit=1)[0]: value})


@pytest.mark.parametrize("value", [None, "", []])
@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">=", "~", "!~"])
def test_a_missing_value_differs_and_contains_nothing_but_is_not_less(operator: str, value: Any) -> None:
    assert holds(f"name {operator} x", name=value) == (operator in ("!=", "!~"))


@pytest.mark.parametrize(
    ("value", "is_empty"), [(None, True), ("", True), ([], True), ("a", False), (0, False)]
)
def test_a_condition_with_the_empty_text_asks_for_a_missing_value(value: Any, *, is_empty: bool) -> None:
    assert holds('name = ""', name=value) == is_empty
    assert holds("name !=", name=value) != is_empty


def test_rows_without_a_value_to_compare_are_counted_and_no_others() -> None:
    rows: list[dict[str, Any]] = [{"count": 1}, {"count": 9}, {}, {"count": ""}, {"name": "x"}]
    left_out: Counter[LeftOut] = Counter()
    conditions = [parse_condition("count > 5"), parse_condition("name != x")]
    assert list(matching(rows, conditions, VIEW, NOW, left_out=left_out)) == [{"count": 9}]
    assert list(left_out_words(left_out)) == [
        "2 devices have no count and were left out; --where 'count = \"\"' shows them."
    ]


def test_those_that_should_have_a_value_are_counted_among_them() -> None:
    rows: list[dict[str, Any]] = [{"onlineStatus": 0}, {"onlineStatus": 1}, {"onlineStatus": 1}]
    left_out: Counter[LeftOut] = Counter()
    conditions = [parse_condition("offline-since > 1d")]
    assert list(matching(rows, conditions, REPORTS, NOW, left_out=left_out)) == []
    (words,) = left_out_words(left_out)
    assert words.startswith("3 devices have no offline-since and were left out (1 of them offline);")


@pytest.mark.parametrize("condition", ["status = 0", "status = offline", "STATE = Offline", "state ~ off"])
def test_the_raw_value_and_our_label_both_count(condition: str) -> None:
    assert holds(condition, status=0)
    assert not holds(condition, status=1)


@pytest.mark.parametrize(
    "condition", ["category = alarm-panel", "category = 'Alarm panel'", "CATEGORY=alarm panel"]
)
def test_a_label_may_be_typed_with_dashes(condition: str) -> None:
    assert holds(condition, category=3)


def _words(code: Code) -> list[str]:
    return [str(code.value), code.name, code.name.upper(), code.label, *code.aliases]


@pytest.mark.parametrize("view", [DEVICES, ARC_DEVICES, REPORTS, SITES, ZONES, RELAYS, AREAS])
def test_every_word_that_an_option_takes_for_a_code_matches_its_value(view: View) -> None:
    columns = [column for column in view.columns if column.codes]
    names = {column.key: str(column.codes) for column in columns}
    names.update(view.codes() if view.codes else {})
    assert names
    for name, listed in names.items():
        codes = code_list(listed)
        rows = {code.name: {name: code.value} for code in codes.codes if code.value is not None}
        for code in codes.codes:
            for word in _words(code) if code.name in rows else ():
                meant = codes.named(word)  # a word of two codes is the first one's
                wanted = [row for row in rows.values() if codes.find(row[name]) is meant]
                assert list(matching(rows.values(), [parse_condition(f"{name}={word}")], view, NOW)) == wanted
                found = list(matching(rows.values(), [parse_condition(f"{name}~{word}")], view, NOW))
                assert rows[code.name] in found


@pytest.mark.parametrize(
    ("condition", "category", "holds"),
    [
        ("category = panel", 3, True), ("CATEGORY = AlarmHost", 3, True), ("category = alarm_panel", 3, True),
        ("category ~ host", 3, True), ("deviceCategory = ipc", 1, True), ("deviceCategory = 3", 3, True),
        ("category = panel", 1, False), ("category != panel", 3, False), ("category != AlarmHost", 1, True),
        ("category !~ alarmhost", 3, False), ("category = panel", None, False), ("category != panel", None, True),
        ("category = panel", 77, False), ("category = nonsense", 3, False),
    ],
)  # fmt: skip
def test_a_category_is_named_as_in_the_option(condition: str, category: int | None, *, holds: bool) -> None:
    rows = [{"deviceCategory": category}]
    assert bool(list(matching(rows, [parse_condition(condition)], DEVICES, NOW))) == holds


def test_an_object_equals_what_it_holds_and_is_counted_by_the_column_of_its_name() -> None:
    view = events_view(utc=True)
    rows = [{"site": {"id": f"i{name}", "name": name}, "cid": {"code": 1130}} for name in ("B", "A", "B")]

    def count(condition: str) -> int:
        return len(list(matching(rows, [parse_condition(condition)], view, NOW)))

    assert (count("site = B"), count("SITE == 'B'"), count("site != B"), count("site ~ a")) == (2, 2, 1, 1)
    assert (count("cid = 1130"), count("cid != 1130"), count("cid ~ 1130")) == (3, 0, 3)
    assert [row["site"]["name"] for row in sorted_rows(rows, parse_sort("site"), view)] == ["A", "B", "B"]
    assert counted_rows(rows, ["site"], view)[0] == [{"site": "B", "count": 2}, {"site": "A", "count": 1}]


def test_headings_count_where_a_view_knows_no_names() -> None:
    view = detail_view(DETAILS["zones"])
    rows: list[dict[str, Any]] = [{"batteryStatus": "low"}, {"batteryStatus": "normal"}, {"other": 1}]
    assert list(matching(rows, [parse_condition("battery = low")], view, NOW)) == rows[:1]
    assert list(matching(rows, [parse_condition("other = 1")], view, NOW)) == rows[2:]


@pytest.mark.parametrize("name", ["offline-since", "OFFLINE SINCE", "offline.since", "Offline-Since"])
def test_a_column_is_named_in_any_case_with_dashes_for_blanks(name: str) -> None:
    assert holds(f"{name} > 1d", offline={"since": "2026-11-01T00:00:00Z"})


@pytest.mark.parametrize("zone", [timezone(timedelta(hours=hours)) for hours in (-11, 0, 9, 13)])
@pytest.mark.parametrize("pattern", ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d,%b,%Y %H:%M:%S"])
def test_a_time_without_an_offset_is_in_the_zone_that_the_view_has_for_its_row(
    zone: tzinfo, pattern: str
) -> None:
    view = VIEW._replace(zone_of=lambda row: row["zone"])
    rows: list[dict[str, Any]] = [
        {"name": ago, "zone": zone, "at": (NOW - timedelta(minutes=ago)).astimezone(zone).strftime(pattern)}
        for ago in (10, 50, 70)
    ]
    later = [{"name": 30, "zone": UTC, "at": (NOW - timedelta(minutes=30)).isoformat()}]

    def names(condition: str) -> list[Any]:
        return [row["name"] for row in matching(rows, [parse_condition(condition)], view, NOW)]

    assert (names("at < 1h"), names("at > 1h"), names(f"at > {NOW - timedelta(minutes=20)}")) == (
        [10, 50],
        [70],
        [10],
    )
    assert [row["name"] for row in sorted_rows(rows + later, parse_sort("at"), view)] == [70, 50, 30, 10]


def test_the_zone_is_asked_for_only_where_a_time_lacks_its_offset() -> None:
    def zone_of(_row: Any) -> tzinfo | None:
        raise AssertionError

    view = VIEW._replace(zone_of=zone_of)
    rows = [row(name="a", at="2026-11-28T11:00:00Z", count=1), row(at=NOW.isoformat()), row()]
    assert list(matching(rows, [parse_condition("at > 30m")], view, NOW)) == rows[:1]
    assert sorted_rows(rows, parse_sort("at,name"), view) == rows


def test_a_heading_means_what_its_column_computes_and_a_json_name_the_raw_value() -> None:
    def length(row: Any) -> timedelta | None:
        return row["end"] - row["at"] if "at" in row else None

    columns = (Column("END", "end"), Column("LENGTH", "end", show=lambda _v, r: str(length(r)), value=length))
    view = VIEW._replace(columns=columns, fields=lambda: ("at", "end"))
    rows = [{"at": NOW - timedelta(minutes=minutes), "end": NOW} for minutes in (90, 5, 20)] + [{"end": NOW}]

    def lengths(condition: str) -> list[int]:
        found = matching(rows, [parse_condition(condition)], view, NOW)
        return [round((row["end"] - row["at"]).total_seconds() / 60) for row in found if "at" in row]

    assert (lengths("length > 10m"), lengths("LENGTH < 1200"), lengths("length = 20m")) == (
        [90, 20],
        [5],
        [20],
    )
    assert lengths("length != 20m") == [90, 5]
    assert [len(row) for row in sorted_rows(rows, parse_sort("length"), view)] == [2, 2, 2, 1]
    assert sorted_rows(rows, parse_sort("-length"), view)[:3] == [rows[0], rows[2], rows[1]]


def test_an_unknown_name_is_refused_before_the_first_row() -> None:
    rows = iter([row(name="a")])
    with pytest.raises(UsageError, match="'nme'") as raised:
        matching(rows, [parse_condition("nme=x")], VIEW, NOW)
    assert "Did you mean 'name'?" in (raised.value.hint or "")
    assert "OFFLINE-SINCE" in (raised.value.hint or "")
    assert next(rows) == row(name="a")


@pytest.mark.parametrize("name", ["offline-since", "OFFLINE SINCE", "lastOfflineTime", "offlineSince"])
def test_a_name_of_another_command_names_that_command(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        matching([], [parse_condition(f"{name} > 1h")], DEVICES, NOW)
    assert raised.value.hint == "`hpcli health report --all --where 'offline-since > 1h'` shows it."
    with pytest.raises(UsageError) as raised:
        check_fields(["lastOfflineTime"], DEVICES)
    assert "`hpcli health report" in (raised.value.hint or "")


def test_all_conditions_must_hold() -> None:
    rows = [row(name="a", count=1), row(name="a", count=2), row(name="b", count=2)]
    wanted = [parse_condition("name=a"), parse_condition("count>1")]
    assert list(matching(rows, wanted, VIEW, NOW)) == [row(name="a", count=2)]


def test_rows_are_sorted_by_what_their_values_are() -> None:
    def order(values: list[Any], names: str) -> list[Any]:
        return [
            each.get("name")
            for each in sorted_rows([row(name=one) for one in values], parse_sort(names), VIEW)
        ]

    assert order([10, 9, None, "2"], "name") == ["2", 9, 10, None]
    assert order([10, 9, None, "2"], "-name") == [10, 9, "2", None]
    assert order(["V5.10", "V5.7", "V5.7.1"], "name") == ["V5.7", "V5.7.1", "V5.10"]
    assert order(["Zone 10", "zone 9", "Ärger"], "name") == ["zone 9", "Zone 10", "Ärger"]
    assert (
        order(["2026-11-28T10:00:00+01:00", "2026-11-28T09:30:00Z"], "name")[0] == "2026-11-28T10:00:00+01:00"
    )


def test_the_first_name_of_a_sort_counts_most() -> None:
    rows = [row(name="a", count=1), row(name="b", count=2), row(name="a", count=2)]
    assert sorted_rows(rows, parse_sort("name,-count"), VIEW) == [rows[2], rows[0], rows[1]]


def test_rows_are_counted_by_our_words() -> None:
    rows = [row(status=0, name="a"), row(status=1, name="a"), row(status=0, name="b"), row(name="c")]
    counted, view = counted_rows(rows, ["status"], VIEW)
    assert counted == [
        {"status": "Offline", "count": 2}, {"status": "Online", "count": 1}, {"status": None, "count": 1}
    ]  # fmt: skip
    assert [column.title for column in view.columns] == ["STATUS", "COUNT"]
