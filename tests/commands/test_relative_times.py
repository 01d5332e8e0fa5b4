"""Times such as `2h` count from the platform's present, and an unknown time zone is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from hpcli.client.transport import Transport
from tests.support.proxy import Answer, Proxy, change
from tests.support.runner import Runner

DOOR, RECORDER = "C94115305", "Q10254801"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (f"access events {DOOR} --since 2h", "/AcsEvent"),
        (f"video list {RECORDER} --since 2h", "/video/by/time"),
    ],
)
@pytest.mark.parametrize("days", [-40, 40])
def test_relative_times_count_from_the_platforms_present(
    hpcli: Runner, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, line: str, path: str, days: int
) -> None:
    there = datetime.now(UTC) + timedelta(days=days)
    monkeypatch.setattr(Transport, "platform_time", lambda _self: there)
    hpcli(*line.split(), environment=proxy.platform.environment)
    sent = proxy.first_sent_to(path)
    shown = (there - timedelta(hours=2)).astimezone(UTC)
    texts = [f"{shown + timedelta(hours=shift):%Y-%m-%d}" for shift in (-12, 0, 12)]
    milliseconds = str(int(shown.timestamp()))[:6]
    assert any(text in sent for text in (*texts, milliseconds)), sent


def test_an_unknown_time_zone_of_the_site_is_named(hpcli: Runner, proxy: Proxy) -> None:
    def bend(answer: Answer) -> Answer:
        envelope = json.loads(answer.body)
        for row in envelope["data"]["rows"]:
            row["timeZone"] = 9999
        return Answer(answer.status, answer.headers, json.dumps(envelope).encode())

    line = ("access", "events", DOOR, "--since", "2h")
    assert "time zone" not in hpcli(*line, environment=proxy.platform.environment).stderr
    proxy.spoil(change(bend), operation="deviceList")
    result = hpcli(*line, environment=proxy.platform.environment)
    assert result.exit_code == 0, result
    assert f"time zone of the site of {DOOR} is not known (9999)" in result.stderr
