"""`mqtt:` and `mqtts:` against mosquitto: what is acknowledged, refused, lost, and what a subscriber gets."""

from __future__ import annotations

import json
import queue
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hpcli.alarms.forward.outputs.mqtt import OUTPUT, MqttSender, _Properties, discovery
from hpcli.alarms.journal.writer import Journal
from tests.support.brokers import Broker, make_certificate, mosquitto, one_a_module, running
from tests.support.forward_journal import (
    ODD_IDS,
    alarm_message,
    assert_refused,
    checked_setup,
    forward,
    ids_by_device,
    keep_alarms,
    marks_of,
    output_at,
    place_of,
    send_once,
)

broker = one_a_module(mosquitto)
setup_for = partial(checked_setup, OUTPUT)
send = partial(send_once, OUTPUT)


@contextmanager
def subscribed(port: int, topic: str) -> Iterator[queue.Queue[mqtt.MQTTMessage]]:
    """What a subscriber gets, which is there before anything is sent."""
    got: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
    is_ready: queue.Queue[str] = queue.Queue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.on_message = lambda _client, _data, received: got.put(received)
    client.on_subscribe = lambda *_all: is_ready.put("yes")
    client.connect("127.0.0.1", port)
    client.subscribe(topic, qos=1)
    client.loop_start()
    is_ready.get(timeout=20)
    yield got
    client.disconnect()
    client.loop_stop()


def test_a_subscriber_gets_the_event_on_a_topic_of_its_fields(broker: Broker) -> None:
    setup = setup_for(f"mqtt://127.0.0.1:{broker.port}/alarms/{{site}}/{{device}}/{{priority}}")
    with subscribed(broker.port, "alarms/#") as got:
        outcomes = send(setup, alarm_message(), alarm_message("Q+2", site=None))
        received = [got.get(timeout=20) for _ in outcomes]
    assert [outcome.kind for outcome in outcomes] == ["done", "done"]
    assert [one.topic for one in received] == [
        "alarms/Café%20*.>%20%2FNord%20%231/Q1/critical", "alarms/-/Q%2B2/critical",
    ]  # fmt: skip
    assert (json.loads(received[0].payload)["id"], received[0].qos) == ("id-Q1", 1)
    properties: Any = received[0].properties
    assert (properties.UserProperty, properties.ContentType) == ([("event-id", "id-Q1")], "application/json")


def test_an_odd_id_or_name_holds_no_event_up(broker: Broker) -> None:
    setup = setup_for(f"mqtt://127.0.0.1:{broker.port}/odd/{{site}}", discovery="odd-prefix")
    messages = [alarm_message(id=mark) for mark in ODD_IDS]
    messages.append(alarm_message("Q2", site={"id": "1", "name": "\ud800"}))
    outcomes = send(setup, *messages)
    assert [outcome.kind for outcome in outcomes] == ["done"] * len(messages)
    (long,) = send(setup, alarm_message(site={"id": "1", "name": "x" * 70_000}))
    assert (long.kind, long.is_known_here) == ("refused", True)


def test_the_journal_goes_to_the_broker_in_the_order_of_each_device(journal: Journal, broker: Broker) -> None:
    keep_alarms(journal, "A1", "B1", "A1", "A1", "B1")
    with subscribed(broker.port, "order/#") as got:
        forward(output_at(f"mqtt://127.0.0.1:{broker.port}/order/{{device}}"), journal)
        received = [got.get(timeout=20) for _ in range(5)]
    assert (place_of(journal).position, marks_of(journal)) == (5, [])
    for device, ids in ids_by_device(journal).items():
        assert [json.loads(one.payload)["id"] for one in received if one.topic == f"order/{device}"] == ids


