"""`kafka:` against librdkafka's mock cluster: what is acknowledged, and what a consumer gets."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from hpcli.alarms.forward.kind import Message, Setup
from hpcli.alarms.forward.outputs.kafka import OUTPUT, KafkaSender
from hpcli.alarms.journal.writer import Journal
from hpcli.errors import UsageError
from tests.support.forward_journal import (
    checked_setup,
    forward,
    keep_alarms,
    marks_of,
    output_at,
    place_of,
)


class Cluster:
    """Mock brokers that live as long as the producer that makes them."""

    def __init__(self) -> None:
        self.owner: Producer | None = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        (broker,) = self.owner.list_topics(timeout=20).brokers.values()
        self.at = f"{broker.host}:{broker.port}"

    def read(self, topic: str, count: int) -> list[Any]:
        """The first messages of a topic: those of each partition are in its order."""
        consumer = Consumer({"bootstrap.servers": self.at, "group.id": "test", "log_level": 0})
        partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        found: list[Any] = []
        while len(found) < count:
            found += [one for one in consumer.consume(count, timeout=0.2) if one.error() is None]
        consumer.close()
        return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    yield made
    made.owner = None


setup_for = partial(checked_setup, OUTPUT)


def message(device: str = "Q1", **more: object) -> Message:
    return Message(1, json.dumps({"id": f"id-{device}", "device": device} | more), "")


def test_a_consumer_gets_the_event_by_its_device(cluster: Cluster) -> None:
    sender = KafkaSender(setup_for(f"kafka://{cluster.at}/one"))
    outcome = sender.send([message(), message("Q2"), message("")])
    sender.close()
    assert [outcome.of(index).kind for index in range(3)] == ["done"] * 3
    got = {one.key(): one for one in cluster.read("one", 3)}
    assert set(got) == {b"Q1", b"Q2", None}
    assert json.loads(got[b"Q1"].value())["id"] == "id-Q1"
    assert dict(got[b"Q1"].headers()) == {"event-id": b"id-Q1", "content-type": b"application/json"}


def test_the_journal_goes_to_the_topic_in_the_order_of_each_device(
    journal: Journal, cluster: Cluster
) -> None:
    keep_alarms(journal, "A1", "B1", "A1", "A1", "B1")
    forward(output_at(f"kafka://{cluster.at}/order"), journal)
    assert (place_of(journal).position, marks_of(journal)) == (5, [])
    stored = journal.read(lambda db: db.execute("SELECT device, id FROM entry ORDER BY seq").fetchall())
    got = cluster.read("order", 5)
    for device in ("A1", "B1"):
        ids = [json.loads(one.value())["id"] for one in got if one.key() == device.encode()]
        assert ids == [row[1] for row in stored if row[0] == device]


def test_an_event_that_is_too_large_is_refused_and_the_others_go(cluster: Cluster) -> None:
    sender = KafkaSender(setup_for(f"kafka://{cluster.at}/large"))
    outcome = sender.send([message("Q1", text="x" * 2_000_000), message("Q2")])
    sender.close()
    assert [outcome.of(index).kind for index in range(2)] == ["refused", "done"]


def test_a_cluster_that_is_away_loses_nothing(cluster: Cluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        away = free.getsockname()[1]
    setup = setup_for(f"kafka://127.0.0.1:{away}/away")
    sender = KafkaSender(Setup("out", setup.to, seconds=1.2))
    outcome = sender.send([message()])
    assert (outcome.of(0).kind, "refused" in outcome.of(0).error) == ("down", True), outcome
    sender.close()
    both = KafkaSender(setup_for(f"kafka://127.0.0.1:{away}/both", f"kafka://{cluster.at}/both"))
    assert both.send([message()]).of(0).kind == "done"
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
    with pytest.raises(UsageError) as caught:
        setup_for(*addresses, secret=secret, **options)
    assert words in f"{caught.value.message} {caught.value.hint}"
