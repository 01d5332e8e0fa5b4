"""Employees of the company."""

from __future__ import annotations

from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Runner


def test_employees_are_listed_with_names_and_marks(hpcli: Runner, platform: Platform) -> None:
    lines = hpcli("installer", "list", environment=platform.environment).lines
    assert [line.split("\t")[:-1] for line in lines[:2]] == [
        ["NAME", "EMAIL", "PHONE", "ADMIN", "ENABLED"],
        ["Anna Berg", "anna.berg@nordlicht.example", "+49 30 5550101", "yes", "yes"],
    ]
    assert "\tno\tno\t" in lines[-1]


def test_search_and_limit_narrow_the_list(hpcli: Runner, platform: Platform) -> None:
    options = ("installer", "list", "-o", "json")
    (row,) = hpcli(*options, "--search", "żółty", environment=platform.environment).json
    assert (row["firstName"], row["isAdmin"], row["enableStatus"]) == ("Łukasz", False, True)
    assert len(hpcli(*options, "--limit", "2", environment=platform.environment).json) == 2


def test_loose_answers_get_the_types_of_the_guide(platform: Platform) -> None:
    platform.configure(faults={"drift": 1.0})
    rows = list(platform.client().installer.list())
    assert [row["isAdmin"] for row in rows] == [True, False, False, False, False]


def test_nobody_is_no_error(hpcli: Runner, platform: Platform) -> None:
    result = hpcli("installer", "list", "--search", "xyz", "-o", "ndjson", environment=platform.environment)
    assert (result.exit_code, result.stdout) == (0, "")
    assert control.statistics(platform.state)["requests"]["POST /api/hpcgw/v1/installers/search"] == 1