@pytest.mark.parametrize("size", [1, 92, 93, 1000])
def test_the_properties_of_an_event_are_those_of_the_library(size: int) -> None:
    event_id = "é" * (size // 2) + "x" * (size % 2)
    own: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho gives it none
    own.PayloadFormatIndicator, own.ContentType = 1, "application/json"
    own.UserProperty = ("event-id", event_id)
    assert _Properties(event_id.encode()).pack() == own.pack()


def test_home_assistant_is_told_of_each_device_once(broker: Broker) -> None:
    setup = setup_for(f"mqtt://127.0.0.1:{broker.port}/ha/{{site}}/{{device}}", discovery="homeassistant")
    sender = MqttSender(setup)
    for _ in range(2):
        assert sender.send([alarm_message("Q9")]).of(0).kind == "done"
    sender.close()
    with subscribed(broker.port, "homeassistant/#") as got:
        told = got.get(timeout=20)
    assert (told.topic, told.retain) == ("homeassistant/event/hpcli/Q9/config", True)
    config = json.loads(told.payload)
    assert (config["state_topic"], config["unique_id"]) == ("ha/+/Q9", "hpcli_Q9")
    assert {"burglary", "fire", "device"} <= set(config["event_types"])
    assert config["value_template"].startswith('{{ {"event_type": value_json.category, ')
    assert got.empty()


def test_events_of_no_device_are_shown_at_the_account(broker: Broker) -> None:
    setup = setup_for(f"mqtt://127.0.0.1:{broker.port}/own/{{device}}", discovery="own")
    sender = MqttSender(setup)
    mine = replace(alarm_message(""), journal="0123456789abcdef")
    for one in (mine, mine, replace(mine, journal="fedcba9876543210"), alarm_message("")):
        assert sender.send([one]).of(0).kind == "done"
    sender.close()
    with subscribed(broker.port, "own/event/#") as got:
        told = [got.get(timeout=20) for _ in range(2)]
    assert sorted(one.topic for one in told) == [
        f"own/event/hpcli/account-{mark}/config" for mark in ("01234567", "fedcba98")
    ]
    config = json.loads(told[0].payload)
    assert (config["state_topic"], config["device"]["name"]) == ("own/-", "Hik-Partner Pro account")
    assert got.empty()


@pytest.mark.parametrize(
    ("device", "test"),
    [("Q9", 'value_json.device == "Q9"'), ("", "not value_json.device"), ('Q"}}', None)],
)
def test_a_topic_for_all_devices_gives_each_its_own_events(device: str, test: str | None) -> None:
    template = discovery(replace(alarm_message(device), journal="0123"), "alarms/{category}")[
        "value_template"
    ]
    assert template.startswith(f"{{% if {test} %}}{{{{ {{" if test else "{{ {")
    assert template.endswith("{% endif %}") is (test is not None)


def test_a_killed_broker_loses_nothing(journal: Journal, tmp_path: Path) -> None:
    keep_alarms(journal, "A1", "B1")
    own = mosquitto(tmp_path)
    output = output_at(f"mqtt://127.0.0.1:{own.port}/x/{{device}}")
    forward(output, journal)
    assert place_of(journal).position == 0
    assert "refused" in (place_of(journal).error or "").lower()
    with running(own), subscribed(own.port, "x/#") as got:
        forward(output, journal)
        assert {got.get(timeout=20).topic for _ in range(2)} == {"x/A1", "x/B1"}
    assert place_of(journal).position == 2


def test_a_connection_that_is_lost_is_made_again(tmp_path: Path) -> None:
    own = mosquitto(tmp_path)
    sender = MqttSender(setup_for(f"mqtt://127.0.0.1:{own.port}/x"))
    with running(own):
        assert sender.send([alarm_message()]).of(0).kind == "done"
        own.kill()
        assert sender.send([alarm_message()]).of(0).kind == "down"
        own.start()
        assert sender.send([alarm_message()]).of(0).kind == "done"
        sender.close()


def test_a_back_up_is_used_when_the_first_broker_is_away(broker: Broker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        away = free.getsockname()[1]
    sender = MqttSender(setup_for(*(f"mqtt://127.0.0.1:{port}/backup" for port in (away, broker.port))))
    first, second = (sender.send([alarm_message()]).of(0) for _ in range(2))
    assert (first.kind, second.kind) == ("down", "done")
    assert second.error == f"{first.error}; the back-up mqtt://127.0.0.1:{broker.port} has the events"
    sender.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Broker, Path]]:
    """A broker with TLS, a password, and rights to one topic; and the certificate that it has."""
    folder = tmp_path_factory.mktemp("guarded")
    certificate, key = make_certificate(folder)
    (folder / "passwords").write_text("desk:secret word\n")
    subprocess.run(["mosquitto_passwd", "-U", folder / "passwords"], check=True, capture_output=True)
    (folder / "rights").write_text("user desk\ntopic write alarms/#\n")
    lines = (
        f"certfile {certificate}", f"keyfile {key}", "allow_anonymous false",
        f"password_file {folder}/passwords", f"acl_file {folder}/rights",
    )  # fmt: skip
    with running(mosquitto(folder, *lines)) as started:
        yield started, certificate


@pytest.mark.parametrize(
    ("secret", "topic", "kind", "words"),
    [
        ("secret word", "alarms/x", "done", ""),
        ("another word", "alarms/x", "misconfigured", "Not authorized"),
        ("secret word", "other/x", "misconfigured", "Not authorized"),
    ],
)
def test_certificate_password_and_rights_decide(
    guarded: tuple[Broker, Path], secret: str, topic: str, kind: str, words: str
) -> None:
    broker, certificate = guarded
    address = f"mqtts://localhost:{broker.port}/{topic}"
    (outcome,) = send(
        setup_for(address, secret=secret, user="desk", **{"ca-file": str(certificate)}), alarm_message()
    )
    assert (outcome.kind, words in outcome.error) == (kind, True), outcome
    assert secret not in outcome.error


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho does not close a socket whose handshake failed; it goes with the client
def test_an_unknown_certificate_is_not_trusted(guarded: tuple[Broker, Path]) -> None:
    broker, _certificate = guarded
    (outcome,) = send(setup_for(f"mqtts://localhost:{broker.port}/alarms/x", user="desk"), alarm_message())
    assert (outcome.kind, "certificate" in outcome.error) == ("misconfigured", True)


@pytest.mark.parametrize(
    ("addresses", "options", "secret", "words"),
    [
        (["mqtt://broker.example/x"], {}, "", "mqtts://"),
        (["mqtts://broker.example/"], {}, "", "no topic"),
        (["mqtts://broker.example/a/{nam}"], {}, "", "{nam}"),
        (["mqtts://broker.example/a/{device"], {}, "", "brace"),
        (["mqtts://broker.example/a/+"], {}, "", "no +"),
        (["mqtts://broker.example/a/#"], {}, "", "no +"),
        (["mqtts:///a"], {}, "", "host"),
        (["mqtts://broker.example/a"], {}, "word", "user"),
        (["mqtts://broker.example/a"], {"user": 7}, "", "user"),
    ],
)
def test_what_cannot_work_is_refused(
    addresses: Sequence[str], options: dict[str, Any], secret: str, words: str
) -> None:
    assert_refused(OUTPUT, addresses, options, secret, words)
