"""Recordings: both ends are sent, times are the site's, and what the stand-in recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hpcli.errors import DeviceOfflineError, NotFoundError, UsageError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run

RECORDER, OFFLINE = "Q10254801", "F55120761"
HOUR = timedelta(hours=1)


def this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def test_rows_are_those_of_the_span_in_milliseconds(platform: Platform) -> None:
    end = this_hour()
    rows = platform.client().video.list(RECORDER, end - 6 * HOUR, end, channel=2)
    assert len(rows) == 6
    assert rows[0]["startTime"] == round((end - 6 * HOUR).timestamp() * 1000)
    assert rows[0]["endTime"] - rows[0]["startTime"] == 50 * 60 * 1000
    assert {row["recType"] for row in rows} == {1, 2}


def test_the_source_is_chosen_by_name_or_number(platform: Platform) -> None:
    end = this_hour()
    client = platform.client()
    cloud = client.video.list(RECORDER, end - 6 * HOUR, end, source="cloud")
    assert [(row["recType"], row["localType"]) for row in cloud] == [(1, "0")]
    assert cloud == client.video.list(RECORDER, end - 6 * HOUR, end, source=1)


def test_tables_show_the_clock_of_the_site(run: Run) -> None:
    options = ("video", "list", RECORDER, "--since", (this_hour() - 2 * HOUR).isoformat())
    here, utc = run(*options).lines[1], run(*options, "--utc").lines[1]
    start_here = datetime.fromisoformat(here.split("\t")[0])
    start_utc = datetime.strptime(utc.split("\t")[0], "%Y-%m-%d %H:%M:%SZ").replace(tzinfo=UTC)
    assert start_here == start_utc
    assert start_here.utcoffset() in (HOUR, 2 * HOUR)
    assert "\t50 min\t" in utc


def test_rows_have_the_names_and_types_of_the_guide(run: Run, platform: Platform) -> None:
    platform.configure(faults={"drift": 1.0})
    row = run("video", "list", RECORDER, "--since", "3h", "-o", "json").json[0]
    assert {name: type(value) for name, value in row.items()} == {
        "recType": int, "startTime": int, "endTime": int, "localType": str, "crypt": int,
    }  # fmt: skip


def test_no_recordings_are_an_empty_list(run: Run) -> None:
    result = run("video", "list", RECORDER, "--since", "2001-01-01", "--until", "2001-01-02", "-o", "json")
    assert (result.exit_code, result.json) == (0, [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--since", "1h", "--until", "2h"), "end is not after the start"),
        (("--since", "tomorrow"), "'tomorrow' is not a time"),
        (("--source", "cluod"), "cloud"),
        (("--channel", "0"), "--channel"),
    ],
)
def test_bad_input_is_named_and_nothing_is_sent(
    run: Run, platform: Platform, options: tuple[str, ...], words: str
) -> None:
    result = run("video", "list", RECORDER, *options)
    assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
    assert control.statistics(platform.state)["requests"] == {}


def test_offline_devices_and_unknown_channels_have_their_errors(platform: Platform) -> None:
    client, end = platform.client(), this_hour()
    with pytest.raises(DeviceOfflineError):
        client.video.list(OFFLINE, end - HOUR, end)
    with pytest.raises(NotFoundError):
        client.video.list(RECORDER, end - HOUR, end, channel=99)
    with pytest.raises(UsageError, match="channel is 0; it must be 1 or more"):
        client.video.list(RECORDER, end - HOUR, end, channel=0)
