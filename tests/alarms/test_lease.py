"""The lease through a real nats-server: who holds it, when it passes on, and when its holder stops."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import nats
import pytest

from hpcli.alarms.clock import Clock
from hpcli.alarms.lease.address import read_lease_address
from hpcli.alarms.lease.broker import Broker as Connection
from hpcli.alarms.lease.lease import Lease, Times
from hpcli.errors import LocalError, NetworkError, UsageError
from tests.support.brokers import Broker, make_certificate, nats_server, one_a_module, running

TIMES = Times(ttl=1.0, renew=0.1, stop=0.7)
PATIENCE = 20.0


server = one_a_module(nats_server)


class Machine:
    """One that competes, and notes its states."""

    def __init__(
        self, server: Broker, account: str, times: Times = TIMES, bucket: str = "leases", query: str = ""
    ) -> None:
        address = read_lease_address(f"nats://localhost:{server.port}/{bucket}?{query}")
        self.changed = threading.Condition()
        self.ended_polls = threading.Event()
        self.said: list[str] = []
        self.lease = Lease(
            Connection(address, account, times.ttl, seconds=2.0),
            times,
            Clock(),
            warn=self.said.append,
            on_change=self._note,
            end_poll=self.ended_polls.set,
        )

    def _note(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def await_state(self, state: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.lease.state == state, PATIENCE), self.lease.state


@contextmanager
def competing(*machines: Machine) -> Iterator[None]:
    try:
        for machine in machines:
            machine.lease.start()
        yield
    finally:
        for machine in machines:
            machine.lease.close()


def test_one_machine_holds_the_lease_and_the_other_takes_it_when_it_is_given_back(server: Broker) -> None:
    times = Times(ttl=2 * PATIENCE, renew=0.1, stop=0.7)  # it must not be the end of the key that decides
    first, second = (Machine(server, "a1", times, "patient") for _ in range(2))
    with competing(first):
        first.await_state("holder")
        first.lease.last_poll = 1_700_000_000_000
        with competing(second):
            second.await_state("waiting")
            assert [first.lease.holds, second.lease.holds] == [True, False]
            assert "pid" in second.lease.words
            first.lease.close()
            second.await_state("holder")
            assert [first.lease.holds, second.lease.holds] == [False, True]
            # Only the second one follows a machine that may have printed what it could not publish.
            assert [one.lease.may_repeat(1.0) for one in (first, second)] == [False, True]
    assert first.lease.may_repeat(None) is False
    assert first.lease.may_repeat(times.ttl + 1) is True


def test_each_account_has_a_lease_of_its_own(server: Broker) -> None:
    one, other = Machine(server, "b1"), Machine(server, "b2")
    with competing(one, other):
        one.await_state("holder")
        other.await_state("holder")


def test_a_holder_that_is_cut_off_stops_before_the_key_ends(tmp_path: Path) -> None:
    with running(nats_server(tmp_path)) as server:
        machine = Machine(server, "d1")
        with competing(machine):
            machine.await_state("holder")
            machine.ended_polls.clear()
            server.kill()
            machine.await_state("unreachable")
            assert not machine.lease.holds
            assert machine.ended_polls.wait(PATIENCE)
            server.start()
            machine.await_state("holder")
    assert len(machine.said) <= 1


def test_after_its_end_a_connection_is_asked_in_vain(server: Broker) -> None:
    machine = Machine(server, "g1")
    machine.lease.close()
    machine.lease.broker.submit(machine.lease.broker.disconnect())
    with pytest.raises(NetworkError, match="closed"):
        machine.lease.broker.run(machine.lease.broker.disconnect(), 1.0)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Broker, Path]]:
    """A server with TLS and a user, and the folder with its certificate and secrets."""
    folder = tmp_path_factory.mktemp("guarded")
    certificate, key = make_certificate(folder)
    (folder / "right").write_text("right-word\n")
    (folder / "wrong").write_text("wrong-word\n")
    tls = ("--tls", f"--tlscert={certificate}", f"--tlskey={key}")
    with running(nats_server(folder, *tls, "--user", "desk", "--pass", "right-word")) as started:
        yield started, folder


def test_a_lease_is_had_by_certificate_and_password(guarded: tuple[Broker, Path]) -> None:
    server, folder = guarded
    query = f"ca-file={folder}/certificate&user=desk&secret-file={folder}/right"
    one, other = (Machine(server, "t1", query=query) for _ in range(2))
    with competing(one):
        one.await_state("holder")
        with competing(other):
            other.await_state("waiting")
    assert logging.getLogger("asyncio").handlers  # what it says of closed connections is not for stderr


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ca-file={}/certificate&user=desk&secret-file={}/wrong", "Authorization Violation"),
        ("ca-file={}/certificate", "Authorization Violation"),
        ("tls=true&user=desk&secret-file={}/right", "certificate verify failed"),
        ("", "certificate verify failed"),
    ],
)
def test_a_wrong_password_or_certificate_ends_the_start(
    guarded: tuple[Broker, Path], query: str, words: str
) -> None:
    server, folder = guarded
    machine = Machine(server, "t2", query=query.format(*[folder] * 2))
    with closing(machine.lease):
        with pytest.raises(LocalError, match=words) as refused:
            machine.lease.start()
        machine.lease.broker.seconds = 0.1  # the library waits in vain for the end of a handshake that failed
    assert "-word" not in str(refused.value)
    assert "ca-file=FILE" in (refused.value.hint or "")


def test_too_few_copies_in_a_cluster_are_said_once(server: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(server, "c1")
    connect = machine.lease.broker.connect

    connections = 0
    is_again = threading.Event()

    async def connected() -> None:
        nonlocal connections
        await connect()
        machine.lease.broker.lacks_copies = True
        connections += 1
        if connections > 1:
            is_again.set()

    monkeypatch.setattr(machine.lease.broker, "connect", connected)
    with competing(machine):
        machine.await_state("holder")
        machine.lease.broker.run(machine.lease.broker.disconnect(), PATIENCE)
        assert is_again.wait(PATIENCE)
    assert [line for line in machine.said if "fewer than three copies" in line] == machine.said[:1]


def set_key(server: Broker, account: str, value: bytes) -> None:
    async def write() -> None:
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        keys = await client.jetstream().key_value("leases")
        await keys.put(account, value)
        await client.close()

    asyncio.run(write())


def test_a_key_that_another_wrote_ends_the_lease_at_the_next_renewal(server: Broker) -> None:
    machine = Machine(server, "e1")
    with competing(machine):
        machine.await_state("holder")
        set_key(server, "e1", b'{"token": "x", "who": "other", "lastPoll": 5}')
        machine.await_state("waiting")
        assert not machine.lease.holds
        assert (machine.lease.other and machine.lease.other.who, machine.lease.last_poll) == ("other", 5)
        machine.await_state("holder")  # nobody renews that key


def test_a_stream_that_has_the_subject_is_named_and_nothing_is_held(server: Broker) -> None:
    async def change(work: str) -> None:
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        stream = client.jetstream()
        if work == "add":
            await stream.add_stream(name="EVENTS", subjects=["hpcli.*.a9"])
        else:
            await stream.delete_stream("EVENTS")
        await client.close()

    machine = Machine(server, "a9")
    asyncio.run(change("add"))
    with closing(machine.lease):
        with pytest.raises(LocalError, match=r"the stream EVENTS has its subject hpcli\.raw\.a9"):
            machine.lease.start()
        assert not machine.lease.broker.is_connected
        asyncio.run(change("delete"))
        machine.lease.start()
        machine.await_state("holder")


def test_a_bucket_that_keeps_keys_for_another_time_is_refused(server: Broker) -> None:
    machine = Machine(server, "f1")
    machine.lease.broker.ttl = 5.0
    refused = pytest.raises(LocalError, match=r"keeps a key for 1 s")
    with competing(Machine(server, "f2")), closing(machine.lease), refused:
        machine.lease.start()


@pytest.mark.parametrize(
    ("text", "servers", "more"),
    [
        ("nats://h/b", ("nats://h:4222",), {}),
        ("nats://h:1,[::1]:2/b", ("nats://h:1", "nats://[::1]:2"), {}),
        ("tls://h/b", ("nats://h:4222",), {"is_encrypted": True}),
        ("nats://h/b?tls=true", ("nats://h:4222",), {"is_encrypted": True}),
    ],
)
def test_an_address_names_servers_and_bucket(
    text: str, servers: tuple[str, ...], more: dict[str, Any]
) -> None:
    address = read_lease_address(text)
    assert (address.servers, address.bucket) == (servers, "b")
    assert all(getattr(address, name) == value for name, value in more.items())


@pytest.mark.parametrize(
    "text",
    ["h/b", "http://h/b", "nats:///b", "nats://h", "nats://h/a.b", "nats://u:p@h/b", "nats://h:x/b",
     "nats://h/b?x=1", "nats://h/b?tls=yes", "nats://h/b?user=u", "nats://h/b?secret-file=FILE"],
)  # fmt: skip
def test_a_wrong_address_is_refused_without_its_password(text: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    with pytest.raises(UsageError) as refused:
        read_lease_address(text.replace("FILE", str(tmp_path / "secret")))
    assert "p@" not in str(refused.value)
    assert "s3cret" not in str(refused.value)
