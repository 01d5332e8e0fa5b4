"""Permissions that are given and taken one by one leave all others as they are."""

from __future__ import annotations

from typing import Any

import pytest

from hpcli.client.handover_permissions import differences, parse_permission_request
from hpcli.client.known import KnownRows
from hpcli.client.relative_permissions import adjusted
from hpcli.errors import UsageError
from hpcli.reference.codes import code_list

LIVE, PTZ = (int(code_list("permission").value_of(word)) for word in ("live", "ptz"))
ARM, DISARM = (int(code_list("ax2Permission").value_of(word)) for word in ("arm", "disarm"))


def camera(*permissions: tuple[int, list[str]]) -> dict[str, Any]:
    others = [{"permission": code, "channelNo": channels} for code, channels in permissions]
    return {"deviceSerial": "K1", "otherPermissionDetails": others}


def panel(codes: list[int], areas: list[str], **more: Any) -> dict[str, Any]:
    return {
        "deviceSerial": "P1",
        "ax2PermissionDetails": {"ax2Permission": codes, "areaPermission": areas, **more},
    }


@pytest.mark.parametrize(
    ("before", "add", "take", "after"),
    [
        ([camera((LIVE, ["1"]))], ["K1:live:2"], [], [camera((LIVE, ["1", "2"]))]),
        ([camera((LIVE, ["1"]))], ["K1:live"], [], [camera((LIVE, ["-1"]))]),
        ([camera((LIVE, ["-1"]))], ["K1:live:2"], [], [camera((LIVE, ["-1"]))]),
        ([camera((LIVE, ["1"]))], ["K1:ptz"], [], [camera((LIVE, ["1"]), (PTZ, ["-1"]))]),
        ([camera((LIVE, ["1", "2"]), (PTZ, ["-1"]))], [], ["K1:live:1", "K1:ptz"], [camera((LIVE, ["2"]))]),
        ([camera((LIVE, ["1"]))], [], ["K1:live"], []),
        ([], ["K1:live:1"], [], [camera((LIVE, ["1"]))]),
        ([panel([ARM], ["1"])], ["P1:disarm"], [], [panel([ARM, DISARM], ["1"])]),
        ([panel([ARM], ["1"])], ["P1:disarm:2"], [], [panel([ARM, DISARM], ["1", "2"])]),
        ([panel([ARM, 999], ["1"], odd=1)], [], ["P1:arm"], [panel([999], ["1"], odd=1)]),
        ([panel([ARM], ["1"])], [], ["K1:live"], [panel([ARM], ["1"])]),
    ],
)
def test_only_what_is_named_changes(
    before: list[dict[str, Any]], add: list[str], take: list[str], after: list[dict[str, Any]]
) -> None:
    assert changed(before, add, take) == after


def test_a_permission_for_all_channels_cannot_be_taken_for_some() -> None:
    with pytest.raises(UsageError, match="all channels"):
        changed([camera((LIVE, ["-1"]))], [], ["K1:live:1"])


def changed(before: list[dict[str, Any]], add: list[str], take: list[str]) -> list[dict[str, Any]]:
    rows: list[Any] = [
        {"id": "1", "deviceSerial": "K1", "deviceCategory": 1, "deviceSubCategory": 0},
        {"id": "2", "deviceSerial": "P1", "deviceCategory": 3, "deviceSubCategory": 3},
    ]
    more, less = ([parse_permission_request(text) for text in texts] for texts in (add, take))
    return adjusted(before, more, less, KnownRows(rows, "device", None))


BOTH = {**camera((LIVE, ["1"])), "ax2PermissionDetails": {"ax2Permission": [ARM]}}


@pytest.mark.parametrize(
    ("before", "add", "take", "after"),
    [
        ([{"deviceSerial": "K1", "otherPermissionDetails": {"permission": LIVE, "channelNo": 1}}], ["K1:live:2"], [],
         [camera((LIVE, ["1", "2"]))]),
        ([{"deviceSerial": "K1", "otherPermissionDetails": {"permission": LIVE}}], [], ["K1:live:1"], []),
        ([camera((LIVE, ["1"])), camera((PTZ, ["1"]))], [], [], [camera((LIVE, ["1"])), camera((PTZ, ["1"]))]),
        ([camera((LIVE, ["1"])), camera((PTZ, ["1"]))], ["K1:live:2"], [],
         [camera((LIVE, ["1", "2"]), (PTZ, ["1"]))]),
        ([camera((LIVE, ["1"])), camera((PTZ, ["1"]))], [], ["K1:ptz"], [camera((LIVE, ["1"]))]),
        ([{"deviceSerial": "P1", "ax2PermissionDetails": [{"ax2Permission": ARM, "areaPermission": 1}]}],
         ["P1:disarm:2"], [], [panel([ARM, DISARM], ["1", "2"])]),
        ([BOTH], [], ["K1:live"], [{"deviceSerial": "K1", "ax2PermissionDetails": {"ax2Permission": [ARM]}}]),
        ([panel([ARM], ["1"]), panel([DISARM], ["2"], odd=1)], ["P1:arm"], [],
         [panel([ARM, DISARM], ["1", "2"], odd=1)]),
    ],
)  # fmt: skip
def test_nothing_is_lost_of_forms_that_the_guide_lacks(
    before: list[dict[str, Any]], add: list[str], take: list[str], after: list[dict[str, Any]]
) -> None:
    assert changed(before, add, take) == after
    assert differences(before, before) == []
