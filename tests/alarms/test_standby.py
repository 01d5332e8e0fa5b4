"""A host and its spares: who reads when, whose heartbeat says what, and what a failed call means."""

from __future__ import annotations

from typing import Any

import pytest

from hpcli.alarms.standby.servers import check_host, choose_spare, hear
from hpcli.client.hotspare.servers import HotspareCalls
from hpcli.errors import HpcliError, NotFoundError, PlatformError, SignInError, UsageError
from tests.support.spare_servers import AWAY, Servers

# Which server this machine is


@pytest.mark.parametrize(
    ("names", "own", "host", "outcome"),
    [
        (("h", "s1"), None, "h", "s1"),
        (("h", "s1", "s2"), "s2", "h", "s2"),
        (("h", "s1", "s2"), None, "h", "which one is this machine"),
        (("h",), None, "h", "No spare is registered"),
        (("h",), "s1", "h", "s1 is not registered"),
        (("h", "s1"), "h", "h", "is the host"),
        (("s1",), None, "h", "h is not registered"),
        (("h", "s1"), "s1", "s1", "Use --standby-of h."),
    ],
)
def test_a_spare_knows_itself_or_says_what_is_missing(
    names: tuple[str, ...], own: str | None, host: str, outcome: str
) -> None:
    rows = Servers(dict.fromkeys(names, 0.0)).rows()
    if outcome in names:
        assert choose_spare(rows, own, host) == outcome
        return
    with pytest.raises((UsageError, NotFoundError)) as caught:
        choose_spare(rows, own, host)
    assert outcome in f"{caught.value.message} {caught.value.hint}"


def test_only_the_host_sends_the_hosts_heartbeats() -> None:
    rows = Servers().rows()
    check_host(rows, "h")
    with pytest.raises(UsageError, match="is a spare"):
        check_host(rows, "s1")
    with pytest.raises(NotFoundError):
        check_host(rows, "x")


def test_a_spare_comes_after_those_with_lower_numbers() -> None:
    rows = Servers({"h": 500.0, "s1": 3.0, "s2": 0.0}).rows()
    assert hear(rows, "s2", "h") == (500_000, 3000, "s1")
    assert hear(rows, "s1", "h") == (500_000, 500_000, "h")
    with pytest.raises(PlatformError, match="did not say"):
        hear([{"uuid": "h", "type": 0}, rows[1]], "s1", "h")


def test_moments_are_compared_with_the_own_heartbeat_not_with_this_clock() -> None:
    class Answers:
        def call(self, *_arguments: Any, **_more: Any) -> Any:
            return {
                "list": [
                    {"uuid": "h", "timeLag": 1_707_102_000_000},
                    {"uuid": "s", "timeLag": 1_707_102_005_000},
                ]
            }

        def now(self) -> float:
            return 1_707_999_999.0  # days ahead: no reason to take the host for dead

    rows = HotspareCalls(Answers()).heartbeat("s")  # type: ignore[arg-type] # all that a heartbeat needs
    assert [row["timeLag"] for row in rows] == [5000, 0]


# The spare


def test_it_reads_while_the_host_is_silent_and_no_longer() -> None:
    servers, said = Servers(), list[str]()
    spare = servers.spare(said.append)
    for lag, reads in ((0.0, False), (180.0, False), (181.0, True), (900.0, True), (1.0, False)):
        servers.lags["h"] = lag
        spare.beat()
        assert spare.may_poll() is reads
        if not reads:
            spare.end_turn()
    assert said == [
        "Standing by for the host h, heard 0 s ago.",
        "The host h has been silent for 3 min 1 s: alarms are read here.",
        "h is back: alarms are no longer read here.",
    ]
    assert set(servers.beats) == {"s1"}


def test_it_asks_again_just_when_the_silence_would_be_long_enough() -> None:
    servers = Servers()
    spare = servers.spare()
    pauses = []
    for lag in (0.0, 150.0, 179.9, 181.0):
        servers.lags["h"] = lag
        pauses.append(spare.beat())
    assert pauses == pytest.approx([60.0, 30.2, 0.5, 10.0])


