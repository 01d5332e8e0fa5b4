"""A date at the end of a range is a whole day of this computer, in every command that takes one."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta

import pytest

from tests.support.proxy import Proxy
from tests.support.runner import Runner

DOOR, RECORDER = "C94115305", "Q10254801"


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (f"access events {DOOR} --since 2026-11-18 --until 2026-11-20 --limit 1", "/AcsEvent"),
        (f"video list {RECORDER} --since 2026-11-18 --until 2026-11-20 -o json", "/video/by/time"),
    ],
)
def test_the_platform_is_asked_for_the_whole_last_day(
    hpcli: Runner, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, line: str, path: str
) -> None:
    monkeypatch.setenv("TZ", "America/Lima")
    time.tzset()
    assert hpcli(*line.split(), environment=proxy.platform.environment).exit_code == 0
    sent = proxy.first_sent_to(path)
    last = datetime(2026, 11, 20, 23, 59, 59, 999000).astimezone()
    assert str(round(last.timestamp() * 1000)) in sent or last.isoformat()[:19] in _in_zone_of_text(
        sent, last
    )


def _in_zone_of_text(sent: str, moment: datetime) -> str:
    """Return a message with its times in the zone of a moment."""

    def there(found: re.Match[str]) -> str:
        return datetime.fromisoformat(found[0]).astimezone(moment.tzinfo).isoformat()

    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", there, sent)


@pytest.fixture
def with_events(hpcli: Runner) -> None:
    """An alarm in the journal and a change in the log, from just now."""
    hpcli("--profile", "sandbox", "sandbox", "trigger", "motion")
    read = hpcli("--profile", "sandbox", "alarms", "tail", "--limit", "1", "--for", "20s", "-o", "ids")
    assert len(read.lines) == 1
    changed = hpcli("--profile", "sandbox", "site", "update", "Harbour View Hotel", "--city", "Plymouth")
    assert changed.exit_code == 0, changed.stderr


@pytest.mark.usefixtures("with_events")
def test_what_happened_today_is_before_the_end_of_today(hpcli: Runner) -> None:
    today, yesterday = date.today(), date.today() - timedelta(days=1)  # noqa: DTZ011 - days of this computer
    for line in (
        "alarms history -o ids",
        "alarms history --by time -o ids",
        "alarms count --by type -o ids",
        "log list -o ids",
    ):
        words = ("--profile", "sandbox", *line.split(), "--since", yesterday.isoformat(), "--until")
        assert hpcli(*words, today.isoformat()).lines, line
        assert hpcli(*words, yesterday.isoformat()).lines == [], line
    audit = ("--profile", "sandbox", "alarms", "audit", "-o", "json", "--until")
    received = [hpcli(*audit, day.isoformat()).json for day in (today, yesterday)]
    assert received[0] != received[1]
    (event,) = hpcli("--profile", "sandbox", "alarms", "history", "-o", "ids").lines
    hold = ("--profile", "sandbox", "alarms", "hold", event, "--reason", "x", "--until")
    assert hpcli(*hold, today.isoformat()).exit_code == 0
    assert hpcli(*hold, yesterday.isoformat()).exit_code == 2
