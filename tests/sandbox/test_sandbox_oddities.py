"""The stand-in as slow and as odd as asked: spare devices, late sites, codes, keys, subscriptions, dates, ids."""

from __future__ import annotations

import csv
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hpcli.errors import UsageError
from hpcli.sandbox import DEFAULT_DEVICE, OWN_PICTURE_KEYS, control, picture_key, verification_code
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner
from tests.support.sandbox_reader import OFFLINE_DEVICE, Reader, new_state, payload, serving


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with serving(new_state(tmp_path)) as made:
        yield made


class TestSpares:
    def test_five_hundred_are_listed_as_device_add_reads_them(self, run: Run, platform: Platform) -> None:
        listed = run("sandbox", "spares", "-o", "csv", "--state", str(platform.state))
        rows = list(csv.DictReader(listed.stdout.splitlines()))
        assert len({row["SERIAL"] for row in rows}) == len(rows) == 500
        few = "".join(f"{line}\n" for line in listed.stdout.splitlines()[:5])
        added = run("device", "add", "--from", "-", "--site", "Neubau Kiefernweg 7", "-o", "ids", stdin=few)
        assert added.exit_code == 0, added.stderr
        rest = run("sandbox", "spares", "-o", "ids", "--state", str(platform.state)).lines
        assert rest == [row["SERIAL"] for row in rows[4:]]

    def test_they_are_of_several_kinds_and_want_their_own_code(self, reader: Reader) -> None:
        (site,) = reader.data("v1/site/search", search="Kiefernweg")["rows"]
        spares = control.spares(reader.state)[:8]
        devices = [{"deviceSerial": row["serial"], "validateCode": row["code"]} for row in spares]
        devices[0]["validateCode"] = devices[1]["validateCode"]
        answer = reader.data("v2/device/add", siteId=site["id"], deviceList=devices)
        assert [row["failReason"] for row in answer["addFailedList"]] == ["add Exception{EVZ20010}"]
        assert {row["deviceCategory"] for row in answer["addSuccessList"]} == {"1", "2", "3"}

    def test_one_that_was_deleted_is_spare_again(self, reader: Reader) -> None:
        (site,) = reader.data("v1/site/search", search="Kiefernweg")["rows"]
        spare = control.spares(reader.state)[0]
        device = {"deviceSerial": spare["serial"], "validateCode": spare["code"]}
        for _ in range(2):
            assert not reader.data("v2/device/add", siteId=site["id"], deviceList=[device])["addFailedList"]
            assert spare not in control.spares(reader.state)
            (row,) = reader.data("v1/device/list", deviceSerial=spare["serial"])["rows"]
            reader.data("v1/device/delete", id=row["id"])
            assert spare in control.spares(reader.state)


class TestAsAsked:
    def test_serve_keeps_how_late_sites_are_and_what_offline_devices_answer(
        self, hpcli: Runner, tmp_path: Path
    ) -> None:
        state = new_state(tmp_path)
        options = ("--site-delay", "2m", "--offline-code", "lap020011")
        process = hpcli.start("sandbox", "serve", "--port", "0", "--state", str(state), *options)
        assert process.stderr is not None
        assert process.stderr.readline()
        process.terminate()
        process.communicate()
        with seed.open_state(state) as store:
            settings = store.settings()
        assert (settings.site_delay_seconds, settings.offline_code) == (120.0, "LAP020011")

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--offline-code", "LAP500001"), "LAP500001 is not a code of an offline device."),
            (("--site-delay", "soon"), "'soon' is not a duration"),
        ],
    )
    def test_serve_refuses_what_it_cannot_do(
        self, options: tuple[str, ...], said: str, hpcli: Runner, tmp_path: Path
    ) -> None:
        result = hpcli("sandbox", "serve", "--port", "0", "--state", str(tmp_path / "s.db"), *options)
        assert result.exit_code == 2
        assert said in result.stderr

    def test_a_late_site_is_found_when_its_time_has_come(self, reader: Reader) -> None:
        names: Callable[[], list[str]] = lambda: [  # noqa: E731 - asked three times
            row["siteName"] for row in reader.data("v1/site/search", search="neu ")["rows"]
        ]
        control.configure(reader.state, site_delay_seconds=3600)
        reader.data("v1/site/add", name="Neu 1", timeZone=133)
        control.configure(reader.state, site_delay_seconds=0)
        reader.data("v1/site/add", name="Neu 2", timeZone=133)
        assert names() == ["Neu 2"]
        assert reader.data("v1/site/search", pageSize=100)["total"] == 8
        with seed.open_state(reader.state) as store:
            store.change_all("hidden", "until", time.time() - 1)
        assert names() == ["Neu 1", "Neu 2"]
        assert reader.data("v1/site/search", pageSize=100)["total"] == 9

    @pytest.mark.parametrize("code", control.OFFLINE_CODES)
    def test_every_call_for_an_offline_device_is_answered_with_the_code(
        self, code: str, reader: Reader
    ) -> None:
        control.configure(reader.state, offline_code=code)
        assert reader.device("GET", "/ISAPI/System/time", OFFLINE_DEVICE).json()["errorCode"] == code
        for path in ("v1/video/by/time", "v1/device/upgrade"):
            assert reader.call(path, deviceSerial=OFFLINE_DEVICE)["errorCode"] == code

    def test_another_code_is_refused(self, reader: Reader) -> None:
        with pytest.raises(UsageError, match="is not a code of an offline device"):
            control.configure(reader.state, offline_code="LAP000001")


