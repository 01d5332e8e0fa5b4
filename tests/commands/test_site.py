"""Sites: the commands, the client's checks, and the lifecycle that the stand-in gives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hpcli.client import Client
from hpcli.errors import ConflictError, HpcliError, NotFoundError, TimeLimitError, UsageError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner
from tests.support.terminal import open_terminal

BAKERY, TOKYO, NEW, HOTEL = "Bäckerei Grünwald", "東京倉庫", "Neubau Kiefernweg 7", "Harbour View Hotel"
PREFIX = "POST /api/hpcgw/"


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.configure(answer_seconds=0)
    return platform.client()


def sent(platform: Platform, path: str) -> int:
    return control.statistics(platform.state)["requests"].get(PREFIX + path, 0)


def site_id(client: Client, name: str) -> str:
    return str(client.site.find(name)["id"])


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self, client: Client) -> None:
        self.now = 0.0
        client.transport.clock, client.transport.sleep = lambda: self.now, self.sleep

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class TestAdd:
    def test_it_prints_the_new_id_alone(self, run: Run, platform: Platform) -> None:
        platform.configure(site_delay_seconds=0.7)
        added = run("site", "add", "--name", "Haus Lindner", "--time-zone", "Europe/Berlin", "--city", "Kiel")
        row = platform.client().site.find("Haus Lindner")
        assert (added.exit_code, added.stdout) == (0, f"{row['id']}\n")
        assert (row["timeZone"], row["siteCity"]) == ("133", "Kiel")

    def test_dry_run_shows_the_request_of_the_guide_and_sends_nothing(
        self, run: Run, platform: Platform
    ) -> None:
        options = (
            "--state",
            "S",
            "--street",
            "T",
            "--address",
            "A",
            "--sync-time",
            "--dry-run",
            "-o",
            "json",
        )
        (plan,) = run("site", "add", "--name", "N", "--time-zone", "48", *options).json
        assert (plan["method"], plan["url"]) == ("POST", f"{platform.base_url}/api/hpcgw/v1/site/add")
        assert plan["body"] == {
            "name": "N",
            "timeZone": 48,
            "timeSync": True,
            "siteState": "S",
            "siteStreet": "T",
            "location": "A",
        }
        assert sent(platform, "v1/site/add") == 0

    def test_a_taken_name_is_a_conflict(self, run: Run) -> None:
        result = run("site", "add", "--name", BAKERY, "--time-zone", "133", "-o", "json")
        assert (result.exit_code, result.error["code"]) == (1, "LAP008000")
        assert result.json["ok"] is False

    def test_a_site_that_never_shows_up_ends_after_15_seconds(
        self, client: Client, platform: Platform
    ) -> None:
        platform.configure(site_delay_seconds=3600)
        time = FakeTime(client)
        with pytest.raises(TimeLimitError, match="was added"):
            client.site.add("Late", 133)
        assert time.now == pytest.approx(15)
        assert 5 <= sent(platform, "v1/site/search") <= 12

    @pytest.mark.parametrize(
        ("name", "zone", "words"),
        [
            ("x" * 129, "133", "The name has 129 characters; at most 128"),
            (" ", "133", "name is empty"),
            ("Good", "Europe/Atlantis", "Atlantis"),
        ],
    )
    def test_bad_input_names_argument_and_limit_and_sends_nothing(
        self, client: Client, platform: Platform, name: str, zone: str, words: str
    ) -> None:
        with pytest.raises(UsageError, match=words):
            client.site.add(name, zone)
        with pytest.raises(UsageError, match="The city has 129 characters; at most 128"):
            client.site.add("Good", 133, address={"city": "x" * 129})
        assert sent(platform, "v1/site/add") == 0


class TestUpdate:
    def test_what_is_not_named_goes_along_unchanged(self, run: Run) -> None:
        (plan,) = run("site", "update", HOTEL, "--street", "Quay 1", "--dry-run", "-o", "json").json
        assert plan["body"] == {
            "name": HOTEL,
            "siteState": "England",
            "siteCity": "Plymouth",
            "siteStreet": "Quay 1",
            "location": "PL1 2SW",
        }

    def test_a_new_name_reaches_the_devices(self, run: Run, platform: Platform) -> None:
        assert run("site", "update", BAKERY, "--name", "Bäckerei Neu").exit_code == 0
        assert platform.client().device.find("Q10254783")["siteName"] == "Bäckerei Neu"

    def test_nothing_to_change_is_refused(self, run: Run) -> None:
        assert run("site", "update", BAKERY).exit_code == 2


class TestDelete:
    def test_it_shows_the_devices_and_wants_the_name_typed(
        self, hpcli: Runner, platform: Platform, client: Client
    ) -> None:
        for typed, code in (("yes", 130), (BAKERY, 0)):
            terminal = open_terminal(hpcli.program, ("site", "delete", BAKERY), platform.environment)
            terminal.wait_for("to continue: ")
            terminal.type(typed + "\n")
            assert terminal.finish() == code
            assert "Q10254783" in terminal.shown
            assert "Rekorder Büro" in terminal.shown
        with pytest.raises(NotFoundError):
            client.site.find(BAKERY)

    def test_its_devices_go_along_and_nobody_is_asked_with_yes(self, run: Run, client: Client) -> None:
        assert run("site", "delete", BAKERY).exit_code == 2
        gone = site_id(client, BAKERY)
        result = run("site", "delete", BAKERY, "--yes", "-o", "ids")
        assert (result.exit_code, result.stdout) == (0, f"{gone}\n")
        with pytest.raises(NotFoundError):
            client.device.find("Q10254783")
        with pytest.raises(NotFoundError, match="Site does not exist"):
            client.customer.list(gone)


class TestShare:
    def test_the_request_is_the_guides(self, run: Run, client: Client) -> None:
        options = ("--email", "partner@example.org", "--for", "4h", "--note", "Hi", "--dry-run", "-o", "json")
        (plan,) = run("site", "share", NEW, *options).json
        assert plan["body"] == {
            "siteId": site_id(client, NEW),
            "email": "partner@example.org",
            "applyTimeType": 2,
            "describe": "Hi",
        }

    def test_the_offer_says_where_its_state_is_told(self, run: Run) -> None:
        result = run("site", "share", NEW, "--email", "partner@example.org", "--for", "4h", "--yes")
        assert f"`hpcli site show '{NEW}'` shows" in result.stderr

    def test_an_offer_waits_is_accepted_and_runs_out(self, client: Client, platform: Platform) -> None:
        new = site_id(client, NEW)
        platform.configure(answer_seconds=3600)
        client.site.share(new, "partner@example.org", duration="1h")
        assert client.site.find(new)["sharedInfo"]["shareState"] == 1
        platform.configure(answer_seconds=0)
        assert client.site.find(new)["sharedInfo"]["shareState"] == 2
        with pytest.raises(ConflictError, match="already shared"):
            client.site.share(new, "other@example.org", duration=-1)
        age_share(platform.state, new, 3601)
        assert client.site.find(new)["sharedInfo"] == {"shareType": 0}

    def test_an_offer_may_be_denied_and_made_again(self, client: Client) -> None:
        new = site_id(client, NEW)
        client.site.share(new, "no@example.org", duration="permanent")
        assert client.site.find(new)["sharedInfo"]["shareState"] == 4
        client.site.share(new, "partner@example.org", duration="permanent")
        assert client.site.find(new)["sharedInfo"]["shareState"] == 2

    def test_unshare_ends_it_once(self, run: Run) -> None:
        assert run("site", "unshare", HOTEL, "-y").exit_code == 0
        again = run("site", "unshare", HOTEL, "-y", "-o", "json")
        assert (again.exit_code, again.error["code"]) == (1, "LAP008087")

    @pytest.mark.parametrize(
        ("site", "email", "code"),
        [
            (BAKERY, "partner@example.org", "LAP008103"),
            (NEW, "anna.berg@nordlicht.example", "LAP008093"),
            (NEW, "nobody@example.org", "LAP008082"),
        ],
    )
    def test_the_platform_refuses_what_cannot_be_shared(
        self, client: Client, site: str, email: str, code: str
    ) -> None:
        with pytest.raises(HpcliError) as refused:
            client.site.share(site_id(client, site), email, duration="1h")
        assert refused.value.code == code

    @pytest.mark.parametrize(
        ("email", "duration", "said"),
        [
            (
                "partner@example.org",
                "3h",
                "error: --for: '3h' is not one of: permanent, 1h, 2h, 4h, 8h, 24h.",
            ),
            ("partner", "4h", "error: --email: 'partner' is no e-mail address."),
        ],
    )
    def test_an_odd_value_is_told_by_its_option_before_anybody_is_asked(
        self, run: Run, platform: Platform, email: str, duration: str, said: str
    ) -> None:
        result = run("site", "share", NEW, "--email", email, "--for", duration)
        assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
        assert control.statistics(platform.state)["requests"] == {}


class TestManagers:
    def test_assign_names_who_is_removed_and_sends_the_moment_of_expiry(
        self, run: Run, client: Client
    ) -> None:
        lukasz = next(row for row in client.installer.list("lukasz"))
        until = "2039-12-31T18:00:00+01:00"
        result = run(
            "site", "assign", TOKYO, "--installer", f"{lukasz['email']}={until}", "--dry-run", "-o", "json"
        )
        assert "removes Jürgen Müller" in result.stderr
        (plan,) = result.json
        expiry = round(datetime.fromisoformat(until).timestamp() * 1000)
        assert plan["url"].endswith("/api/hpcgw/v2/site/assign")
        assert plan["body"] == {
            "siteIds": [site_id(client, TOKYO)],
            "installerPermissionTimes": [{"installerId": lukasz["id"], "expiredDurationTime": expiry}],
        }

    def test_the_question_shows_the_end_on_the_clock_of_the_site(self, run: Run) -> None:
        until = "2039-12-31T18:00:00+01:00"
        asked = run("site", "assign", TOKYO, "--installer", f"lukasz@nordlicht.example={until}")
        assert asked.exit_code == 2
        assert "(until 2040-01-01 02:00:00)" in asked.stderr

    def test_managers_are_replaced_but_the_admin_stays(self, run: Run, client: Client) -> None:
        result = run("site", "assign", TOKYO, BAKERY, "--installer", "lukasz@nordlicht.example", "--yes")
        assert result.exit_code == 0, result.stderr
        assert "nobody" not in result.stderr
        names = {
            name: [row["installerFirstName"] for row in client.site.managers(site_id(client, name))]
            for name in (TOKYO, BAKERY)
        }
        assert names == {TOKYO: ["Łukasz"], BAKERY: ["Anna", "Łukasz"]}

    def test_a_permission_ends(self, client: Client, platform: Platform) -> None:
        tokyo = site_id(client, TOKYO)
        lukasz = next(row for row in client.installer.list("lukasz"))["id"]
        end = datetime.now(UTC) + timedelta(hours=1)
        client.site.assign([tokyo], {lukasz: end})
        (manager,) = client.site.managers(tokyo)
        assert manager["expireDurationTime"] == round(end.timestamp() * 1000)
        with seed.open_state(platform.state) as store:
            store.put("managers", tokyo, {lukasz: 1})
        assert [row["installerFirstName"] for row in client.site.managers(tokyo)] == ["Anna"]

    def test_the_list_shows_the_end_on_the_clock_of_the_site(self, run: Run, client: Client) -> None:
        lukasz = next(row for row in client.installer.list("lukasz"))["id"]
        end = datetime(2039, 12, 31, 12, tzinfo=UTC)
        client.site.assign([site_id(client, TOKYO)], {lukasz: end})
        assert "2039-12-31 21:00:00" in run("site", "managers", TOKYO).stdout
        assert "2039-12-31 12:00:00Z" in run("site", "managers", TOKYO, "--utc").stdout

    @pytest.mark.parametrize(
        ("installer", "words"),
        [("stranger@example.org", "no employee"), ("lukasz@nordlicht.example=2001-01-01", "past")],
    )
    def test_bad_installers_are_named_and_nothing_is_sent(
        self, run: Run, platform: Platform, installer: str, words: str
    ) -> None:
        result = run("site", "assign", TOKYO, "--installer", installer, "--yes")
        assert result.exit_code == 2
        assert "--installer" in result.stderr
        assert words in result.stderr
        assert sent(platform, "v2/site/assign") == 0

    def test_101_installers_are_too_many(self, client: Client) -> None:
        with pytest.raises(UsageError, match="101 installers were given; at most 100"):
            client.site.assign(["s"], {str(number): None for number in range(101)})

    @pytest.mark.parametrize("fault", ["nodata", "textdata"])
    def test_managers_that_are_not_known_are_not_replaced(
        self, run: Run, platform: Platform, fault: str
    ) -> None:
        platform.configure(faults={f"{fault}@site/sitemanagers": 1.0})
        result = run(
            *("site", "assign", TOKYO, "--installer", "lukasz@nordlicht.example", "--yes", "-o", "json")
        )
        assert (result.exit_code, result.error["kind"]) == (7, "protocol")
        assert sent(platform, "v2/site/assign") == 0


def test_a_part_of_a_name_leads_to_the_site(client: Client) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.site.find("kiefern")
    assert "Did you mean 'Neubau Kiefernweg 7'?" in (caught.value.hint or "")


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
        assert "error: --account: 'me' is no account" in result.stderr
        assert control.statistics(platform.state)["requests"] == {}


def age_share(state: Path, site: str, seconds: float) -> None:
    """Let an offer be older than it is."""
    with seed.open_state(state) as store:
        offer = store.get("share", site)
        assert offer is not None
        store.change("share", site, askedAt=offer["askedAt"] - seconds)
