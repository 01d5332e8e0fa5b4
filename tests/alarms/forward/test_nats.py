"""`nats:` against nats-server with JetStream: what is acknowledged, refused, lost, and what the stream has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.api import RawStreamMsg, StreamConfig

from hpcli.alarms.forward.kind import Message
from hpcli.alarms.forward.outputs.nats import OUTPUT, NatsSender
from hpcli.alarms.journal.facts import read_fact
from hpcli.alarms.journal.writer import Journal
from tests.support.brokers import Broker, nats_server, one_a_module, running
from tests.support.forward_journal import (
    ODD_IDS,
    alarm_message,
    assert_refused,
    checked_setup,
    forward,
    keep_alarms,
    marks_of,
    output_at,
    place_of,
    send_once,
)

server = one_a_module(nats_server)


def add_stream(server: Broker, name: str, *subjects: str, **more: Any) -> None:
    async def add() -> None:
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        await client.jetstream().add_stream(StreamConfig(name=name, subjects=list(subjects), **more))
        await client.close()

    asyncio.run(add())


def read_stream(server: Broker, name: str) -> list[RawStreamMsg]:
    """All messages of a stream, in its order."""

    async def read() -> list[RawStreamMsg]:
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        stream = client.jetstream()
        state = (await stream.stream_info(name)).state
        found = [await stream.get_msg(name, seq) for seq in range(state.first_seq, state.last_seq + 1)]
        await client.close()
        return found

    return asyncio.run(read())


setup_for = partial(checked_setup, OUTPUT)
send = partial(send_once, OUTPUT)


def message(seq: int = 1, **more: Any) -> Message:
    return alarm_message(seq=seq, journal="journal-1", **more)


def test_the_stream_has_the_event_with_subject_and_ids(server: Broker) -> None:
    add_stream(server, "ONE", "one.>")
    outcomes = send(setup_for(f"nats://127.0.0.1:{server.port}/ONE.one.{{site}}.{{device}}"), message(7))
    (stored,) = read_stream(server, "ONE")
    assert [outcome.kind for outcome in outcomes] == ["done"]
    assert stored.subject == "one.Café%20%2A%2E%3E%20/Nord%20#1.Q1"
    assert stored.headers is not None
    assert (stored.headers["Nats-Msg-Id"], stored.headers["Event-Id"]) == ("journal-1:7", "id-Q1")
    assert json.loads(stored.data or b"")["device"] == "Q1"


def test_a_stream_that_begins_its_subjects_with_its_name_takes_them_whole(server: Broker) -> None:
    add_stream(server, "ALARMS", "ALARMS.*.*")
    send(setup_for(f"nats://127.0.0.1:{server.port}/ALARMS.{{category}}.{{device}}"), message())
    assert [stored.subject for stored in read_stream(server, "ALARMS")] == ["ALARMS.burglary.Q1"]


def test_a_repeat_is_dropped_and_two_equal_alarms_are_two(server: Broker) -> None:
    add_stream(server, "TWICE", "twice")
    setup = setup_for(f"nats://127.0.0.1:{server.port}/TWICE.twice")
    for number in (1, 1, 2):
        assert [outcome.kind for outcome in send(setup, message(number))] == ["done"]
    ids = [stored.headers and stored.headers["Nats-Msg-Id"] for stored in read_stream(server, "TWICE")]
    assert ids == ["journal-1:1", "journal-1:2"]


def test_an_odd_id_or_name_holds_no_event_up(server: Broker) -> None:
    add_stream(server, "ODD", "odd.>")
    setup = setup_for(f"nats://127.0.0.1:{server.port}/ODD.odd.{{device}}")
    messages = [message(seq, id=mark) for seq, mark in enumerate(ODD_IDS, 1)]
    outcomes = send(setup, *messages, message(99, device="x" * 5000))
    assert [outcome.kind for outcome in outcomes] == ["done"] * len(ODD_IDS) + ["refused"]
    assert outcomes[-1].is_known_here
    headers = [stored.headers or {} for stored in read_stream(server, "ODD")]
    assert [one["Event-Id"] for one in headers[:2]] == [r"e\n1", r"e\r\nX: 1"]


def test_the_journal_goes_to_the_stream_in_the_order_of_each_device(journal: Journal, server: Broker) -> None:
    keep_alarms(journal, "A1", "B1", "A1", "A1", "B1")
    add_stream(server, "ORDER", "order.>")
    forward(output_at(f"nats://127.0.0.1:{server.port}/ORDER.order.{{device}}"), journal)
    assert (place_of(journal).position, marks_of(journal)) == (5, [])
    uuid = journal.read(lambda db: read_fact(db, "uuid"))
    stored = read_stream(server, "ORDER")
    for device, numbers in (("A1", (1, 3, 4)), ("B1", (2, 5))):
        ids = [
            one.headers["Nats-Msg-Id"] for one in stored if one.headers and one.subject == f"order.{device}"
        ]
        assert ids == [f"{uuid}:{number}" for number in numbers]


def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    own = nats_server(tmp_path)
    sender = NatsSender(setup_for(f"nats://127.0.0.1:{own.port}/KEPT.kept"))
    assert sender.send([message()]).kind == "down"
    with running(own):
        add_stream(own, "KEPT", "kept")
        assert sender.send([message(1)]).of(0).kind == "done"
        own.kill()
        assert sender.send([message(2)]).of(0).kind == "down"
        own.start()
        assert [sender.send([message(2)]).of(0).kind, len(read_stream(own, "KEPT"))] == ["done", 2]
        sender.close()


def test_what_the_stream_does_not_take(server: Broker) -> None:
    add_stream(server, "SMALL", "small", max_msg_size=200)
    add_stream(server, "FULL", "full", max_msgs=1, discard="new")
    at = f"nats://127.0.0.1:{server.port}"
    large = message(text="x" * 300)
    told = [
        send(setup_for(f"{at}/SMALL.small"), large)[0],
        send(setup_for(f"{at}/SMALL.other"), message())[0],
        send(setup_for(f"{at}/NONE.none"), message())[0],
        [send(setup_for(f"{at}/FULL.full"), message(number))[0] for number in (1, 2)][1],
    ]
    assert [outcome.kind for outcome in told] == ["refused", "misconfigured", "misconfigured", "down"], told
    assert "there is no stream NONE" in told[2].error


def test_a_wrong_token_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with running(nats_server(tmp_path, "--auth", "right-token")) as own:
        address = f"nats://127.0.0.1:{own.port}/X.x"
        (wrong,) = send(setup_for(address, secret="wrong-token"), message())
        (right,) = send(setup_for(address, secret="right-token"), message())
    assert (wrong.kind, "uthorization" in wrong.error, "wrong-token" in wrong.error) == (
        "misconfigured", True, False,
    )  # fmt: skip
    assert "there is no stream X" in right.error


@pytest.mark.parametrize(
    ("addresses", "options", "secret", "words"),
    [
        (["nats://n.example/"], {}, "", "stream"),
        (["nats://n.example/S"], {}, "", "no subject"),
        (["nats://n.example/S.{nam}"], {}, "", "{nam}"),
        (["nats://n.example/S.a.*"], {}, "", "not a subject"),
        (["nats://n.example/S.a..b"], {}, "", "not a subject"),
        (["nats://n.example/S.a?x=1"], {}, "", "no option 'x'"),
        (["nats://n.example/S.a"], {}, "word", "tls=true"),
        (["nats://n.example/S.a"], {"tls": "yes"}, "", "true or false"),
    ],
)
def test_what_cannot_work_is_refused(
    addresses: Sequence[str], options: dict[str, Any], secret: str, words: str
) -> None:
    assert_refused(OUTPUT, addresses, options, secret, words)