class TestPictureKeys:
    def test_the_owners_of_some_devices_chose_a_key(self) -> None:
        for serial, key in OWN_PICTURE_KEYS.items():
            assert picture_key(serial) == key != verification_code(serial)
        assert picture_key(DEFAULT_DEVICE) == verification_code(DEFAULT_DEVICE)

    def test_hpcli_says_that_it_lacks_the_key_until_it_is_given(
        self, run: Run, platform: Platform, tmp_path: Path
    ) -> None:
        serial, key = next(iter(OWN_PICTURE_KEYS.items()))
        platform.trigger("burglary", device=serial, picture="device")
        with platform.client() as client:
            linkage = client.alarms.poll().messages[1]
        url = str(payload(linkage)["pictureList"][0]["url"])
        saved = tmp_path / "picture.jpg"
        lacking = run("alarms", "picture", url, "--save", str(saved), "--decrypt")
        assert lacking.exit_code != 0
        assert "key" in lacking.stderr
        keys = tmp_path / "keys"
        keys.write_text(f"{serial} {key}\n")
        keys.chmod(0o600)
        given = {**platform.environment, "HPCLI_DEVICE_KEYS_FILE": str(keys)}
        done = run("alarms", "picture", url, "--save", str(saved), "--decrypt", environment=given)
        assert done.exit_code == 0, done.stderr
        assert saved.read_bytes().startswith(b"\xff\xd8\xff")


class TestSubscription:
    def test_polling_without_a_subscription_is_refused(self, reader: Reader) -> None:
        reader.data("v1/mq/subscribe", subType=0, subMode="all")
        assert reader.call("v1/mq/messages")["errorCode"] == "LAP068001"
        reader.data("v1/mq/subscribe", subType=1, subMode="list", deviceSerialList=[DEFAULT_DEVICE])
        assert reader.call("v1/mq/messages")["errorCode"] == "0"
        reader.data("v1/mq/subscribe", subType=0, subMode="list", deviceSerialList=[DEFAULT_DEVICE])
        assert reader.call("v1/mq/messages")["errorCode"] == "LAP068001"
        reader.data("v1/mq/subscribe", subType=1, subMode="all")
        assert reader.call("v1/mq/messages")["errorCode"] == "0"

    def test_subscribing_to_all_includes_those_left_out_before(self, reader: Reader) -> None:
        reader.data("v1/mq/subscribe", subType=0, subMode="list", deviceSerialList=[DEFAULT_DEVICE])
        reader.data("v1/mq/subscribe", subType=1, subMode="all")
        assert all(row["isSubscribed"] for row in reader.data("v1/device/list", pageSize=100)["rows"])

    def test_trigger_says_that_nobody_is_subscribed(self, run: Run, platform: Platform) -> None:
        trigger = ("sandbox", "trigger", "burglary", "--state", str(platform.state))
        assert run("alarms", "unsubscribe", "--all", "-y").exit_code == 0
        refused = run(*trigger)
        assert refused.exit_code == 1
        assert refused.stderr.splitlines() == [
            "error: Nobody is subscribed to alarms of this account, so nothing was queued.",
            "hint: Subscribe first: hpcli --profile sandbox alarms subscribe --all",
        ]
        assert run("alarms", "subscribe", "Q04814335").exit_code == 0
        refused = run(*trigger, "--device", DEFAULT_DEVICE)
        assert f"Nobody is subscribed to device {DEFAULT_DEVICE}," in refused.stderr
        assert run(*trigger).exit_code == 0, "a subscribed device is chosen"


def test_no_device_was_added_in_the_future(reader: Reader) -> None:
    control.reset(reader.state, sites=1, devices=3000)
    with seed.open_state(reader.state) as store:
        last = max(device["deviceAddTime"] for device in store.each("device"))
    assert datetime.fromisoformat(last) < datetime(2026, 1, 1, tzinfo=UTC)


def test_no_two_pictures_have_the_same_id(reader: Reader) -> None:
    control.trigger(reader.state, "linkage", picture="plain", count=1500)
    with seed.open_state(reader.state) as store:
        (count,) = store.db.execute("SELECT count(*) FROM record WHERE kind='picture'").fetchone()
    assert count == 3000


def test_alarm_data_is_text_and_an_object_where_forms_drift(reader: Reader) -> None:
    def forms() -> set[type[Any]]:
        return {type(message["alarmData"]) for message in reader.data("v1/mq/messages")["list"]}

    def drifting() -> set[type[Any]]:
        control.configure(reader.state, next_faults=["drift"])
        rows = reader.data("v1/mq/messages")["list "]
        return {type(message["alarmData "]) for message in rows}

    control.trigger(reader.state, "burglary", count=4)
    assert forms() == {str}
    assert drifting() == {dict}
    assert forms() == {str}


@pytest.mark.parametrize(
    "begun",
    [b'Content-Length: 500\r\n\r\n{"appKey"', b'Transfer-Encoding: chunked\r\n\r\n50\r\n{"appKey"'],
    ids=["length", "chunks"],
)
def test_a_client_that_hangs_up_in_the_middle_of_a_request_is_no_fault(
    begun: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(new_state(tmp_path)) as reader:
        address = urlsplit(reader.sandbox.base_url)
        with socket.create_connection((address.hostname or "", address.port or 0)) as client:
            client.sendall(b"POST /api/hpcgw/v1/token/get HTTP/1.1\r\nHost: x\r\n" + begun)
        assert reader.data("v1/site/search")["total"] == 7
    assert capsys.readouterr().err == "", "the end of the server waits for all its connections"
