"""What the platform sees of the call limit, however many processes call."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from pathlib import Path

from hpcli.client.call_limit import CallLimiter
from hpcli.client.call_pace import Pace, parse_pace
from tests.support.forked import Forked
from tests.support.wire_server import answer, read_request, serving

_CLIENT = """
import sys
from pathlib import Path
from hpcli.api.operation import Operation
from hpcli.auth.account import Account
from hpcli.auth.tokens import MemoryTokenCache, Token
from hpcli.client import call_limit
from hpcli.client.transport import Transport
host = sys.argv[2]
# A busy computer may take long to see what has arrived.
call_limit._LONGEST_WRITE_SECONDS = call_limit._FLIGHT_SECONDS = 60.0
tokens = MemoryTokenCache()
tokens.store(Token("hpc.t", 9e12, host))
limiter = call_limit.CallLimiter(Path(sys.argv[1]), "id")
transport = Transport(Account(host, "key"), lambda: "secret", tokens, limiter, timeout=300.0)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    transport.call(Operation("GET", "/api/hpcgw/v1/any", "x"))
"""


def test_what_arrives_from_many_processes_keeps_the_rate(tmp_path: Path) -> None:
    arrived: list[float] = []

    def note(connection: socket.socket) -> None:
        while read_request(connection):
            arrived.append(time.time())
            connection.sendall(answer())

    with serving(note) as host:
        callers = [
            Forked(
                [_CLIENT, str(tmp_path), host],
                module="tests.support.script",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(12)
        ]
        for caller in callers:
            assert caller.stdout is not None
            assert caller.stdout.readline() == "ready\n"
        for caller in callers:
            caller.communicate("go\n", timeout=300)
            assert caller.returncode == 0
    assert len(arrived) == 36
    arrived.sort()
    most = max(sum(1 for other in arrived if moment <= other < moment + 1) for moment in arrived)
    assert most <= 5


def test_a_call_that_has_arrived_long_ago_tells_the_others_nothing_more(tmp_path: Path) -> None:
    now = [1000.0]
    limiter = CallLimiter(tmp_path, "id", clock=lambda: now[0], sleep=lambda _seconds: None)
    for passed, is_written in ((0.01, True), (1.0, False)):
        with limiter.turn(lambda: 60.0) as turn:
            turn.begin()
            turn.note_sent()
            limiter.path.unlink()
            now[0] += passed
        assert limiter.path.exists() == is_written
        now[0] += 60.0


def test_a_call_whose_turn_is_free_takes_it_and_goes_out_with_one_look(tmp_path: Path) -> None:
    now, looks = [1000.0], 0

    def clock() -> float:
        return now[0]

    limiter = CallLimiter(tmp_path, "id", 1000.0, clock=clock, sleep=lambda _seconds: None)
    acquire = limiter._acquire

    def counted() -> object:
        nonlocal looks
        looks += 1
        return acquire()

    limiter._acquire = counted  # type: ignore[method-assign, assignment] # counts what other processes wait for
    for _ in range(10):
        with limiter.turn(lambda: 60.0) as turn:
            turn.begin()
            turn.note_sent()
            now[0] += 0.01
    assert looks == 10
    now[0] += 0.001
    limiter.close()
    pace = parse_pace(limiter.path.read_text(), now[0])
    assert max(pace.arrivals) <= now[0], "what was not told with a next call is told at the end"


def test_a_call_that_waited_for_its_connection_looks_again(tmp_path: Path) -> None:
    now = [1000.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    limiter = CallLimiter(tmp_path, "id", 1.0, clock=lambda: now[0], sleep=sleep)
    with limiter.turn(lambda: 60.0) as late:
        now[0] += 5.0
        with limiter.turn(lambda: 60.0) as quick:
            quick.begin()
        late.begin()
        assert now[0] == 1006.0


def test_a_call_looks_again_when_those_that_were_about_to_go_out_may_have_arrived(tmp_path: Path) -> None:
    now, pauses = [1000.0], list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(round(seconds, 3))
        if len(pauses) == 2:  # the sixth has looked: now the five are out
            for turn in slow:
                turn.note_sent()
        now[0] += seconds

    limit = CallLimiter(tmp_path, "id", clock=lambda: now[0], sleep=sleep)
    with contextlib.ExitStack() as unanswered:
        slow = [unanswered.enter_context(limit.turn(lambda: 60)) for _ in range(5)]
        for turn in slow:
            turn.begin()
        unanswered.enter_context(limit.turn(lambda: 1.5)).begin()
    assert pauses == [1.0, 1.06]


def test_of_two_calls_of_one_moment_one_is_taken_back() -> None:
    assert Pace(arrivals=(1.0, 2.0, 2.0)).without_arrival(2.0).arrivals == (1.0, 2.0)
    assert Pace(arrivals=(1.0,)).without_arrival(2.0).arrivals == (1.0,)
