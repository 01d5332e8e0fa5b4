"""`-o prometheus`: whether Prometheus takes it, and which commands have it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hpcli.commands.alarms.metrics import status_metrics
from hpcli.output.prometheus import Metric, metrics_text
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

WITH_METRICS = (("alarms", "status"), ("health", "report", "--all"))
SERIAL = "F55122045"


def promtool() -> str:
    """Return the path of Prometheus's own checker, which tests/run fetches."""
    beside = Path(sys.executable).with_name("promtool")
    found = shutil.which("promtool") or (str(beside) if beside.exists() else None)
    assert found, "promtool is missing: run tests/run once, or install Prometheus"
    return found


def samples(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the samples by metric and label values, as Prometheus reads them."""
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text)
    }


def assert_clean(text: str) -> None:
    done = subprocess.run(
        [promtool(), "check", "metrics"], input=text.encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("arguments", WITH_METRICS, ids=" ".join)
def test_prometheus_finds_nothing_to_object_to(
    run: Run, platform: Platform, arguments: tuple[str, ...]
) -> None:
    platform.trigger("motion", count=3)
    run("alarms", "tail", "--limit", "1")
    result = run(*arguments, "-o", "prometheus")
    assert result.exit_code == 0, result.stderr
    assert_clean(result.stdout)


def test_every_metric_of_a_status_has_a_clean_name(hpcli: Runner) -> None:
    account = {
        "profile": "work",
        "reader": {"pid": 1},
        "subscription": {
            "state": "incomplete", "subscribed": 1, "devices": 2, "lost": ["A"], "checked": "2026-11-28T12:00:00Z"},
        "silent": [{"device": "A", "seconds": 99999}],
        "outputs": [{"name": "stdout", "position": 4, "waiting": 2, "waitingSeconds": 5, "dead": 0,
                     "state": "ok", "since": "2026-11-28T12:00:00Z"}],
        "unknown": [{"name": 'CID "1999"\\\n', "count": 3}],
        **dict.fromkeys(("lastPoll", "lastMessage", "oldest"), "2026-11-28T12:00:00Z"),
        **dict.fromkeys(("events", "size", "diskFree", "unconfirmed", "gaps", "picturesPending", "picturesLocked"), 1),
        "picturesFailed": 0,
    }  # fmt: skip
    text = metrics_text(status_metrics([account, {"profile": "lost", "error": {"kind": "local"}}]))
    assert_clean(text)
    found = samples(text)
    assert found["hpcli_alarms_status_readable"] == {("work",): 1, ("lost",): 0}
    assert found["hpcli_alarms_reader_running"] == {("work",): 1}
    assert found["hpcli_alarms_output_failing"] == {("stdout", "work"): 1}
    assert found["hpcli_alarms_unknown_events"] == {('CID "1999"\\\n', "work"): 3}
    assert found["hpcli_alarms_last_poll_timestamp_seconds"] == {("work",): 1795867200}


def test_the_numbers_of_a_status_are_those_of_its_json(run: Run, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    run("alarms", "tail", "--limit", "1")
    status = run("alarms", "status", "-o", "json").json
    found = samples(run("alarms", "status", "-o", "prometheus").stdout)
    assert found["hpcli_alarms_output_waiting_events"] == {("stdout", ""): 2}
    assert found["hpcli_alarms_journal_bytes"] == {("",): status["size"]}
    assert found["hpcli_alarms_subscribed_devices"] == {("",): status["subscription"]["subscribed"]}


def test_the_numbers_of_a_report_are_those_of_its_rows(run: Run) -> None:
    rows = run("health", "report", "--all", "-o", "json").json
    found = samples(run("health", "report", "--all", "-o", "prometheus").stdout)
    assert len(found["hpcli_health_device_problems"]) == len(rows)
    assert sum(found["hpcli_health_device_problems"].values()) == sum(len(row["problems"]) for row in rows)
    assert 0 in found["hpcli_health_device_online"].values()


def test_checks_apply_to_metrics_too(run: Run) -> None:
    result = run("alarms", "status", "-o", "prometheus", "--fail-on", "reader")
    assert result.exit_code == 10
    assert "hpcli_alarms_reader_running" in result.stdout
    assert "reader: No reader runs on this computer." in result.stderr


def test_two_rows_with_the_same_labels_are_one_sample() -> None:
    text = metrics_text(
        [Metric("hpcli_x", "Text.", ("name",), [(("a",), 1), (("a",), 2), (("\ud800",), None)])]
    )
    assert samples(text) == {"hpcli_x": {("a",): 2}}


def test_other_commands_refuse_it_before_they_do_anything(run: Run, platform: Platform) -> None:
    for name in ("site list", "alarms tail", "site delete", "doctor", "commands"):
        result = run(
            *name.split(), "-o", "prometheus", *(["Harbour View Hotel"] if name == "site delete" else [])
        )
        assert (result.exit_code, result.stdout) == (2, ""), name
        assert f"`hpcli {name}` has no metrics for -o prometheus." in result.stderr
        assert "alarms status" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("alarms", "status", "--fields", "reader"),
        ("alarms", "status", "--query", "reader"),
        ("health", "report", "--all", "--detail", "zones"),
        ("health", "report", "--all", "--count-by", "siteName"),
    ],
    ids=" ".join,
)
def test_what_makes_no_metrics_is_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "-o", "prometheus")
    assert (result.exit_code, result.stdout) == (2, "")


def test_config_toml_cannot_make_it_the_default(run: Run, home: Path) -> None:
    result = run("config", "set", "output", "prometheus")
    assert result.exit_code == 2
    assert not (home / ".config/hpcli/config.toml").exists()


@pytest.mark.parametrize("arguments", WITH_METRICS, ids=" ".join)
def test_without_the_library_the_error_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    result = run(*arguments, "-o", "prometheus")
    assert (result.exit_code, result.stdout) == (11, "")
    assert "pip install '.[metrics]'" in result.stderr
