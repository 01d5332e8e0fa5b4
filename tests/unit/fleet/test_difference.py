"""What differs between two documents."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hpcli.fleet.difference import Comparison
from tests.unit.fleet.changing import change


def document(account: str = "one", made: str = "2026-11-28T12:00:00Z") -> dict[str, Any]:
    """A document with two sites."""
    recorder = {"serial": "E1", "name": "Recorder", "firmware": "V4.1", "online": "online", "arc": None}
    camera = {
        "serial": "F2",
        "name": "Camera",
        "firmware": "V5.1",
        "online": "offline",
        "arc": {"id": "arc-1"},
    }
    maria = {"account": "maria@example.org", "status": "approved", "permissions": {"E1": {"live": "all"}}}
    shop = {
        "name": "Shop",
        "id": "s1",
        "city": "Ulm",
        "managers": [{"email": "anna@example.org", "name": "Anna", "until": "permanent"}],
        "customers": [maria],
        "devices": [recorder, camera],
    }
    yard = {"name": "Yard", "id": "s2", "managers": [], "customers": [], "devices": []}
    return {"account": {"id": account}, "made": made, "sites": [shop, yard]}


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the differences in short: change, kind, target, field, before, after."""
    rows = Comparison(before, after).differences()
    return [(row.change, row.kind, row.target, row.field, row.before, row.after) for row in rows]


def changed(*path: Any, value: Any) -> dict[str, Any]:
    """Return the document with one value changed, or one key removed (`...`)."""
    after = deepcopy(document())
    change(after["sites"], *path, value=value)
    return after


def test_equal_documents_do_not_differ() -> None:
    assert differences(document(), document()) == []


MARIA = (0, "customers", 0, "permissions")


@pytest.mark.parametrize(
    ("path", "value", "row"),
    [
        ((0, "name"), "Bakery", ("changed", "site", "s1", "name", "Shop", "Bakery")),
        ((0, "city"), "Bonn", ("changed", "site", "s1", "city", "Ulm", "Bonn")),
        ((0, "devices", 0, "name"), "NVR", ("changed", "device", "E1", "name", "Recorder", "NVR")),
        ((0, "devices", 0, "firmware"), "V4.2", ("changed", "device", "E1", "firmware", "V4.1", "V4.2")),
        ((0, "devices", 1, "arc"), None, ("changed", "device", "F2", "arc", "arc-1", None)),
        ((0, "managers"), [], ("removed", "manager", "anna@example.org", None, None, None)),
        ((0, "managers", 0, "until"), "2030-01-01T00:00:00Z",
         ("changed", "manager", "anna@example.org", "until", "permanent", "2030-01-01T00:00:00Z")),
        ((0, "customers"), [], ("removed", "customer", "maria@example.org", None, None, None)),
        ((*MARIA, "E1"), {"live": [1, 2]},
         ("changed", "customer", "maria@example.org", "permissions", "live", "live (1, 2)")),
        ((*MARIA, "F2"), {"live": "all"}, ("changed", "customer", "maria@example.org", "permissions", "", "live")),
    ],
)  # fmt: skip
def test_each_change_is_a_row(path: tuple[Any, ...], value: Any, row: tuple[Any, ...]) -> None:
    assert differences(document(), changed(*path, value=value)) == [row]


@pytest.mark.parametrize(
    "path", [(0, "managers"), (0, "customers"), (0, "devices", 1, "arc"), (0, "city"), MARIA]
)
def test_what_one_side_does_not_know_is_not_compared(path: tuple[Any, ...]) -> None:
    assert differences(document(), changed(*path, value=...)) == []
    assert differences(changed(*path, value=...), document()) == []


def test_parts_that_are_not_known_are_counted() -> None:
    comparison = Comparison(document(), changed(0, "managers", value=...))
    list(comparison.differences())
    assert comparison.gaps == {"managers": 1}


def test_the_order_of_channels_and_the_normal_form_of_names_mean_nothing() -> None:
    before, after = document(), document()
    before["sites"][0]["customers"][0]["permissions"]["E1"] = {"live": [1, 2]}
    after["sites"][0]["customers"][0]["permissions"]["E1"] = {"live": [2, 1]}
    before["sites"][0]["name"], after["sites"][0]["name"] = "Café", "Cafe\u0301"
    assert differences(before, after) == []


def test_a_device_on_another_site_has_moved_and_one_of_a_new_site_is_new() -> None:
    after = document()
    after["sites"][1]["devices"].append(after["sites"][0]["devices"].pop(0))
    assert differences(document(), after) == [("changed", "device", "E1", "site", "Shop", "Yard")]
    after["sites"].append({"name": "New", "id": "s3", "devices": [{"serial": "N1", "name": "New one"}]})
    assert [row[:3] for row in differences(document(), after)][:2] == [
        ("added", "site", "s3"),
        ("added", "device", "N1"),
    ]


def test_sites_of_another_account_are_matched_by_a_name_that_is_unique() -> None:
    other = document("two")
    other["sites"][0]["id"], other["sites"][1]["id"] = "x1", "x2"
    assert differences(document(), other) == []
    other["sites"].append({"name": "Shop", "id": "x3", "devices": []})
    assert {row[:2] for row in differences(document(), other)} >= {("removed", "site"), ("added", "site")}


NOW = "2026-11-28T12:00:00Z"


def offline(since: str | None = None) -> dict[str, Any]:
    return {"online": "offline"} | ({"offlineSince": f"2026-11-{since}:00Z"} if since else {})


ON = {"online": "online"}


@pytest.mark.parametrize(
    ("before", "made", "after", "count"),
    [
        (ON, "28T10:00", offline(), 0),  # for two hours at most
        (ON, "20T10:00", offline(), 1),  # nobody knows since when
        (ON, "20T10:00", offline("28T09:00"), 0),
        (ON, "20T10:00", offline("21T09:00"), 1),
        (offline("27T09:00"), "27T11:00", offline("27T09:00"), 1),  # it has become a day
        (offline("27T09:00"), "27T11:00", ON, 0),
        (offline("01T09:00"), "27T11:00", ON, 1),
        (offline(), "27T11:00", offline(), 0),
        ({"online": "unknown"}, "27T11:00", ON, 1),
    ],
)
def test_a_state_differs_if_it_is_offline_for_a_day_on_one_side_only(
    before: dict[str, Any], made: str, after: dict[str, Any], count: int
) -> None:
    first, second = document(made=f"2026-11-{made}:00Z"), document(made=NOW)
    for whole, state in ((first, before), (second, after)):
        device = whole["sites"][0]["devices"][1]
        del device["online"]
        device.update(state)
    assert len(differences(first, second)) == count
    assert len(differences(second, first)) == count, "the other way round"