def test_a_failed_call_is_never_silence() -> None:
    servers, said = Servers(error=AWAY), list[str]()
    spare = servers.spare(said.append)
    spare.beat()
    servers.error = None
    servers.lags["h"] = 179.0
    spare.beat()
    servers.error = AWAY
    for _ in range(3):
        servers.seconds += 3600
        spare.beat()
        assert (spare.may_poll(), spare.state) == (False, "unknown")
    assert [line for line in said if "on a guess" in line] == [said[0], said[2]]
    assert spare.failing == (servers.seconds - 2 * 3600, AWAY)


def test_it_goes_on_reading_while_it_cannot_ask_whether_the_host_is_back() -> None:
    servers, said = Servers({"h": 500.0, "s1": 0.0}), list[str]()
    spare = servers.spare(said.append)
    spare.beat()
    assert spare.may_poll()
    servers.error = AWAY
    for _ in range(3):
        servers.seconds += 80
        spare.beat()
        assert (spare.may_poll(), spare.holds) == (True, True)
    servers.error = None
    spare.beat()
    assert [line for line in said if "still read here" in line or "asked again" in line] == said[-2:]


def test_after_a_sleep_it_asks_before_it_polls() -> None:
    servers = Servers({"h": 500.0, "s1": 0.0})
    spare = servers.spare()
    spare.beat()
    assert spare.may_poll()
    servers.seconds += 3600
    assert not spare.may_poll()
    spare.end_turn()
    servers.error = AWAY
    spare.beat()
    assert not spare.may_poll(), "what it knew before the sleep is a guess"
    servers.error = None
    spare.beat()
    assert spare.may_poll()


def test_a_spare_waits_for_the_spare_before_it() -> None:
    servers, said = Servers({"h": 500.0, "s1": 0.0, "s2": 0.0}), list[str]()
    second = servers.spare(said.append, "s2")
    second.beat()
    assert not second.may_poll()
    assert "the spare s1 reads" in said[-1]
    servers.lags["s1"] = 181.0
    second.beat()
    assert second.may_poll()


def test_a_spare_whose_reader_hangs_leaves_the_next_one_to_it() -> None:
    servers = Servers({"h": 500.0, "s1": 0.0})
    spare = servers.spare()
    spare.beat()
    spare.may_poll()
    servers.seconds += 91
    assert not spare._may_beat()
    spare.may_poll()
    assert spare._may_beat()


@pytest.mark.parametrize("error", [NotFoundError("not registered"), SignInError("bad key", code="LAP300001")])
def test_what_cannot_pass_ends_it_at_the_start_and_only_then(error: HpcliError) -> None:
    servers = Servers()
    for server in (servers.spare(), servers.host()):
        servers.error = None
        server.beat()
        servers.error = error
        server.beat()
        server.may_poll()
    for server in (servers.spare(), servers.host()):
        servers.error = AWAY
        server.beat()
        server.may_poll()
        servers.error = error
        server.beat()
        with pytest.raises(type(error)):
            server.may_poll()


# The host


def test_its_heartbeat_stops_when_its_reader_stops_polling() -> None:
    servers, said = Servers(), list[str]()
    host = servers.host(said.append)
    host.beat()
    servers.seconds += 89
    host.note_answer(0)
    servers.seconds += 89
    assert host._may_beat()
    servers.seconds += 2
    assert not host._may_beat()
    assert not host._may_beat()
    host.note_other()  # the spare holds the queue: the host has to be heard, or it would never get it back
    assert host._may_beat()
    host.beat()
    assert [line.split(":")[0] for line in said] == [
        "No poll has been answered for 90 s",
        "Heartbeats as h are sent again.",
    ]


def test_it_polls_whether_or_not_its_heartbeat_can_be_sent() -> None:
    servers = Servers(error=AWAY)
    host = servers.host()
    assert not host.may_poll(), "the first heartbeat makes a spare hand back"
    servers.seconds += 5
    assert host.may_poll()
    host.beat()
    assert (host.may_poll(), host.holds, host.state) == (True, True, "unknown")


def test_after_a_silence_of_its_own_a_new_turn_begins() -> None:
    servers = Servers({"h": 0.0, "s1": 7.0})
    host = servers.host()
    host.beat()
    first = host.held_since
    servers.seconds += 60
    host.beat()
    assert host.held_since == first
    servers.seconds += 121
    host.beat()
    assert host.held_since == servers.seconds
    assert "s1" in (host.elsewhere or "")
