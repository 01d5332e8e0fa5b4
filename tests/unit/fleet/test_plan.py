"""The plan of a file: what is added, changed and removed, in which order, and what is left alone."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from hpcli.fleet.plan import Plan, Planner
from hpcli.fleet.state import AccountState, SiteState
from hpcli.fleet.steps import Options
from tests.unit.fleet.changing import change

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ANNA, BEN, CARA = (
    {"id": f"i{number}", "email": f"{name}@example.org", "isAdmin": name == "cara"}
    for number, name in enumerate(("anna", "ben", "cara"), 1)
)
RECORDER = {"serial": "E1", "name": "Recorder", "info": "rack", "arc": None}
PANEL = {"serial": "Q2", "name": "Panel", "arc": {"id": "arc-1"}}
FILE: list[dict[str, Any]] = [
    {
        "id": "s1",
        "name": "Shop",
        "timeZone": 133,
        "city": "Ulm",
        "managers": [{"id": "i1", "email": "anna@example.org", "until": "permanent"}],
        "customers": [
            {"account": "maria@example.org", "permissions": {"E1": {"live": "all", "playback": [1]}}}
        ],
        "devices": [RECORDER, PANEL],
    },
    {"id": "s2", "name": "Yard", "timeZone": 133, "managers": [], "customers": [], "devices": []},
]


def manager(employee: dict[str, Any], end: int = -1) -> dict[str, Any]:
    return {"installerId": employee["id"], "installerEmail": employee["email"], "expireDurationTime": end}


def account() -> AccountState:
    """The account that FILE describes."""
    recorder = {
        "id": "d1", "deviceSerial": "E1", "deviceName": "Recorder", "extInfo": "rack", "deviceCategory": 2,
        "deviceSubCategory": 1,
    }  # fmt: skip
    panel = {
        "id": "d2", "deviceSerial": "Q2", "deviceName": "Panel", "deviceCategory": 3, "deviceSubCategory": 3,
        "arcId": "arc-1",
    }  # fmt: skip
    live = {"permission": 0, "channelNo": ["-1"]}
    shared = [{"deviceSerial": "E1", "otherPermissionDetails": [live, {"permission": 1, "channelNo": ["1"]}]}]
    shop = SiteState(
        {"id": "s1", "siteName": "Shop", "timeZone": "133", "siteCity": "Ulm"},
        [recorder, panel],
        [manager(ANNA)],
        [{"hcAccount": "maria@example.org", "type": 0, "status": "1"}],
        {"maria@example.org": shared},
    )
    yard = SiteState({"id": "s2", "siteName": "Yard", "timeZone": "133"}, [], [], [])
    return AccountState([shop, yard])


def plan_of(
    sites: list[dict[str, Any]],
    there: AccountState | None = None,
    arc: dict[str, Any] | None = None,
    **options: Any,
) -> Plan:
    planner = Planner({"sites": sites}, there or account(), Options(**options))
    return planner.plan(lambda: [ANNA, BEN, CARA], lambda _serial: arc or {}, NOW)


def rows_of(plan: Plan) -> list[tuple[Any, ...]]:
    return [(row.action, row.kind, row.target, row.field, row.before, row.after) for row in plan.rows]


def changed(*path: Any, value: Any) -> list[dict[str, Any]]:
    """Return the file with one value changed, or one key or item removed (`...`)."""
    sites: list[dict[str, Any]] = change(deepcopy(FILE), *path, value=value)
    return sites


PERMISSIONS = (0, "customers", 0, "permissions")


@pytest.mark.parametrize("prune", [False, True])
def test_an_account_that_is_as_the_file_says_needs_no_step(prune: bool) -> None:  # noqa: FBT001 - a parameter
    plan = plan_of(FILE, prune=prune, prune_sites=prune)
    assert (plan.steps, plan.notes.left, plan.notes.problems) == ([], {}, {})


@pytest.mark.parametrize(
    ("path", "value", "row"),
    [
        ((0, "name"), "Bakery", ("change", "site", "Shop", "name", "Shop", "Bakery")),
        ((0, "city"), "", ("change", "site", "Shop", "city", "Ulm", "")),
        ((0, "devices", 0, "name"), "NVR", ("change", "device", "E1", "name", "Recorder", "NVR")),
        ((0, "devices", 0, "info"), "attic", ("change", "device", "E1", "info", "rack", "attic")),
        ((0, "devices", 0, "arc"), {"id": "arc-1"}, ("add", "arc", "E1", "id", None, "arc-1")),
        ((0, "devices", 1, "arc", "id"), "arc-2", ("change", "arc", "Q2", "id", "arc-1", "arc-2")),
        ((0, "devices", 1, "arc", "account"), "4711", ("change", "arc", "Q2", "account", None, "4711")),
        ((0, "devices", 1, "arc", "events"), ["panic"], ("change", "arc", "Q2", "events", None, "panic")),
        ((0, "managers", 0, "until"), "2030-01-01T00:00:00Z",
         ("change", "manager", "anna@example.org", "until", "permanent", "2030-01-01T00:00:00Z")),
        ((0, "managers", 0), {"email": "BEN@example.org"},
         ("add", "manager", "BEN@example.org", "until", None, "permanent")),
        ((*PERMISSIONS, "E1", "playback"), [1, 2],
         ("change", "permission", "maria@example.org", "playback", [1], [1, 2])),
        ((*PERMISSIONS, "E1", "ptz"), "all", ("add", "permission", "maria@example.org", "ptz", None, "all")),
        ((*PERMISSIONS, "Q2"), {"arm": [1]}, ("add", "permission", "maria@example.org", "arm", None, [1])),
    ],
)  # fmt: skip
def test_each_difference_is_a_row(path: tuple[Any, ...], value: Any, row: tuple[Any, ...]) -> None:
    plan = plan_of(changed(*path, value=value))
    assert (rows_of(plan), plan.notes.problems) == ([row], {})


REMOVALS: list[tuple[tuple[Any, ...], Any, tuple[Any, ...]]] = [
    ((0, "devices", 0), ..., ("remove", "device", "E1")),
    ((0, "devices", 1, "arc"), None, ("remove", "arc", "Q2")),
    ((0, "managers", 0), {"id": "i2"}, ("remove", "manager", "anna@example.org")),
    ((0, "customers"), [], ("remove", "customer", "maria@example.org")),
    ((*PERMISSIONS, "E1", "playback"), ..., ("remove", "permission", "maria@example.org")),
    ((*PERMISSIONS, "E1"), ..., ("remove", "permission", "maria@example.org")),
]


@pytest.mark.parametrize(("path", "value", "row"), REMOVALS)
def test_things_are_removed_by_pruning_only(path: tuple[Any, ...], value: Any, row: tuple[Any, ...]) -> None:
    kept = plan_of(changed(*path, value=value))
    assert [one for one in rows_of(kept) if one[0] == "remove"] == []
    pruned = plan_of(changed(*path, value=value), prune=True)
    removed = [one[:3] for one in rows_of(pruned) if one[0] == "remove"]
    assert set(removed) == {row}
    assert pruned.deletes == len(removed)


@pytest.mark.parametrize(
    "path",
    [(0, "managers"), (0, "customers"), (0, "devices"), (0, "city"), PERMISSIONS, (0, "devices", 1, "arc")],
)
def test_a_key_that_is_missing_leaves_things_alone(path: tuple[Any, ...]) -> None:
    assert rows_of(plan_of(changed(*path, value=...), prune=True)) == []


def test_whole_sites_are_deleted_only_when_asked() -> None:
    assert rows_of(plan_of(FILE[1:], prune=True)) == []
    (row,) = plan_of(FILE[1:], prune=True, prune_sites=True).rows
    assert row.words == "- site Shop: devices with 2 devices"
    there = account()
    there.sites[0].row = {**there.sites[0].row, "sharedInfo": {"shareType": 2}}
    plan = plan_of(FILE[1:], there, prune=True, prune_sites=True)
    assert (plan.rows, list(plan.notes.left.values())) == ([], [["Shop"]])


def test_an_employee_who_may_manage_all_sites_is_not_removed() -> None:
    there = account()
    there.sites[0].managers = [manager(ANNA), manager(CARA)]
    assert rows_of(plan_of(FILE, there, prune=True)) == []


def test_steps_are_in_an_order_in_which_each_can_be_made() -> None:
    sites = deepcopy(FILE)
    sites[0]["name"], sites[1]["name"] = "Yard", "Depot"  # a name becomes free before it is taken
    new = {"serial": "N1", "name": "Camera", "arc": {"id": "arc-1", "account": "4711"}}
    sites.append({"name": "Shop", "timeZone": "Europe/Berlin", "managers": [{"id": "i2"}], "devices": [new]})
    del sites[0]["devices"][1]
    plan = plan_of(sites, codes={"N1": "ABCDEF"}, prune=True)
    assert [step.target for step in plan.steps] == [
        "site Yard",
        "site Shop",
        "add site Shop",
        "add devices to Shop",
        "managers of Shop",
        "receiving centre of N1",
        "account number of N1",
        "delete device Q2",
    ]
    assert {step.needs for step in plan.steps[3:7]} == {"add site Shop"}


def test_what_the_platform_does_not_tell_is_compared_with_what_was_set_last() -> None:
    sites = changed(0, "devices", 1, "arc", value={"id": "arc-1", "account": "4711", "events": ["panic"]})
    last = {"account": "4711", "events": ["panic", "39"]}
    assert rows_of(plan_of(sites, arc=last)) == []
    assert len(plan_of(sites, arc={**last, "account": "4712"}).rows) == 1


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ((0, "managers", 0), {"email": "nobody@example.org"}, "the company has no such employee"),
        ((0, "managers", 0, "until"), "2020-01-01", "the end of this permission is in the past"),
        ((0, "managers", 0, "until"), "some day", "'some day' is not a time."),
        ((*PERMISSIONS, "X9"), {"live": "all"}, "the site has no such device"),
        ((1, "devices"), [{"serial": "E1"}], "a device of 'Shop' is not moved: delete it there first"),
        ((0, "devices", 1, "arc", "events"), ["motion"], "the events of the file are wrong"),
    ],
)
def test_what_cannot_be_made_is_a_problem_with_its_reason(
    path: tuple[Any, ...], value: Any, reason: str
) -> None:
    plan = plan_of(changed(*path, value=value), prune=path[0] == 1)
    assert rows_of(plan) == []
    assert [found for found in plan.notes.problems if found.startswith(reason)], plan.notes.problems


def test_what_is_never_applied_is_said() -> None:
    sites = changed(0, "customers", 0, value={"account": "new@example.org"})
    sites[0]["timeZone"] = 48
    sites[1]["devices"] = [{"serial": "N1"}]
    plan = plan_of(sites)
    assert (plan.rows, plan.notes.problems) == ([], {})
    assert sorted(name for names in plan.notes.left.values() for name in names) == [
        "N1",
        "Shop",
        "new@example.org of Shop",
    ]


def test_an_id_and_an_email_of_two_managers_are_a_problem_and_an_unknown_email_is_said() -> None:
    """The id used to win in silence."""
    plan = plan_of(changed(0, "managers", 0, "email", value="ben@example.org"))
    assert (plan.rows, list(plan.notes.problems.values())) == ([], [["ben@example.org of Shop"]])
    assert "the id in the file is that of anna@example.org" in next(iter(plan.notes.problems))
    plan = plan_of(changed(0, "managers", 0, "email", value="old-anna@example.org"))
    assert (plan.rows, plan.notes.problems) == ([], {})
    assert list(plan.notes.left) == ["no employee has this e-mail; by the id it is anna@example.org"]
    assert plan_of(changed(0, "managers", 0, "email", value="ANNA@example.org")).notes.left == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("firmware", "V9"), ("model", "DS-1"), ("category", "camera"), ("subCategory", 7)],
)
def test_what_a_device_is_by_itself_is_named_where_it_differs(name: str, value: Any) -> None:
    there = account()
    there.sites[0].devices[0] = {**there.sites[0].devices[0], "deviceVersion": "V5", "deviceType": "DS-0"}
    same = {"firmware": "V5", "model": "DS-0", "category": "nvr", "subCategory": 1}
    assert plan_of(changed(0, "devices", 0, value={**RECORDER, **same}), there).notes.left == {}
    plan = plan_of(changed(0, "devices", 0, value={**RECORDER, **same, name: value}), there)
    assert plan.notes.left == {f"never applied, but different in the file: {name}": ["E1"]}


@pytest.mark.parametrize(("path", "value", "row"), REMOVALS)
def test_what_only_pruning_would_remove_is_counted(
    path: tuple[Any, ...], value: Any, row: tuple[Any, ...]
) -> None:
    sites = changed(*path, value=value)
    assert {(one.action, one.kind, one.target) for one in plan_of(sites).kept} == {row}
    assert plan_of(sites, prune=True).kept == []
    assert [one.kind for one in plan_of(FILE[:1], prune=True).kept] == ["site"]


def test_sites_of_another_account_are_matched_by_exact_unique_names() -> None:
    there = account()
    assert rows_of(plan_of(FILE, there, is_same_account=False)) == []
    there.sites[1].row = {**there.sites[1].row, "siteName": "Shop"}
    plan = plan_of(FILE, there, is_same_account=False)
    assert plan.notes.problems == {"several sites have this name": ["Shop"]}
    assert rows_of(plan) == [("add", "site", "Yard", None, None, None)]
    assert rows_of(plan_of([{"name": "shop"}], there, is_same_account=False)) == [], (
        "another case is another name"
    )


def test_what_could_not_be_read_is_not_changed() -> None:
    there = account()
    there.sites[0].managers, there.sites[0].customers = None, None
    plan = plan_of(changed(0, "managers", 0, value={"id": "i2"}), there, prune=True)
    assert rows_of(plan) == []
    assert set(plan.notes.problems) == {"managers could not be read", "customers could not be read"}


def test_codes_that_hpcli_does_not_know_stay_when_others_change() -> None:
    from hpcli.fleet.permissions import allowed_of, entry_of

    present = {
        "deviceSerial": "E1",
        "extra": 1,
        "otherPermissionDetails": [{"permission": 77, "channelNo": ["1"]}, {"permission": 0}],
    }
    device = {"deviceSerial": "E1", "deviceCategory": 2, "deviceSubCategory": 1}
    made = entry_of("E1", {**allowed_of(present), "playback": [2]}, present, device)
    assert made["extra"] == 1
    assert [item["permission"] for item in made["otherPermissionDetails"]] == [77, 0, 1]
    assert made["otherPermissionDetails"][1:] == [{"permission": 0}, {"permission": 1, "channelNo": ["2"]}]
