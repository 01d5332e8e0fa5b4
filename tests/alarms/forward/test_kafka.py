"""`kafka:` against librdkafka's mock cluster: what is acknowledged, and what a consumer gets."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from hpcli.alarms.forward.kind import Setup
from hpcli.alarms.forward.outputs.kafka import OUTPUT, KafkaSender
from hpcli.alarms.journal.writer import Journal
from tests.support.brokers import KafkaCluster, one_cluster_a_module
from tests.support.forward_journal import (
    alarm_message,
    assert_refused,
    checked_setup,
    forward,
    ids_by_device,
    keep_alarms,
    marks_of,
    output_at,
    place_of,
)

cluster = one_cluster_a_module()
setup_for = partial(checked_setup, OUTPUT)


def test_a_consumer_gets_the_event_by_its_device(cluster: KafkaCluster) -> None:
    sender = KafkaSender(setup_for(f"kafka://{cluster.at}/one"))
    outcome = sender.send([alarm_message(), alarm_message("Q2"), alarm_message("")])
    sender.close()
    assert [outcome.of(index).kind for index in range(3)] == ["done"] * 3
    got = {one.key(): one for one in cluster.read("one", 3)}
    assert set(got) == {b"Q1", b"Q2", None}
    assert json.loads(got[b"Q1"].value())["id"] == "id-Q1"
    assert dict(got[b"Q1"].headers()) == {"event-id": b"id-Q1", "content-type": b"application/json"}


def test_the_journal_goes_to_the_topic_in_the_order_of_each_device(
    journal: Journal, cluster: KafkaCluster
) -> None:
    keep_alarms(journal, "A1", "B1", "A1", "A1", "B1")
    forward(output_at(f"kafka://{cluster.at}/order"), journal)
    assert (place_of(journal).position, marks_of(journal)) == (5, [])
    got = cluster.read("order", 5)
    for device, ids in ids_by_device(journal).items():
        assert [json.loads(one.value())["id"] for one in got if one.key() == device.encode()] == ids


def test_an_event_that_is_too_large_is_refused_and_the_others_go(cluster: KafkaCluster) -> None:
    sender = KafkaSender(setup_for(f"kafka://{cluster.at}/large"))
    outcome = sender.send([alarm_message("Q1", text="x" * 2_000_000), alarm_message("Q2")])
    sender.close()
    assert [outcome.of(index).kind for index in range(2)] == ["refused", "done"]


def test_a_cluster_that_is_away_loses_nothing(cluster: KafkaCluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        away = free.getsockname()[1]
    setup = setup_for(f"kafka://127.0.0.1:{away}/away")
    sender = KafkaSender(Setup("out", setup.to, seconds=1.2))
    outcome = sender.send([alarm_message()])
    assert (outcome.of(0).kind, "refused" in outcome.of(0).error) == ("down", True), outcome
    sender.close()
    both = KafkaSender(setup_for(f"kafka://127.0.0.1:{away}/both", f"kafka://{cluster.at}/both"))
    assert both.send([alarm_message()]).of(0).kind == "done"
    both.close()


@pytest.mark.parametrize(
    ("addresses", "options", "secret", "words"),
    [
        (["kafka://k.example/"], {}, "", "cannot be a topic"),
        (["kafka://k.example/a/b"], {}, "", "cannot be a topic"),
        (["kafka:///a"], {}, "", "host"),
        (["kafka://k.example/a", "kafka://l.example/b"], {}, "", "same topic"),
        (["kafka://k.example/a"], {"user": "me"}, "", "belong together"),
        (["kafka://k.example/a"], {"user": "me"}, "word", "tls=true"),
        (["kafka://k.example/a"], {"user": "me", "mechanism": "MD5", "tls": True}, "word", "MD5"),
        (["kafka://k.example/a"], {"tls": "yes"}, "", "true or false"),
    ],
)
def test_what_cannot_work_is_refused(
    addresses: Sequence[str], options: dict[str, Any], secret: str, words: str
) -> None:
    assert_refused(OUTPUT, addresses, options, secret, words)
