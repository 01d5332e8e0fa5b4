"""The managers of a site, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hpcli.client import Client
from hpcli.errors import UsageError
from hpcli.sandbox.state import seed
from tests.commands.site.demo_sites import BAKERY, TOKYO, sent, site_id
from tests.support.platform_server import Platform
from tests.support.runner import Run


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
        assert "(until 2040-01-01 02:00:00+09:00)" in asked.stderr

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
