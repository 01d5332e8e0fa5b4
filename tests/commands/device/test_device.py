"""Devices: rename, delete, channels, PIN, waking, object-model devices; whose error an answer reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hpcli.client import Client
from hpcli.client.answers import Answer
from hpcli.client.device.devices import NewDevice
from hpcli.client.device.isapi import device_refusal
from hpcli.errors import (
    CallLimitError,
    DeviceError,
    DeviceOfflineError,
    NotFoundError,
    TimeLimitError,
    UsageError,
)
from hpcli.sandbox import control, verification_code
from tests.support.platform_server import Platform
from tests.support.runner import Run

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import IotDevice

BAKERY = "Bäckerei Grünwald"
PANEL, RECORDER, SLEEPER, OFFLINE = "Q10254783", "Q10254801", "L90017735", "F55120761"
BOXED_PANEL = "Q77300512"


def sent(platform: Platform, call: str) -> int:
    return control.statistics(platform.state)["requests"].get(f"POST /api/hpcgw/v1/device/{call}", 0)


class TestUpdate:
    def test_a_device_is_named_by_serial_and_changed_by_id(self, run: Run, client: Client) -> None:
        plan = run(
            "device", "update", PANEL, "--name", "Laden", "--info", "x", "--dry-run", "-o", "json"
        ).json
        assert plan[0]["url"].endswith("/api/hpcgw/v1/device/update")
        assert plan[0]["body"] == {
            "deviceId": client.device.find(PANEL)["id"],
            "deviceName": "Laden",
            "extendInfo": "x",
        }

    def test_info_alone_keeps_the_name(self, run: Run, client: Client) -> None:
        result = run("device", "update", PANEL, "--info", "rack 4")
        row = client.device.find(PANEL)
        assert (result.exit_code, result.stdout, result.stderr) == (
            0,
            "",
            f"Changed {PANEL} (info – → rack 4).\n",
        )
        assert (row["deviceName"], row["extInfo"]) == ("Bakery alarm panel", "rack 4")

    @pytest.mark.parametrize(
        ("name", "info", "limit"), [("n" * 129, None, "128"), ("n", "i" * 257, "256"), (" ", None, "empty")]
    )
    def test_bad_values_are_told_and_not_sent(
        self, platform: Platform, client: Client, name: str, info: str | None, limit: str
    ) -> None:
        with pytest.raises(UsageError, match=limit):
            client.device.update("id", name, info=info)
        assert sent(platform, "update") == 0


class TestDelete:
    def test_several_are_tried_and_each_is_reported(self, run: Run, client: Client) -> None:
        result = run("device", "delete", RECORDER, "Z99", SLEEPER, "--yes", "-o", "json")
        assert [(row["target"], row["ok"]) for row in result.json] == [
            (RECORDER, True),
            ("Z99", True),
            (SLEEPER, True),
        ]
        assert result.exit_code == 0
        with pytest.raises(NotFoundError):
            client.device.find(RECORDER)

    def test_one_that_is_gone_already_is_done(self, run: Run, client: Client) -> None:
        device_id = client.device.find(RECORDER)["id"]
        assert client.device.delete(device_id) is True
        result = run("device", "delete", device_id, "--yes")
        assert (result.exit_code, result.stderr) == (0, f"{device_id} was already gone.\n")

    def test_nothing_is_sent_where_nobody_can_be_asked(self, run: Run, platform: Platform) -> None:
        result = run("device", "delete", PANEL)
        assert (result.exit_code, sent(platform, "delete")) == (2, 0)
        assert "'Bakery alarm panel' of 'Bäckerei Grünwald'" in result.stderr

    def test_an_unknown_serial_is_gone_already(self, run: Run, platform: Platform) -> None:
        gone = run("device", "delete", "Z99", "--yes")
        assert (gone.exit_code, gone.stderr) == (
            0,
            "Z99 is not on any of your sites; nothing to delete.\n",
        )
        assert sent(platform, "delete") == 0


class TestChannels:
    def test_a_name_is_no_serial_but_can_be_looked_for(self, client: Client) -> None:
        with pytest.raises(NotFoundError) as caught:
            client.device.find("Hof Dome")
        assert "`hpcli device list --search 'Hof Dome'`" in (caught.value.hint or "")

    def test_codes_are_words(self, run: Run) -> None:
        lines = run("device", "channels", RECORDER).lines
        assert lines[1].split("\t")[:3] == ["1", "Eingang", "Online"]
        assert any("Offline" in line for line in lines)

    def test_rows_have_documented_types_even_after_drift(self, platform: Platform, client: Client) -> None:
        platform.configure(faults={"drift": 1.0})
        row = client.device.channels(RECORDER)[0]
        assert (row["channelNo"], row["isShared"], row["relatedIpc"]) == (1, "0", True)


class TestPin:
    def test_the_pin_is_printed(self, run: Run, client: Client) -> None:
        assert run("device", "pin", PANEL, "--no-header").lines == [f"{PANEL}\t{client.device.pin(PANEL)}"]

    def test_it_is_told_a_hundred_times_a_day(self, platform: Platform) -> None:
        client = Client(platform.app_key, platform.secret_key, platform.base_url, timeout=5, call_rate=1000)
        for _ in range(100):
            client.device.pin(PANEL)
        with pytest.raises(CallLimitError):
            client.device.pin(PANEL)
        assert client.device.pin("Q04814335"), "each device has its own count"

    def test_a_device_without_one_says_so(self, run: Run) -> None:
        assert run("device", "pin", RECORDER).exit_code == 8


class TestWake:
    def test_a_solar_camera_wakes(self, run: Run, client: Client) -> None:
        assert run("device", "wake", SLEEPER).stderr == f"{SLEEPER} is awake.\n"
        assert client.device.find(SLEEPER)["deviceOnlineStatus"] == 1

    def test_others_do_not_know_how(self, client: Client) -> None:
        with pytest.raises(DeviceError):
            client.device.wake(PANEL)


class TestObjectModelDevices:
    def test_the_ability_is_asked_for_a_site(self, run: Run) -> None:
        answer = run("device", "iot-ability", BOXED_PANEL, "--site", BAKERY, "-o", "json").json
        assert answer == {"deviceSerial": BOXED_PANEL, "supportForceCheckAuth": 1}

    def test_the_outcome_is_waited_for(self, platform: Platform, client: Client) -> None:
        platform.configure(task_seconds=1.5)
        client.device.add(
            client.site.find(BAKERY)["id"], [NewDevice(BOXED_PANEL, verification_code(BOXED_PANEL))]
        )
        assert client.device.iot_result(BOXED_PANEL) == {}
        seen: list[IotDevice] = []
        row = client.device.wait_for_iot(BOXED_PANEL, progress=seen.append)
        assert seen[0] == {}
        assert (row["deviceSerial"], row["deviceCategory"], row["subType"]) == (BOXED_PANEL, 3, 3)

    def test_waiting_ends_with_the_limit(self, platform: Platform, client: Client) -> None:
        platform.configure(task_seconds=600)
        client.device.add(
            client.site.find(BAKERY)["id"], [NewDevice(BOXED_PANEL, verification_code(BOXED_PANEL))]
        )
        with pytest.raises(TimeLimitError):
            client.device.wait_for_iot(BOXED_PANEL, limit=0)

    def test_without_an_outcome_the_command_says_so(
        self, run: Run, platform: Platform, client: Client
    ) -> None:
        platform.configure(task_seconds=600)
        client.device.add(
            client.site.find(BAKERY)["id"], [NewDevice(BOXED_PANEL, verification_code(BOXED_PANEL))]
        )
        result = run("device", "iot-result", BOXED_PANEL, "-o", "json")
        assert (result.json, result.exit_code) == ({"deviceSerial": BOXED_PANEL}, 0)
        assert "not added yet" in result.stderr


class TestWhoseError:
    @pytest.mark.parametrize(
        ("body", "code", "kind"),
        [
            (b'{"errorCode": "EVZ20007"}', "EVZ20007", DeviceOfflineError),
            (b'{"errorCode": "LAP006009", "message": "x"}', "LAP006009", NotFoundError),
            (b'{"errorCode": 1073741825}', "0x40000001", DeviceError),
            (b'{"errorCode": "1073741825"}', "0x40000001", DeviceError),
            (b'{"statusCode": 4, "subStatusCode": "lowPrivilege"}', "0x40000002", DeviceError),
        ],
    )
    def test_a_devices_number_is_the_devices_error(
        self, body: bytes, code: str, kind: type[Exception]
    ) -> None:
        error = device_refusal(Answer(200, {}, body, ""))
        assert isinstance(error, kind)
        assert error.code == code

    @pytest.mark.parametrize(
        "body", [b'{"errorCode": "0", "data": {}}', b'{"statusCode": 1, "errorCode": 1}', b"<Time/>"]
    )
    def test_a_success_is_none(self, body: bytes) -> None:
        assert device_refusal(Answer(200, {}, body, "")) is None

    def test_a_code_in_a_header_is_the_platforms(self) -> None:
        error = device_refusal(Answer(500, {"X-EZO-Code": "20007"}, b"", ""))
        assert isinstance(error, DeviceOfflineError)


def test_letters_of_a_uri_are_only_spoken_of_where_one_was_typed(run: Run) -> None:
    commands = {
        ("access", "events", PANEL): False,
        ("panel", "arm", "C94115305", "1", "--mode", "away", "--yes"): False,
        ("device", "isapi", "GET", "/ISAPI/system/deviceinfo", PANEL): True,
        (
            "api",
            "get",
            "v1/device/transparent/ISAPI/system/deviceinfo",
            "--header",
            f"X-Devserial: {PANEL}",
        ): True,
    }
    for command, is_typed in commands.items():
        result = run(*command)
        assert (result.exit_code, "lacks the function" in result.stderr) == (8, True), result.stderr
        assert ("small and capital letters" in result.stderr) == is_typed
