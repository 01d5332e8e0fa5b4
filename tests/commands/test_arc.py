"""Alarm receiving centres: the second level that goes along, approvals, plural lists, empty answers."""

from __future__ import annotations

import pytest

from hpcli.client import Client
from hpcli.client.arc import camera_events, panel_events
from hpcli.errors import NotFoundError, PlatformError, UsageError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run

PANEL, CAMERA, OFFLINE = "Q19323594", "F55121300", "F55120761"
OTHER_PANEL = "Q04814335"  # on a site that no end user has accepted yet
SCHOOL = "Colegio San Martín"
EVENTS = "POST /api/hpcgw/v1/arcservice/event/type/update"


class TestListAndSite:
    def test_devices_of_the_centre_are_listed(self, run: Run, client: Client) -> None:
        client.arc.enable(OTHER_PANEL, "arc-1")
        assert run("arc", "list", "-o", "ids").lines == [OTHER_PANEL, PANEL, CAMERA]
        assert run("arc", "list", "--site", SCHOOL, "-o", "ids").lines == [PANEL, CAMERA]
        assert run("arc", "list", "--device", f"{OTHER_PANEL},F55121301", "-o", "ids").lines == [OTHER_PANEL]

    def test_the_site_tells_installer_and_owner(self, run: Run) -> None:
        row = run("arc", "site", SCHOOL, "-o", "json").json
        assert (row["siteOwnerEmail"], row["installerEmail"]) == (
            "direccion@colegio.example",
            "lukasz@nordlicht.example",
        )
        assert "HANDOVER" not in run("arc", "site", row["id"]).stdout


class TestEnable:
    def test_each_device_says_whether_it_waits_or_failed(self, run: Run, platform: Platform) -> None:
        platform.configure(answer_seconds=3600)
        result = run("arc", "enable", "Q10254783", OFFLINE, OTHER_PANEL, "--arc-id", "arc-1", "--yes")
        assert result.exit_code == 9
        assert "Q10254783 is waiting for the end user's approval." in result.stderr
        assert f"{OFFLINE}: The platform could not switch" in result.stderr
        assert f"{OTHER_PANEL} now reports to arc-1." in result.stderr

    def test_the_request_is_the_guides(self, run: Run) -> None:
        (plan,) = run("arc", "enable", PANEL, "--arc-id", "arc-1", "--dry-run", "-o", "json").json
        assert plan["url"].endswith("/api/hpcgw/v1/arcservice/device/enable")
        assert plan["body"] == {"deviceSerial": PANEL, "arcId": "arc-1"}

    def test_a_device_of_a_handed_over_site_joins_when_its_user_approves(
        self, client: Client, platform: Platform
    ) -> None:
        platform.configure(answer_seconds=3600)
        assert client.arc.enable("Q10254783", "arc-1") == {"permission": 0}
        assert "Q10254783" not in {row["deviceSerial"] for row in client.arc.list()}
        platform.configure(answer_seconds=0)
        assert client.arc.enable("Q10254783", "arc-1") == {"permission": 0}
        assert "Q10254783" in {row["deviceSerial"] for row in client.arc.list()}

    def test_disabled_devices_are_gone_from_the_list(self, run: Run, client: Client) -> None:
        assert run("arc", "disable", PANEL, "--yes").exit_code == 0
        assert [row["deviceSerial"] for row in client.arc.list()] == [CAMERA]
        with pytest.raises(NotFoundError):
            client.arc.disable("Z1")


