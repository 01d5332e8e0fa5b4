"""How many calls a look-up costs, counted on the wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Result, Run

SITES = 300


@pytest.fixture
def sites(run: Run, platform: Platform) -> list[str]:
    """The ids of a large account's sites."""
    control.reset(platform.state, sites=SITES, devices=SITES)
    return run("site", "list", "-o", "ids").lines


def _calls(result: Result, path: str) -> int:
    return sum(line.startswith("> ") and line.endswith(path) for line in result.stderr.splitlines())


@pytest.mark.parametrize("verb", [("site", "managers"), ("customer", "list"), ("device", "list", "--site")])
def test_a_site_named_by_id_is_not_looked_up(run: Run, sites: list[str], verb: tuple[str, ...]) -> None:
    result = run(*verb, sites[-1], "-v")
    assert (result.exit_code, _calls(result, "/site/search")) == (0, 0), result.stderr


def test_a_site_named_by_name_costs_one_search(run: Run, sites: list[str]) -> None:
    name = run("site", "show", sites[-1], "-o", "json").json["siteName"]
    assert _calls(run("customer", "list", name, "-v"), "/site/search") == 1


def test_a_list_of_sites_costs_one_listing(run: Run, sites: list[str], tmp_path: Path) -> None:
    (tmp_path / "ids").write_text("\n".join(sites[-40:]))
    result = run("site", "show", f"@{tmp_path / 'ids'}", "-o", "json", "-v")
    assert (len(result.json), _calls(result, "/site/search")) == (40, SITES // 100)


def test_a_list_of_devices_costs_one_listing(run: Run, sites: list[str]) -> None:
    assert sites
    serials = run("device", "list", "-o", "ids").lines[-40:]
    result = run("device", "show", "-", "-o", "json", "-v", stdin="\n".join(serials))
    assert [row["target"] for row in result.json] == serials
    assert _calls(result, "/device/list") <= SITES // 100
