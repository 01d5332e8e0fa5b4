"""The stand-in's alarm queue: batches, the one reader, subscriptions, the shapes of events."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from hpcli.errors import NotFoundError, UsageError
from hpcli.sandbox import DEFAULT_DEVICE, control, pictures
from hpcli.sandbox.state import seed
from tests.support.runner import Runner
from tests.support.sandbox_reader import API, RECORDER, Reader, new_state, payload, serving


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with serving(new_state(tmp_path)) as made:
        yield made


def test_a_poll_without_messages_blocks_and_then_answers_an_empty_list(reader: Reader) -> None:
    started = time.monotonic()
    assert reader.data("v1/mq/messages") == {"batchId": "", "list": []}
    assert time.monotonic() - started >= 0.2


TRIGGER = "import sys, pathlib, hpcli.sandbox.control as c; c.trigger(pathlib.Path(sys.argv[1]), sys.argv[2])"


def test_a_waiting_poll_wakes_on_a_trigger_from_another_process(reader: Reader) -> None:
    control.configure(reader.state, poll_seconds=20)
    answers: list[dict[str, Any]] = []
    poll = threading.Thread(target=lambda: answers.append(reader.data("v1/mq/messages")))
    poll.start()
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", TRIGGER, str(reader.state), "motion"], check=True, timeout=30)
    poll.join(timeout=15)
    assert not poll.is_alive()
    assert time.monotonic() - started < 15, "it did not wait for the end of the poll"
    assert [message["formatType"] for message in answers[0]["list"]] == ["XML"]


def test_a_batch_comes_again_until_it_is_confirmed(reader: Reader) -> None:
    control.trigger(reader.state, "burglary")
    first = reader.data("v1/mq/messages")
    control.trigger(reader.state, "motion")
    assert reader.data("v1/mq/messages") == first, "the same batch, with nothing added to it"
    reader.data("v1/mq/offset", batchId=first["batchId"])
    second = reader.data("v1/mq/messages")
    assert [message["formatType"] for message in second["list"]] == ["XML"]
    reader.data("v1/mq/offset", batchId=second["batchId"])
    assert reader.data("v1/mq/messages")["list"] == []


def test_an_unconfirmed_batch_comes_again_after_a_while_where_that_is_asked_for(reader: Reader) -> None:
    control.configure(reader.state, redeliver_seconds=3600)
    control.trigger(reader.state, "burglary")
    first = reader.data("v1/mq/messages")
    assert reader.data("v1/mq/messages")["list"] == []
    control.trigger(reader.state, "motion")
    second = reader.data("v1/mq/messages")
    assert second["batchId"] != first["batchId"]
    control.configure(reader.state, redeliver_seconds=0)
    assert reader.data("v1/mq/messages") == first, "the oldest comes first"


def test_confirming_twice_does_no_harm_and_an_unknown_batch_is_refused(reader: Reader) -> None:
    control.trigger(reader.state, "burglary")
    batch = reader.data("v1/mq/messages")["batchId"]
    reader.data("v1/mq/offset", batchId=batch)
    reader.data("v1/mq/offset", batchId=batch)
    assert reader.call("v1/mq/offset", batchId="no-such-batch")["errorCode"] == "LAP000001"


def test_a_batch_holds_a_hundred_messages_and_none_is_lost(reader: Reader) -> None:
    control.configure(reader.state, message_ids=True)
    ids = control.trigger(reader.state, "burglary", count=250)
    sizes, seen = [], []
    while batch := reader.data("v1/mq/messages"):
        if not batch["list"]:
            break
        sizes.append(len(batch["list"]))
        seen += [message["messageId"] for message in batch["list"]]
        reader.data("v1/mq/offset", batchId=batch["batchId"])
    assert sizes == [100, 100, 50]
    assert seen == ids


def test_messages_older_than_the_platform_keeps_them_are_gone(reader: Reader) -> None:
    control.trigger(reader.state, "burglary")
    control.configure(reader.state, keep_seconds=0)
    assert reader.data("v1/mq/messages")["list"] == []


def test_a_second_reader_is_refused_while_the_first_waits(reader: Reader) -> None:
    control.configure(reader.state, poll_seconds=5)
    other = Reader(reader.sandbox)
    first = threading.Thread(target=lambda: reader.data("v1/mq/messages"))
    first.start()
    reader.await_reading()
    assert other.call("v1/mq/messages")["errorCode"] == "LAP068001"
    control.trigger(reader.state, "motion")
    first.join(timeout=10)
    assert other.data("v1/mq/messages")["list"], "the mark is free again"
    other.session.close()


def test_the_readers_mark_ends_with_its_connection(reader: Reader) -> None:
    control.configure(reader.state, poll_seconds=600)
    host, port = reader.sandbox.base_url.removeprefix("http://").split(":")
    token = reader.session.headers["Authorization"]
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f"POST {API}v1/mq/messages HTTP/1.1\r\nHost: x\r\nAuthorization: {token!s}\r\n"
            "Content-Length: 0\r\n\r\n".encode()
        )
        reader.await_reading()
    control.configure(reader.state, poll_seconds=0.2)
    assert reader.data("v1/mq/messages")["list"] == [], "the one who hung up is not waited for"


def test_the_readers_mark_of_a_killed_server_runs_out(reader: Reader) -> None:
    with seed.open_state(reader.state) as store:
        store.db.execute("INSERT INTO reader VALUES (1, 'killed', ?)", (time.time() + 30,))
    assert reader.call("v1/mq/messages")["errorCode"] == "LAP068001"
    with seed.open_state(reader.state) as store:
        store.db.execute("UPDATE reader SET until=?", (time.time() - 1,))
    assert reader.data("v1/mq/messages")["list"] == []


def test_only_events_of_subscribed_devices_are_queued(reader: Reader) -> None:
    reader.data("v1/mq/subscribe", subType=0, subMode="all")
    reader.data("v1/mq/subscribe", subType=1, subMode="list", deviceSerialList=[RECORDER])
    rows = reader.data("v1/device/list", pageSize=200)["rows"]
    assert [row["deviceSerial"] for row in rows if row["isSubscribed"]] == [RECORDER]
    assert control.trigger(reader.state, "burglary", device=DEFAULT_DEVICE) == []
    assert len(control.trigger(reader.state, "motion", device=RECORDER)) == 1
    assert len(control.trigger(reader.state, "device-deleted", device=DEFAULT_DEVICE)) == 1, "always reported"


def test_subscribing_an_unknown_device_is_refused_whole(reader: Reader) -> None:
    reader.data("v1/mq/subscribe", subType=0, subMode="all")
    serials = [RECORDER, "A00000000"]
    answer = reader.call("v1/mq/subscribe", subType=1, subMode="list", deviceSerialList=serials)
    assert answer["errorCode"] == "LAP006009"
    (row,) = reader.data("v1/device/list", deviceSerial=RECORDER)["rows"]
    assert row["isSubscribed"] is False


def test_deleting_a_device_is_reported(reader: Reader) -> None:
    (row,) = reader.data("v1/device/list", deviceSerial=RECORDER)["rows"]
    reader.data("v1/device/delete", id=row["id"])
    (message,) = reader.data("v1/mq/messages")["list"]
    alarm = payload(message)
    assert (alarm["eventType"], alarm["deviceSerial"]) == ("devicedeleted", RECORDER)
    assert alarm["dateTime"].endswith("Z")


@pytest.mark.parametrize(
    ("form", "types"), [("object", [dict, dict]), ("string", [str, str]), ("mixed", [str, dict])]
)
def test_json_alarm_data_is_an_object_or_a_string(reader: Reader, form: str, types: list[type]) -> None:
    control.configure(reader.state, json_alarm_data=form)
    control.trigger(reader.state, "burglary", count=2)
    messages = reader.data("v1/mq/messages")["list"]
    assert [type(message["alarmData"]) for message in messages] == types
    assert [payload(message)["CIDEvent"]["zoneV30"] for message in messages] == [1, 2], "zones take turns"


@pytest.mark.parametrize("name", control.event_names())
def test_every_event_type_makes_messages_of_its_format(reader: Reader, name: str) -> None:
    assert control.trigger(reader.state, name)
    for message in reader.data("v1/mq/messages")["list"]:
        if message["formatType"] == "XML":
            root = ET.fromstring(message["alarmData"])
            assert root.tag == "{http://www.isapi.org/ver20/XMLSchema}EventNotificationAlert"
            assert root.findtext("{*}deviceSerial") == message["deviceSerial"]
            assert root.findtext("{*}eventType")
        else:
            alarm = payload(message)
            assert message["deviceSerial"] in (alarm.get("deviceSerial"), alarm.get("devSerial"))
            assert alarm["eventType"]


def test_a_device_that_goes_offline_is_offline(reader: Reader) -> None:
    control.trigger(reader.state, "device-offline", device=DEFAULT_DEVICE)
    assert reader.device("GET", "/ISAPI/System/deviceInfo").json()["errorCode"] == "EVZ20007"
    control.trigger(reader.state, "device-online", device=DEFAULT_DEVICE)
    assert reader.device("GET", "/ISAPI/System/deviceInfo").headers["Content-Type"] == "application/xml"


def test_times_of_a_device_are_local_and_name_no_zone(reader: Reader) -> None:
    control.trigger(reader.state, "motion", device="E61958117")
    (message,) = reader.data("v1/mq/messages")["list"]
    text = ET.fromstring(message["alarmData"]).findtext("{*}triggerTime") or ""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is None
    ago = datetime.now(ZoneInfo("Asia/Tokyo")) - moment.replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    assert timedelta(0) <= ago < timedelta(minutes=5)


def test_triggers_that_make_no_sense_are_refused(reader: Reader) -> None:
    with pytest.raises(UsageError, match="burglry") as caught:
        control.trigger(reader.state, "burglry")
    assert "Did you mean burglary?" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="no picture"):
        control.trigger(reader.state, "motion", picture="plain")
    with pytest.raises(NotFoundError):
        control.trigger(reader.state, "motion", device="A00000000")


def test_the_help_of_trigger_names_all_that_it_takes(hpcli: Runner) -> None:
    words = set(re.findall(r"[\w-]+", hpcli("sandbox", "trigger", "--help").stdout))
    assert {*control.event_names(), *pictures.KINDS, "none"} <= words