class TestEvents:
    def test_it_names_both_sides_and_adds_the_second_level(self, run: Run) -> None:
        result = run("arc", "set-events", PANEL, "--panel", "panic,panel-power", "--dry-run", "-o", "json")
        assert "Reported: panic, panel-power." in result.stderr
        assert "Not reported: pircam, video-clips, medical" in result.stderr
        (plan,) = result.json
        assert plan["body"] == {"deviceSerial": PANEL, "ax2PermissionList": [12, 21, 39, 40]}

    def test_cameras_get_the_other_list(self, run: Run, client: Client) -> None:
        (plan,) = run("arc", "set-events", CAMERA, "--cctv", "none", "--dry-run", "-o", "json").json
        assert plan["body"] == {"deviceSerial": CAMERA, "CCTVEventList": [0]}
        assert client.arc.set_camera_events(CAMERA, [2, 7]) == {"permission": 1}

    def test_the_plural_names_are_tried_where_the_others_have_no_effect(
        self, client: Client, platform: Platform
    ) -> None:
        platform.configure(plural_lists=True)
        assert client.arc.set_panel_events(PANEL, panel_events(["panic"])) == {"permission": 1}
        assert control.statistics(platform.state)["requests"][EVENTS] == 2

    def test_one_call_is_enough_where_it_takes_effect(self, client: Client, platform: Platform) -> None:
        assert client.arc.set_panel_events(PANEL, panel_events(["panic"])) == {"permission": 1}
        assert control.statistics(platform.state)["requests"][EVENTS] == 1

    def test_no_effect_at_all_is_an_error(self, client: Client) -> None:
        with pytest.raises(PlatformError, match="did not set"):
            client.arc.set_panel_events(PANEL, [12])  # without its second level

    @pytest.mark.parametrize(
        ("words", "codes"),
        [
            (["panic"], [12, 39]),
            (["10", "Zone alarm", "panel_upgrade"], [10, 18, 39, 42, 45]),
            (["faults"], [21, 22, 23, 24, 40]),
            (["faults", "zone-status"], [23, 40]),
            (["8", "5"], [5, 8]),
        ],
    )
    def test_panel_events_bring_their_second_level(self, words: list[str], codes: list[int]) -> None:
        assert panel_events(words) == codes

    @pytest.mark.parametrize("words", [["5", "10"], ["earthquake"], ["0"]])
    def test_odd_panel_events_are_refused(self, words: list[str]) -> None:
        with pytest.raises(UsageError):
            panel_events(words)

    @pytest.mark.parametrize("words", [["none", "motion"], ["8"], ["panic"]])
    def test_odd_camera_events_are_refused(self, words: list[str]) -> None:
        with pytest.raises(UsageError):
            camera_events(words)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ((PANEL, "--cctv", "motion"), "needs --panel"),
            ((CAMERA, "--panel", "panic"), "needs --cctv"),
            ((PANEL,), "one of --panel and --cctv"),
            ((PANEL, "--panel", "panik"), "panic"),
        ],
    )
    def test_what_does_not_fit_is_told_and_nothing_is_sent(
        self, run: Run, platform: Platform, options: tuple[str, ...], words: str
    ) -> None:
        result = run("arc", "set-events", *options)
        assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
        assert EVENTS not in control.statistics(platform.state)["requests"]


def test_more_devices_than_a_call_takes_are_asked_for_in_batches(run: Run, platform: Platform) -> None:
    serials = [f"X{number:08}" for number in range(205)]
    result = run("arc", "list", "--device", "-", "-o", "ids", stdin="\n".join([*serials, PANEL]))
    assert (result.exit_code, result.lines) == (0, [PANEL])
    requests = control.statistics(platform.state)["requests"]
    assert sum(count for path, count in requests.items() if "arcservice/device/list" in path) == 2


class TestAccount:
    def test_it_is_set_and_the_empty_answer_is_fine(self, run: Run) -> None:
        (plan,) = run("arc", "set-account", PANEL, "0815", "--dry-run", "-o", "json").json
        assert plan["body"] == {"deviceSerial": PANEL, "accountNumber": "0815"}
        assert run("arc", "set-account", PANEL, "0815", "--yes", "-o", "ids").lines == [PANEL]

    @pytest.mark.parametrize("number", ["12", "47G1", "4711 4712", "0123456789ABCDEF0"])
    def test_a_number_that_no_receiver_takes_is_refused(self, run: Run, number: str) -> None:
        result = run("arc", "set-account", PANEL, number, "--yes")
        assert (result.exit_code, "is not an account number" in result.stderr) == (2, True)

    def test_an_empty_number_is_refused(self, run: Run) -> None:
        result = run("arc", "set-account", PANEL, " ")
        assert (result.exit_code, "account number is empty" in result.stderr) == (2, True)
