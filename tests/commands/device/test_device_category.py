"""The platform counts DVRs among the NVRs; tables, and conditions on them, do not."""

from __future__ import annotations

import pytest

from tests.support.runner import Run

DVR = "D80221546"
NVRS = ["E61958062", "E61960340", "E61961203", "Q10254801"]
BOTH = sorted([DVR, *NVRS])


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (("--category", "nvr"), BOTH),
        (("--category", "DVR"), [DVR]),
        (("--category", "2"), BOTH),
        (("--where", "category = NVR"), NVRS),
        (("--where", "category = dvr"), [DVR]),
        (("--where", "deviceCategory = nvr"), NVRS),
        (("--where", "category = 2"), BOTH),
        (("--where", "deviceCategory = 2", "--where", "category != dvr"), NVRS),
        (("--where", "category ~ nv"), NVRS),
    ],
)
def test_the_list_takes_the_category_that_it_shows(
    run: Run, selection: tuple[str, ...], expected: list[str]
) -> None:
    result = run("device", "list", *selection, "-o", "ids")
    assert (sorted(result.stdout.split()), result.stderr) == (expected, "")


def test_rows_are_counted_and_sorted_by_the_category_that_is_shown(run: Run) -> None:
    counts = run("device", "list", "--count-by", "category", "-o", "json").json
    assert {row["category"]: row["count"] for row in counts if row["category"] in ("NVR", "DVR")} == {
        "NVR": len(NVRS),
        "DVR": 1,
    }
    ordered = run(
        "device", "list", "--where", "category = 2", "--sort", "category", "-o", "ids"
    ).stdout.split()
    assert ordered[0] == DVR


@pytest.mark.parametrize("selector", [("--category", "dvr"), ("--pick", "category = DVR")])
@pytest.mark.parametrize("verb", [("info",), ("isapi", "GET", "/ISAPI/System/deviceInfo")])
def test_verbs_take_the_category_that_the_list_shows(
    run: Run, verb: tuple[str, ...], selector: tuple[str, str]
) -> None:
    assert [row["target"] for row in run("device", *verb, *selector, "-o", "json").json] == [DVR]


def test_an_unknown_category_is_refused_with_the_words_of_the_table(run: Run) -> None:
    result = run("device", "list", "--category", "dv")
    assert result.exit_code == 2
    assert "nvr, dvr, panel" in result.stderr
