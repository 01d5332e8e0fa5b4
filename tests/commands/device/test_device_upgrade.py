"""Firmware: who has to show what, how far it is, and what a failure means."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from hpcli.client import Client
from hpcli.client.device.upgrade import upgrade_refusal
from hpcli.errors import ConflictError, DeviceError, HpcliError, NotFoundError, TimeLimitError, UsageError
from hpcli.sandbox import DEVICE_PASSWORD, control
from tests.support.platform_server import Platform
from tests.support.runner import Run

if TYPE_CHECKING:
    from hpcli.api.rows.device.upgrade import UpgradeProgress

PANEL, FIRST_GENERATION, RECORDER, FORMATTING, CURRENT = (
    "Q10254783",
    "Q03110476",
    "Q10254801",
    "M11820046",
    "G20420177",
)


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "device", "upgrade")


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.configure(task_seconds=0)
    return platform.client()


def asked(platform: Platform, call: str) -> int:
    return control.statistics(platform.state)["requests"].get(f"POST /api/hpcgw/v1/device/{call}", 0)


class TestWhatIsSent:
    def test_a_dry_run_spends_no_query_of_the_pin(self, run: Run, platform: Platform) -> None:
        plan = run("start", PANEL, "--dry-run", "-o", "json").json
        assert plan[0]["body"] == {"deviceSerial": PANEL, "pinCode": "***"}
        assert (asked(platform, "pincode/query"), asked(platform, "upgrade")) == (
            0,
            0,
        )  # a query counts: 100 a day

    def test_a_pin_on_stdin_is_not_fetched(self, run: Run, platform: Platform) -> None:
        plan = run("start", PANEL, "--pin-stdin", "--dry-run", "-o", "json", stdin="123456\n").json
        assert plan[0]["body"] == {"deviceSerial": PANEL, "pinCode": "***"}
        assert asked(platform, "pincode/query") == 0

    def test_a_user_may_go_with_a_pin(self, run: Run) -> None:
        arguments = ("start", PANEL, "--as", "admin", "--pin-stdin", "--dry-run", "-o", "json")
        plan = run(*arguments, stdin="123456\n").json
        assert plan[0]["body"] == {"deviceSerial": PANEL, "username": "admin", "pinCode": "***"}

    def test_a_query_of_the_pin_is_never_sent_again(self, client: Client, platform: Platform) -> None:
        for fault in ("EVZ10007", "html502", "reset"):
            platform.configure(next_faults=[f"{fault}@pincode"])
            with pytest.raises(HpcliError):
                client.device.pin(PANEL)
        assert asked(platform, "pincode/query") == 3

    def test_a_password_goes_with_its_user_and_no_pin(self, run: Run, platform: Platform) -> None:
        arguments = ("start", FIRST_GENERATION, "--as", "admin", "--as-password-stdin")
        plan = run(*arguments, "--dry-run", "-o", "json", stdin=f"{DEVICE_PASSWORD}\n")
        assert plan.json[0]["body"] == {
            "deviceSerial": FIRST_GENERATION,
            "username": "admin",
            "password": "***",
        }
        assert DEVICE_PASSWORD not in plan.stdout
        assert asked(platform, "pincode/query") == 0
        assert run(*arguments, "--yes", stdin=f"{DEVICE_PASSWORD}\n").exit_code == 0

    def test_other_devices_get_the_serial_alone(self, run: Run) -> None:
        assert run("start", RECORDER, "--dry-run", "-o", "json").json[0]["body"] == {"deviceSerial": RECORDER}

    def test_pin_and_password_exclude_each_other(self, client: Client) -> None:
        with pytest.raises(UsageError):
            client.device.upgrade.start(PANEL, username="a", password="b", pin="c")
        with pytest.raises(UsageError):
            client.device.upgrade.start(PANEL, username="a")

    def test_it_asks_first(self, run: Run, platform: Platform) -> None:
        assert (run("start", RECORDER).exit_code, asked(platform, "upgrade")) == (2, 0)


class TestHowItGoes:
    def test_it_is_waited_for(self, run: Run, platform: Platform, client: Client) -> None:
        platform.configure(task_seconds=1)
        result = run("start", PANEL, "--yes", "--wait")
        assert result.exit_code == 0, result.stderr
        assert result.stderr.endswith(f"{PANEL} has the new firmware.\n")
        assert client.device.find(PANEL)["deviceVersion"] == "V1.3.0 build 240315"
        assert client.device.info.read(PANEL)["DeviceInfo"]["firmwareVersion"] == "V1.3.0"
        assert client.device.upgrade.check(PANEL) == {"isNeedUpgrade": 0}

    def test_states_come_in_order(self, platform: Platform, client: Client) -> None:
        platform.configure(task_seconds=1)
        client.device.upgrade.start(RECORDER)
        states: list[UpgradeProgress] = []
        client.device.upgrade.wait(RECORDER, every=0.1, progress=states.append)
        codes = [state["statue"] for state in states]
        assert codes == sorted(codes)
        assert (codes[-1], states[-1]["progress"]) == (7, 100)

    def test_the_wait_ends_with_its_limit_and_the_upgrade_goes_on(
        self, platform: Platform, client: Client
    ) -> None:
        platform.configure(task_seconds=600)
        client.device.upgrade.start(RECORDER)
        with pytest.raises(TimeLimitError):
            client.device.upgrade.wait(RECORDER, limit=0)
        with pytest.raises(ConflictError):
            client.device.upgrade.start(RECORDER)

    def test_a_device_that_is_away_while_it_restarts_is_asked_again(
        self, platform: Platform, client: Client
    ) -> None:
        client.device.upgrade.start(RECORDER)
        platform.configure(next_faults=["EVZ20008@upgrade/progress"])
        assert client.device.upgrade.wait(RECORDER, every=0.01)["statue"] == 7

    def test_a_failed_upgrade_names_the_reason(self, run: Run, client: Client) -> None:
        client.device.upgrade.start(FORMATTING)
        with pytest.raises(DeviceError) as caught:
            client.device.upgrade.wait(FORMATTING)
        assert caught.value.code == "EVZ20016"
        row = run("progress", FORMATTING).lines[1].split("\t")
        assert row[:3] == [FORMATTING, "Failed", "50 %"]

    def test_a_refused_start_is_an_error_although_the_envelope_says_0(self, run: Run, client: Client) -> None:
        with pytest.raises(DeviceError) as caught:
            client.device.upgrade.start(PANEL, pin="000000")
        assert caught.value.code == "EVZ60042"
        assert run("start", CURRENT, "--yes").exit_code == 1

    def test_check_is_in_words(self, run: Run) -> None:
        assert run("check", CURRENT, "--no-header").lines == [f"{CURRENT}\tUp to date"]

    @pytest.mark.parametrize(
        ("error", "text", "code", "said"),
        [
            ("EVZ20007", "", "EVZ20007", "offline"),
            ("1073741825", "x", "0x40000001", "Not supported"),
            ("", "no space", None, "no space"),
            ("E:77", "no space", "E:77", "no space"),
        ],
    )
    def test_codes_of_both_sides_are_understood(
        self, error: str, text: str, code: str | None, said: str
    ) -> None:
        found = upgrade_refusal({"error": error, "errorDesc": text})
        assert (found.code, said in found.message) == (code, True)


def test_no_upgrade_is_told_as_that(client: Client) -> None:
    with pytest.raises(NotFoundError, match=r"No upgrade was started for Q10254783\."):
        client.device.upgrade.progress("Q10254783")
