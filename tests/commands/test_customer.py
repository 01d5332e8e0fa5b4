"""End users: what they may do, as it is written, merged, sent and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpcli.client import Client
from hpcli.client.handover_permissions import (
    PermissionRequest,
    account_entry,
    check_shared_device,
    cleaned,
    differences,
    merge,
    parse_permission_request,
    shared_device,
    words_of,
)
from hpcli.errors import ConflictError, NotFoundError, ProtocolError, UsageError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform
from tests.support.runner import Run

BAKERY = "Bäckerei Grünwald"
MARIA, PHONE = "maria.gruenwald@baeckerei.example", "+498955501200"
PANEL, RECORDER = "Q10254783", "Q10254801"
SHOP, OMAR, GUARD = "متجر النور", "omar@alnoor.example", "Q03110476"


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.configure(answer_seconds=0)
    return platform.client()


@pytest.fixture
def site(client: Client) -> str:
    return str(client.site.find(BAKERY)["id"])


def sent(platform: Platform, call: str) -> int:
    return control.statistics(platform.state)["requests"].get(f"POST /api/hpcgw/v1/site/customer/{call}", 0)


class TestList:
    def test_states_are_words_and_ids_are_accounts(self, run: Run) -> None:
        assert run("customer", "list", BAKERY).lines[1:] == [
            f"{MARIA}\tE-mail\tApproved",
            f"{PHONE}\tPhone\tExpired",
        ]
        assert run("customer", "list", BAKERY, "-o", "ids").lines == [MARIA, PHONE]

    def test_rows_have_the_names_and_types_of_the_guide(self, run: Run, platform: Platform) -> None:
        platform.configure(faults={"drift": 1.0})
        rows = run("customer", "list", BAKERY, "-o", "json").json
        assert rows[1] == {"hcAccount": PHONE, "type": 1, "status": "3"}

    def test_a_site_without_end_users_says_so(self, run: Run) -> None:
        result = run("customer", "list", "東京倉庫")
        assert (result.exit_code, "No end users." in result.stderr) == (0, True)


class TestPermit:
    def test_devices_that_are_not_named_stay_and_the_difference_is_shown(self, run: Run, site: str) -> None:
        result = run(
            "customer", "permit", BAKERY, MARIA, "--device", f"{PANEL}:arm,disarm", "--dry-run", "-o", "json"
        )
        assert f"{PANEL}: - bypass, zone-alarm" in result.stderr
        assert f"{RECORDER}:" not in result.stderr
        (plan,) = result.json
        assert plan["url"].endswith("/api/hpcgw/v1/site/customer/devices/update")
        assert plan["body"] == {
            "siteId": site,
            "sharedHc": {
                "hcAccount": MARIA,
                "type": 0,
                "shareDevices": [
                    {
                        "deviceSerial": RECORDER,
                        "otherPermissionDetails": [
                            {"permission": 0, "channelNo": ["-1"]},
                            {"permission": 1, "channelNo": ["1", "2"]},
                        ],
                    },
                    {
                        "deviceSerial": PANEL,
                        "ax2PermissionDetails": {"ax2Permission": [0, 1], "areaPermission": ["-1"]},
                    },
                ],
            },
        }

    def test_only_takes_the_others_away(self, run: Run, client: Client, site: str) -> None:
        result = run("customer", "permit", BAKERY, MARIA, "--device", f"{PANEL}:arm:1", "--only", "--yes")
        assert result.exit_code == 0, result.stderr
        assert f"{RECORDER}: - live, playback (1, 2)" in result.stderr
        (left,) = client.customer.show(site, MARIA)
        assert left["ax2PermissionDetails"] == {"ax2Permission": [0], "areaPermission": ["1"]}

    def test_what_show_prints_can_be_given_back(
        self, run: Run, client: Client, site: str, platform: Platform, tmp_path: Path
    ) -> None:
        shown = run("customer", "show", BAKERY, MARIA, "-o", "json").json
        assert shown == client.customer.show(site, MARIA)
        file = tmp_path / "permissions.json"
        file.write_text(json.dumps(shown))
        again = run("customer", "permit", BAKERY, MARIA, "--permissions", f"@{file}")
        assert (again.exit_code, "nothing was changed" in again.stderr) == (0, True)
        assert sent(platform, "devices/update") == 0

    def test_what_is_given_again_is_not_checked_for_codes_that_the_guide_lacks(
        self, run: Run, tmp_path: Path
    ) -> None:
        file = tmp_path / "permissions.json"
        file.write_text(run("customer", "show", SHOP, OMAR, "-o", "json").stdout)
        again = run("customer", "permit", SHOP, OMAR, "--permissions", f"@{file}")
        assert (again.exit_code, "nothing was changed" in again.stderr) == (0, True)

    def test_what_is_not_known_of_other_devices_goes_back_as_it_came(
        self, run: Run, platform: Platform, client: Client
    ) -> None:
        """Codes that the guide does not list (§3.13 has one in its example), fields, and the nested object."""
        before: list[dict[str, Any]] = [
            {"deviceSerial": GUARD, "otherPermissionDetails": [{"permission": 77, "level": {"of": [1]}}]},
            {
                "deviceSerial": "F55120822",
                "otherPermissionDetails": [{"permission": 0, "channelNo": ["-1"]}, {"permission": 4}],
                "ax2PermissionDetails": None,
                "until": "2030-01-01",
            },
            {"deviceSerial": "D80221546", "newPermissionDetails": {"a": [1, 2]}},
        ]
        with seed.open_state(platform.state) as store:
            site = str(client.site.find(SHOP)["id"])
            store.change("customer", f"{site}/{OMAR}", shareDevices=before)
        result = run("customer", "permit", SHOP, OMAR, "--device", f"{GUARD}:alarm", "--yes")
        assert result.exit_code == 0, result.stderr
        assert f"{GUARD}: + alarm; - unknown (77)" in result.stderr
        assert "D80221546" not in result.stderr
        with seed.open_state(platform.state) as store:
            kept = store.get("customer", f"{site}/{OMAR}")
        assert kept is not None
        assert kept["shareDevices"][:2] == before[1:]

    def test_the_example_of_the_guide_is_kept_and_a_lost_device_told_with_its_numbers(self, run: Run) -> None:
        school, parent = "Colegio San Martín", "direccion@colegio.example"
        arguments = ("customer", "permit", school, parent, "--device", "F55121300:playback")
        (plan,) = run(*arguments, "--dry-run", "-o", "json").json
        details = plan["body"]["sharedHc"]["shareDevices"][0]["ax2PermissionDetails"]
        assert details == {"ax2Permission": [1, 2], "areaPermission": ["-1"]}
        only = run(*arguments, "--only", "--dry-run")
        assert "Q19323594: - disarm, unknown (2)" in only.stderr

    @pytest.mark.parametrize("fault", ["nodata", "textdata"])
    @pytest.mark.parametrize("only", [(), ("--only",)])
    def test_nothing_is_written_where_nothing_is_known(
        self, run: Run, platform: Platform, fault: str, only: tuple[str, ...]
    ) -> None:
        platform.configure(faults={f"{fault}@customer/detail": 1.0})
        arguments = ("customer", "permit", BAKERY, MARIA, "--device", f"{PANEL}:arm", *only, "--yes")
        result = run(*arguments, "-o", "json")
        assert (result.exit_code, result.error["kind"]) == (7, "protocol")
        assert sent(platform, "devices/update") == 0
        shown = run("customer", "show", BAKERY, MARIA)
        assert (shown.exit_code, shown.stdout) == (7, "")

    @pytest.mark.parametrize(
        "data",
        [
            *(None, "", 0, True, [], {}, {"shareDevices": None}, {"shareDevices": ""}, {"shareDevices": 0}),
            *({"shareDevices": ["Q1"]}, {"shareDevices": [{}]}, {"shareDevices": [{"deviceSerial": None}]}),
        ],
    )
    def test_an_answer_of_another_form_is_an_error(
        self, client: Client, site: str, monkeypatch: pytest.MonkeyPatch, data: Any
    ) -> None:
        monkeypatch.setattr(client.transport, "call", lambda *_arguments, **_more: data)
        with pytest.raises(ProtocolError):
            client.customer.show(site, MARIA)

    def test_other_panels_take_the_permissions_of_other_devices(self, run: Run, client: Client) -> None:
        """A panel of the AX Hub or AX Hybrid series is of category 3 as well (§3.11)."""
        pro = run("customer", "permit", SHOP, OMAR, "--device", f"{GUARD}:disarm", "--yes")
        assert (pro.exit_code, "cannot have the permission 'disarm'" in pro.stderr) == (2, True)
        done = run("customer", "permit", SHOP, OMAR, "--device", f"{GUARD}:live,alarm:2", "--yes")
        assert done.exit_code == 0, done.stderr
        entry = next(
            row
            for row in client.customer.show(str(client.site.find(SHOP)["id"]), OMAR)
            if row["deviceSerial"] == GUARD
        )
        assert entry["otherPermissionDetails"] == [
            {"permission": 0, "channelNo": ["2"]},
            {"permission": 3, "channelNo": ["2"]},
        ]

    def test_a_device_named_twice_is_refused(self, run: Run) -> None:
        wish = f"{PANEL}:arm"
        result = run("customer", "permit", BAKERY, MARIA, "--device", wish, "--device", wish, "--yes")
        assert (result.exit_code, f"{PANEL} is named twice" in result.stderr) == (2, True)

    def test_an_unknown_end_user_is_not_found(self, client: Client, site: str) -> None:
        with pytest.raises(NotFoundError):
            client.customer.show(site, "stranger@example.org")


class TestReplaceAndRemove:
    def test_replace_spells_the_account_as_the_examples_do(self, run: Run, site: str) -> None:
        (plan,) = run("customer", "replace", BAKERY, PHONE, "new@b.example", "--dry-run", "-o", "json").json
        assert plan["url"].endswith("/api/hpcgw/v1/site/customer/account/update")
        assert plan["body"] == {
            "siteId": site,
            "oldShareHc": {"hcAccount": PHONE, "type": 1},
            "newShareHc": {"hcAccount": "new@b.example", "type": 0},
        }

    def test_replaced_accounts_keep_their_devices(self, client: Client, site: str) -> None:
        before = client.customer.show(site, PHONE)
        client.customer.replace(site, PHONE, "+498955501299")
        assert client.customer.show(site, "+498955501299") == before
        with pytest.raises(ConflictError):
            client.customer.replace(site, "+498955501299", MARIA)

    def test_the_same_account_is_refused_before_anybody_is_asked(self, run: Run, platform: Platform) -> None:
        assert "are the same" in run("customer", "replace", BAKERY, PHONE, PHONE).stderr
        assert control.statistics(platform.state)["requests"] == {}

    def test_remove_goes_to_cancle_with_all_accounts_in_one_call(self, run: Run, site: str) -> None:
        plans = run("customer", "remove", BAKERY, MARIA, PHONE, "--dry-run", "-o", "json").json
        assert {plan["url"].rpartition("/site/")[2] for plan in plans} == {"customer/cancle"}
        assert [plan["body"] for plan in plans] == [{"siteId": site, "hcAccounts": [MARIA, PHONE]}]

    def test_each_account_is_tried_and_told(self, run: Run, client: Client, site: str) -> None:
        result = run("customer", "remove", BAKERY, "x@y.example", MARIA, "-y", "-o", "json")
        assert (result.exit_code, [row["ok"] for row in result.json]) == (9, [False, True])
        assert [row["hcAccount"] for row in client.customer.list(site)] == [PHONE]

    def test_without_end_users_the_site_is_not_handed_over(self, client: Client, site: str) -> None:
        client.customer.remove(site, [MARIA, PHONE])
        assert client.site.find(site)["siteDeliveryStatus"] == 0


class TestInvitations:
    @pytest.mark.parametrize(
        ("account", "status"),
        [("yes@b.example", "1"), ("no@b.example", "0"), ("new@b.example", "4"), ("silent@b.example", "2")],
    )
    def test_end_users_answer_by_their_name(
        self, client: Client, site: str, account: str, status: str
    ) -> None:
        client.site.hand_over(site, [account], [shared_device(PermissionRequest(PANEL, ("arm",)), panel())])
        (row,) = [row for row in client.customer.list(site) if row["hcAccount"] == account]
        assert row["status"] == status

    def test_an_invitation_runs_out(self, client: Client, site: str, platform: Platform) -> None:
        client.site.hand_over(
            site, ["silent@b.example"], [shared_device(PermissionRequest(PANEL, ("arm",)), panel())]
        )
        with seed.open_state(platform.state) as store:
            store.change("customer", f"{site}/silent@b.example", askedAt=0)
        assert client.customer.list(site)[-1]["status"] == "3"


def panel(version: int = 3) -> dict[str, Any]:
    return {"deviceSerial": PANEL, "deviceCategory": 3, "deviceSubCategory": version}


def camera(category: int = 1, kind: int = 0) -> dict[str, Any]:
    return {"deviceSerial": "K1", "deviceCategory": category, "deviceSubCategory": kind}


class TestSharing:
    @pytest.mark.parametrize(
        ("text", "wish"),
        [
            ("K1:live", PermissionRequest("K1", ("live",), ("-1",))),
            (" K1 : live , 5 : 1 , 2 ", PermissionRequest("K1", ("live", "5"), ("1", "2"))),
            ("K1:live:ALL", PermissionRequest("K1", ("live",), ("-1",))),
            ("K1:live:-1", PermissionRequest("K1", ("live",), ("-1",))),
        ],
    )
    def test_wishes_are_read(self, text: str, wish: PermissionRequest) -> None:
        assert parse_permission_request(text) == wish

    @pytest.mark.parametrize(("text", "kind"), [("a@b.c", 0), ("+49 30-555", 1), ("(030) 555/10", 1)])
    def test_an_at_makes_an_account_an_address(self, text: str, kind: int) -> None:
        assert account_entry(f" {text} ") == {"hcAccount": text, "type": kind}

    @pytest.mark.parametrize("text", ["", "me", "@", "a@", "@b", "a b@c", "12"])
    def test_other_texts_are_no_accounts(self, text: str) -> None:
        with pytest.raises(UsageError, match="not an account"):
            account_entry(text)

    @pytest.mark.parametrize(
        ("device", "permission"),
        [
            (camera(1), "call"),
            (camera(5), "ptz"),
            (camera(9), "talk"),
            (camera(4, 13), "live"),
            (camera(11), "live"),
            (panel(), "ptz"),
            (panel(), "2"),
            (panel(10), "live"),
            (panel(4), "arm"),
            (panel(5), "18"),
        ],
    )
    def test_a_permission_the_category_cannot_have_is_refused(
        self, device: dict[str, Any], permission: str
    ) -> None:
        with pytest.raises(UsageError, match=device["deviceSerial"]):
            shared_device(PermissionRequest(device["deviceSerial"], (permission,)), device)

    def test_sharing_a_device_has_no_channels(self) -> None:
        entry = shared_device(PermissionRequest("K1", ("share", "live"), ("3",)), camera())
        assert entry["otherPermissionDetails"] == [{"permission": 6}, {"permission": 0, "channelNo": ["3"]}]

    def test_answers_with_the_faults_of_the_examples_are_understood(self) -> None:
        nested = {
            "deviceSerial": PANEL,
            "ax2PermissionDetails": {
                "ax2PermissionDetails": {"ax2Permission": ["1", 2], "areaPermission": [1, 2]}
            },
        }
        assert words_of(nested) == ["disarm (1, 2)", "unknown (2) (1, 2)"]
        assert merge([nested], []) == [
            {
                "deviceSerial": PANEL,
                "ax2PermissionDetails": {"ax2Permission": ["1", 2], "areaPermission": [1, 2]},
            }
        ]
        assert cleaned(nested)["ax2PermissionDetails"] == {"ax2Permission": [1], "areaPermission": ["1", "2"]}

    @pytest.mark.parametrize(
        "entry",
        [
            {},
            "K1",
            {"deviceSerial": "K1"},
            {"deviceSerial": "K1", "ax2PermissionDetails": {"ax2Permission": [0]}},
            {"deviceSerial": "K1", "otherPermissionDetails": ["live"]},
            {"deviceSerial": "K1", "otherPermissionDetails": [{"permission": 4}]},
        ],
    )
    def test_json_of_another_form_is_refused(self, entry: Any) -> None:
        with pytest.raises(UsageError):
            check_shared_device(entry, camera())

    @pytest.mark.parametrize(
        ("device", "key"),
        [
            (panel(3), "ax2PermissionDetails"),
            (panel(10), "ax2PermissionDetails"),
            (panel(4), "otherPermissionDetails"),
            (panel(5), "otherPermissionDetails"),
            (panel(6), "otherPermissionDetails"),
            (camera(), "otherPermissionDetails"),
        ],
    )
    def test_the_series_decides_the_form(self, device: dict[str, Any], key: str) -> None:
        serial = device["deviceSerial"]
        entry = shared_device(PermissionRequest(serial, ("1",)), device)
        assert set(entry) == {"deviceSerial", key}
        assert check_shared_device(entry, device) == entry
        other = {
            "ax2PermissionDetails": {"ax2Permission": [0]},
            "otherPermissionDetails": [{"permission": 0}],
        }
        del other[key]
        with pytest.raises(UsageError, match=f"takes {key}"):
            check_shared_device({"deviceSerial": serial, **other}, device)

    def test_a_panel_of_an_unknown_series_takes_either_form(self) -> None:
        for entry in (
            {"deviceSerial": PANEL, "ax2PermissionDetails": {"ax2Permission": [0]}},
            {"deviceSerial": PANEL, "otherPermissionDetails": [{"permission": 0}]},
        ):
            assert check_shared_device(entry, panel(0)) == entry

    def test_merging_replaces_whole_devices(self) -> None:
        live = {"deviceSerial": "K1", "otherPermissionDetails": [{"permission": 0, "channelNo": ["-1"]}]}
        playback = {"deviceSerial": "k1", "otherPermissionDetails": [{"permission": 1, "channelNo": ["-1"]}]}
        other = {"deviceSerial": "K2", "otherPermissionDetails": [{"permission": 6}]}
        assert merge([live, other], [playback]) == [other, playback]
        assert merge([live, other], [playback], only=True) == [playback]
        assert differences([live, other], [live]) == ["K2: - share"]
