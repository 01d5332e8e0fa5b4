"""Handing a site over to end users."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.client import Client
from hpcli.sandbox import control
from tests.commands.site.demo_sites import HOTEL, TOKYO, sent, site_id
from tests.support.platform_server import Platform
from tests.support.runner import Run


class TestHandover:
    def test_the_request_has_permissions_by_the_kind_of_device(
        self, run: Run, client: Client, tmp_path: Path
    ) -> None:
        more = tmp_path / "permissions.txt"
        more.write_text("# the NVR\nE61960340:live,playback,share:1,2\n")
        result = run(
            "site", "handover", HOTEL, "--account", "a@b.example,+4930555010", "--device", "Q04814335:arm,7:all",
            "--permissions", f"@{more}", "--note", "Welcome", "--dry-run", "-o", "json",
        )  # fmt: skip
        (plan,) = result.json
        assert plan["url"].endswith("/api/hpcgw/v2/site/handover/share")
        assert plan["body"] == {
            "siteId": site_id(client, HOTEL),
            "batchHcAccount": [
                {"hcAccount": "a@b.example", "type": 0},
                {"hcAccount": "+4930555010", "type": 1},
            ],
            "userSharePermission": [
                {
                    "deviceSerial": "Q04814335",
                    "ax2PermissionDetails": {"ax2Permission": [0, 7], "areaPermission": ["-1"]},
                },
                {
                    "deviceSerial": "E61960340",
                    "otherPermissionDetails": [
                        {"permission": 0, "channelNo": ["1", "2"]},
                        {"permission": 1, "channelNo": ["1", "2"]},
                        {"permission": 6},
                    ],
                },
            ],
            "remark": "Welcome",
        }

    def test_a_site_is_handed_over_when_an_end_user_accepts(
        self, run: Run, client: Client, platform: Platform
    ) -> None:
        platform.configure(answer_seconds=3600)
        tokyo = site_id(client, TOKYO)
        command = ("site", "handover", TOKYO, "--account", "y@example.jp", "--device", "E61958062:live", "-y")
        assert f"`hpcli customer list '{TOKYO}'` shows" in run(*command).stderr
        assert client.site.find(tokyo)["siteDeliveryStatus"] == 1
        assert run("site", "app-access", TOKYO, "off", "-y").exit_code == 1
        platform.configure(answer_seconds=0)
        row = client.site.find(tokyo)
        assert (row["siteDeliveryStatus"], row["cloudEnable"]) == (2, True)
        assert run("site", "app-access", TOKYO, "off", "-y").exit_code == 0
        assert client.site.find(tokyo)["cloudEnable"] is False
        assert run(*command, "-o", "json").error["code"] == "LAP064003"

    @pytest.mark.parametrize(
        ("wish", "words"),
        [
            ("Q04814335:live", "Q04814335 (Alarm panel) cannot have the permission 'live'"),
            ("E61960340:arm", "It takes live, playback, talk, alarm, ptz, share"),
            ("E61960340", "SERIAL:PERMISSIONS"),
            ("E61960340:live:0", "'0' in"),
            ("E61960340:live:", "last colon"),
            ("ABCDEFGHIJ:live", "1 to 9 letters"),
            ("Q10254783:arm", "The site has no device Q10254783"),
        ],
    )
    def test_a_bad_wish_is_named_and_nothing_is_sent(
        self, run: Run, platform: Platform, wish: str, words: str
    ) -> None:
        result = run("site", "handover", HOTEL, "--account", "a@b.example", "--device", wish)
        assert result.exit_code == 2
        assert words in result.stderr
        assert sent(platform, "v2/site/handover/share") == 0

    def test_what_is_no_account_is_told_first(self, run: Run, platform: Platform) -> None:
        result = run("site", "handover", HOTEL, "--account", "me", "--device", "Q04814335:arm")
        assert result.exit_code == 2
        assert "error: --account: 'me' is not an account" in result.stderr
        assert control.statistics(platform.state)["requests"] == {}
