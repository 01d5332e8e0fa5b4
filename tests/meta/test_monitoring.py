"""The files of docs/monitoring: Prometheus takes the rules, and every number they look at is one that is served."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hpcli.commands.alarms.metrics import status_metrics
from hpcli.commands.health.metrics import health_metrics
from hpcli.commands.metrics.refresh import Part, read_parts
from tests.commands.test_metrics import promtool
from tests.support.tree import ROOT

FOLDER = ROOT / "docs/monitoring"
RULES = FOLDER / "alerts.yml"
NAME = re.compile(r"\bhpcli_[a-z_]+")


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return list(json.loads((FOLDER / "grafana-dashboard.json").read_text())["panels"])


def expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def check(path: Path) -> None:
    done = subprocess.run([promtool(), "check", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_prometheus_takes_the_rules() -> None:
    check(RULES)


def test_prometheus_takes_the_expressions_of_the_dashboard(tmp_path: Path) -> None:
    recorded = [
        {"record": f"panel:{number}", "expr": text.replace("$profile", ".*")}
        for number, text in enumerate(expressions())
    ]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "x", "rules": recorded}]}))
    check(tmp_path / "rules.yml")


def test_every_number_that_is_looked_at_is_served() -> None:
    part = Part("x", list, 1.0, lambda _line: None)
    served = {metric.name for metric in (*status_metrics([]), *health_metrics([]), *read_parts([part]))}
    texts = (*(rule["expr"] for rule in rules()), *expressions())
    used = {name for text in texts for name in NAME.findall(text)}
    assert used <= served
    page = (FOLDER / "README.md").read_text()
    assert set(NAME.findall(page)) <= served


def test_every_alert_says_what_is_wrong_and_how_bad() -> None:
    for rule in rules():
        assert rule["annotations"]["summary"], rule["alert"]
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), rule["alert"]


def test_the_panels_of_the_dashboard_do_not_overlap() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels():
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
        assert place["x"] + place["w"] <= 24
    assert len({panel["id"] for panel in panels()}) == len(panels())


@pytest.mark.parametrize("file", sorted(path.name for path in FOLDER.iterdir()))
def test_the_page_names_each_file(file: str) -> None:
    assert file == "README.md" or f"]({file})" in (FOLDER / "README.md").read_text()
