"""The stand-in platform over real HTTP: signing in, checks, sites, devices, and its state."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hpcli.errors import LocalError
from hpcli.reference.timezones import time_zone_by_number
from hpcli.sandbox import DEFAULT_DEVICE, NEW_DEVICE, control, server, verification_code
from hpcli.sandbox.state import seed
from tests.support.runner import Runner
from tests.support.sandbox_reader import API, RECORDER, Reader, new_state, serving


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with serving(new_state(tmp_path)) as made:
        yield made


def test_token_get_answers_token_expiry_and_its_own_address(reader: Reader) -> None:
    before = time.time()
    data = reader.data("v1/token/get", appKey=reader.sandbox.app_key, secretKey=reader.sandbox.secret_key)
    assert data["accessToken"].startswith("hpc.")
    assert data["areaDomain"] == reader.sandbox.base_url
    week = 7 * 86400
    assert before + week - 1 <= data["expireTime"] / 1000 <= time.time() + week + 1


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [("nobody", "x", "LAP300001"), ("sandbox-app-key", "wrong", "LAP300002")],
)
def test_token_get_refuses_a_wrong_key_pair(reader: Reader, key: str, secret: str, code: str) -> None:
    assert reader.call("v1/token/get", appKey=key, secretKey=secret)["errorCode"] == code


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "LAP500002"),
        ("", "LAP500002"),
        ("Bearer ", "LAP500002"),
        ("Basic dXNlcjpwYXNz", "LAP500003"),
        ("hpc.0123", "LAP500003"),
        ("Bearer two words", "LAP500003"),
        ("Bearer hpc.unknown", "LAP500004"),
    ],
)
def test_a_call_without_a_valid_token_is_refused_with_http_200(
    reader: Reader, header: str | None, code: str
) -> None:
    reader.session.headers.pop("Authorization")
    if header is not None:
        reader.session.headers["Authorization"] = header
    answer = reader.session.post(f"{reader.sandbox.base_url}{API}v1/site/search", json={}, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (200, code)


def test_a_token_expires(reader: Reader) -> None:
    control.configure(reader.state, token_seconds=0.01)
    data = reader.data("v1/token/get", appKey=reader.sandbox.app_key, secretKey=reader.sandbox.secret_key)
    assert reader.data("v1/site/search")["total"] == 7, "the token from before lives on"
    reader.session.headers["Authorization"] = f"Bearer {data['accessToken']}"
    while time.time() * 1000 <= data["expireTime"]:
        time.sleep(0.005)  # its end is a time of the real clock, 10 ms from now
    assert reader.call("v1/site/search")["errorCode"] == "LAP500004"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("v1/site/add", {"timeZone": 133}),
        ("v1/site/add", {"name": "x", "timeZone": "133"}),
        ("v1/site/add", {"name": "x" * 129, "timeZone": 133}),
        ("v1/device/list", {"pageSize": "20"}),
        ("v2/device/add", {"siteId": "x", "deviceList": []}),
        ("v1/mq/subscribe", {"subType": 1, "subMode": "list"}),
        ("v1/mq/subscribe", {"subType": 2, "subMode": "all"}),
        ("v1/mq/offset", {"batch": "x"}),
    ],
)
def test_a_body_that_does_not_fit_the_document_is_refused(
    reader: Reader, path: str, body: dict[str, Any]
) -> None:
    answer = reader.call(path, **body)
    assert answer["errorCode"] == "LAP000001", answer


@pytest.mark.parametrize(
    ("text", "kind"),
    [("{", "application/json"), ("{}", "text/plain"), ("page=1", "application/x-www-form-urlencoded")],
)
def test_a_body_that_is_not_json_is_refused(reader: Reader, text: str, kind: str) -> None:
    url = f"{reader.sandbox.base_url}{API}v1/site/search"
    answer = reader.session.post(url, data=text, headers={"Content-Type": kind}, timeout=5)
    assert answer.json()["errorCode"] == "LAP000001"


def test_a_call_takes_no_body_where_none_is_documented(reader: Reader) -> None:
    url = f"{reader.sandbox.base_url}{API}v1/mq/messages"
    assert reader.session.post(url, timeout=5).json()["data"] == {"batchId": "", "list": []}


def test_the_pass_through_needs_its_headers(reader: Reader) -> None:
    url = f"{reader.sandbox.base_url}{API}v1/device/transparent/ISAPI/System/deviceInfo"
    assert reader.session.get(url, timeout=5).json()["errorCode"] == "LAP000001"
    headers = {"X-Devserial": DEFAULT_DEVICE, "X-Userlevel": "boss"}
    assert reader.session.get(url, headers=headers, timeout=5).json()["errorCode"] == "LAP000001"


@pytest.mark.parametrize("path", ["/nothing", "/api/hpcgw/v1/site/nothing", "/api/hpcgw/v9/site/search"])
def test_an_unknown_path_is_http_404_with_json(reader: Reader, path: str) -> None:
    answer = reader.session.post(f"{reader.sandbox.base_url}{path}", json={}, timeout=5)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_sites_come_in_pages_that_hold_each_site_once(reader: Reader) -> None:
    control.reset(reader.state, sites=45)
    reader.sign_in()
    pages = [reader.data("v1/site/search", page=number, pageSize=20) for number in (1, 2, 3, 4)]
    assert [len(page["rows"]) for page in pages] == [20, 20, 5, 0]
    assert {(page["total"], page["totalPage"], page["pageSize"]) for page in pages} == {(45, 3, 20)}
    assert len({row["id"] for page in pages for row in page["rows"]}) == 45


@pytest.mark.parametrize(
    ("search", "name"),
    [
        ("BÄCKEREI", "Bäckerei Grünwald"),
        ("倉庫", "東京倉庫"),
        ("النور", "متجر النور"),
        ("zoë", "Harbour View Hotel"),
    ],
)
def test_a_search_looks_at_names_and_installers_in_any_case(reader: Reader, search: str, name: str) -> None:
    assert [row["siteName"] for row in reader.data("v1/site/search", search=search)["rows"]] == [name]


def test_the_demo_sites_are_shared_in_every_way(reader: Reader) -> None:
    rows = reader.data("v1/site/search")["rows"]
    assert {row["sharedInfo"]["shareType"] for row in rows} == {0, 1, 2, 3, 4}
    assert {row["siteDeliveryStatus"] for row in rows} == {0, 1, 2}
    for row in rows:
        assert time_zone_by_number(row["timeZone"]) is not None


def test_a_site_lives_from_add_to_delete(reader: Reader) -> None:
    assert reader.data("v1/site/add", name="Neu", timeZone=133, siteCity="Ulm") is None
    (site,) = reader.data("v1/site/search", search="neu")["rows"][-1:]
    assert (site["siteName"], site["timeZone"], site["siteCity"]) == ("Neu", "133", "Ulm")
    reader.data(f"v1/site/{site['id']}/update", name="Anders", location="am See")
    (changed,) = reader.data("v1/site/search", search="am see")["rows"]
    assert changed == site | {"siteName": "Anders", "location": "am See"}
    reader.data(f"v1/site/{site['id']}/delete")
    assert reader.data("v1/site/search", search="anders")["total"] == 0
    assert reader.call(f"v1/site/{site['id']}/delete")["errorCode"] == "LAP008001"


def test_a_new_site_shows_up_later_where_that_is_asked_for(reader: Reader) -> None:
    control.configure(reader.state, site_delay_seconds=3600)
    reader.data("v1/site/add", name="Später", timeZone=133)
    assert reader.data("v1/site/search", search="später")["total"] == 0
    assert reader.call("v1/site/add", name="Später", timeZone=133)["errorCode"] == "LAP008000"


def test_a_site_of_another_company_cannot_be_changed(reader: Reader) -> None:
    rows = reader.data("v1/site/search")["rows"]
    foreign = next(row for row in rows if row["sharedInfo"]["shareType"] == 2)
    assert "shareFromCompany" in foreign["sharedInfo"]
    assert reader.call(f"v1/site/{foreign['id']}/update", name="Mine")["errorCode"] == "LAP008011"
    assert reader.call(f"v1/site/{foreign['id']}/delete")["errorCode"] == "LAP008025"


def test_the_demo_has_devices_of_every_category_and_state(reader: Reader) -> None:
    rows = reader.data("v1/device/list", pageSize=200)["rows"]
    assert {row["deviceCategory"] for row in rows} == {1, 2, 3, 4, 5, 7, 8, 9, 10, 11}
    assert {row["deviceOnlineStatus"] for row in rows} == {0, 1, 2}
    assert all(len(row["deviceSerial"]) == 9 for row in rows)
    assert len({row["id"] for row in rows}) == len(rows) == 31


def test_devices_are_listed_by_site_and_by_serial(reader: Reader) -> None:
    (site,) = reader.data("v1/site/search", search="倉庫")["rows"]
    rows = reader.data("v1/device/list", siteId=site["id"])["rows"]
    assert len(rows) == 6
    assert {row["siteName"] for row in rows} == {"東京倉庫"}
    (row,) = reader.data("v1/device/list", deviceSerial=DEFAULT_DEVICE)["rows"]
    assert (row["deviceCategory"], row["deviceOnlineStatus"]) == (3, 1)


def test_a_large_account_is_paged_quickly(reader: Reader) -> None:
    control.reset(reader.state, sites=300, devices=2000)
    reader.sign_in()
    serials = [
        row["deviceSerial"]
        for number in range(1, 11)
        for row in reader.data("v1/device/list", page=number, pageSize=200)["rows"]
    ]
    assert len(set(serials)) == 2000


def test_an_empty_account_has_employees_only(reader: Reader) -> None:
    control.reset(reader.state, empty=True)
    reader.sign_in()
    assert reader.data("v1/device/list")["rows"] == reader.data("v1/site/search")["rows"] == []
    assert reader.data("v1/installers/search", search="żółty")["total"] == 1


def test_adding_devices_tells_each_failure_by_its_code(reader: Reader) -> None:
    (site,) = reader.data("v1/site/search", search="Kiefernweg")["rows"]
    wanted = {
        DEFAULT_DEVICE: "EVZ20017",
        "F88000001": "EVZ20013",
        "A00000000": "EVZ20002",
        "K77120046": "EVZ20010",
    }
    devices = [{"deviceSerial": serial, "validateCode": "WRONG1"} for serial in wanted]
    devices.append({"deviceSerial": NEW_DEVICE, "validateCode": verification_code(NEW_DEVICE)})
    answer = reader.data("v2/device/add", siteId=site["id"], deviceList=devices)
    assert {row["deviceSerial"]: row["failReason"] for row in answer["addFailedList"]} == {
        serial: f"add Exception{{{code}}}" for serial, code in wanted.items()
    }
    assert [row["deviceSerial"] for row in answer["addSuccessList"]] == [NEW_DEVICE]
    (row,) = reader.data("v1/device/list", siteId=site["id"])["rows"]
    assert row["isSubscribed"] is True, "the demo account is subscribed to devices added later too"


def test_a_device_is_renamed_and_deleted_by_its_id(reader: Reader) -> None:
    (row,) = reader.data("v1/device/list", deviceSerial=RECORDER)["rows"]
    reader.data("v1/device/update", deviceId=row["id"], deviceName="Neuer Name", extendInfo="rack 4")
    (renamed,) = reader.data("v1/device/list", deviceSerial=RECORDER)["rows"]
    assert renamed == row | {"deviceName": "Neuer Name", "extInfo": "rack 4"}
    reader.data("v1/device/delete", id=row["id"])
    assert reader.call("v1/device/delete", id=row["id"])["errorCode"] == "LAP006009"
    assert reader.call("v1/device/camera/list", deviceSerial=RECORDER)["errorCode"] == "LAP006009"


def test_a_recorder_lists_its_channels(reader: Reader) -> None:
    cameras = reader.data("v1/device/camera/list", deviceSerial=RECORDER)
    assert [camera["channelNo"] for camera in cameras] == list(range(1, 9))
    assert [camera["channelNo"] for camera in cameras if camera["status"] == 0] == [6]


def test_the_state_survives_a_restart(tmp_path: Path) -> None:
    state = new_state(tmp_path)
    with serving(state) as first:
        first.data("v1/site/add", name="Bleibt", timeZone=133)
        token = first.session.headers["Authorization"]
    with serving(state) as second:
        second.session.headers["Authorization"] = token
        assert second.data("v1/site/search", search="bleibt")["total"] == 1


def test_two_servers_share_one_account(reader: Reader) -> None:
    with serving(reader.state) as other:
        other.data("v1/site/add", name="Gemeinsam", timeZone=133)
    assert reader.data("v1/site/search", search="gemeinsam")["total"] == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_state_is_for_the_owner_only(reader: Reader) -> None:
    reader.data("v1/site/search")
    modes_of = {path.name: stat.S_IMODE(path.stat().st_mode) for path in reader.state.parent.iterdir()}
    assert set(modes_of.values()) == {0o600}
    assert "sandbox.db" in modes_of
    assert stat.S_IMODE(reader.state.parent.stat().st_mode) == 0o700


def test_an_older_state_is_seeded_anew_and_a_newer_one_is_left_alone(tmp_path: Path) -> None:
    state = new_state(tmp_path)
    with seed.open_state(state) as store:
        store.delete("device", DEFAULT_DEVICE)
        store.db.execute("PRAGMA user_version=0")
    with seed.open_state(state) as store:
        assert store.get("device", DEFAULT_DEVICE) is not None
        store.db.execute("PRAGMA user_version=9999")
    with pytest.raises(LocalError, match="newer"):
        seed.open_state(state)


def test_the_demo_data_is_the_same_every_time(tmp_path: Path, reader: Reader) -> None:
    with serving(tmp_path / "other.db") as other:
        mine, theirs = (each.data("v1/device/list", pageSize=200) for each in (reader, other))
    assert mine == theirs


def test_a_taken_port_is_named(reader: Reader, tmp_path: Path) -> None:
    port = int(reader.sandbox.base_url.rpartition(":")[2])
    with pytest.raises(LocalError, match=str(port)):
        server.start(tmp_path / "x.db", port=port)


def test_it_listens_on_loopback_only(reader: Reader) -> None:
    assert reader.sandbox.base_url.startswith("http://127.0.0.1:")


def test_closing_ends_a_waiting_poll(tmp_path: Path) -> None:
    state = new_state(tmp_path)
    control.configure(state, poll_seconds=600)
    with serving(state) as waiting:

        def poll() -> None:
            with contextlib.suppress(requests.ConnectionError):
                waiting.data("v1/mq/messages")

        thread = threading.Thread(target=poll)
        thread.start()
        waiting.await_reading()
        waiting.sandbox.close()
        thread.join(timeout=10)
        assert not thread.is_alive()
        assert not waiting.is_reading()


def test_a_device_that_was_added_is_no_longer_offered(hpcli: Runner, tmp_path: Path) -> None:
    state = new_state(tmp_path)

    def say_at_start() -> str:
        process = hpcli.start("sandbox", "serve", "--port", "0", "--state", str(state))
        assert process.stderr is not None
        said = process.stderr.readline()
        process.terminate()
        process.communicate()
        return said

    code = verification_code(NEW_DEVICE)
    offered = f"You can add camera {NEW_DEVICE}; its verification code is {code}."
    assert say_at_start() == f"The sandbox is running. {offered} Press Ctrl-C to stop.\n"
    with serving(state) as adding:
        site = adding.data("v1/site/search")["rows"][0]["id"]
        device = {"deviceSerial": NEW_DEVICE, "validateCode": code}
        added = adding.data("v2/device/add", siteId=site, deviceList=[device])
        assert added["addFailedList"] == []
    assert say_at_start() == "The sandbox is running. Press Ctrl-C to stop.\n"
