"""Sites: the commands, the client's checks, and the lifecycle that the stand-in gives them."""

from __future__ import annotations

import pytest

from hpcli.client import Client
from hpcli.commands.framework.site_table import SITES
from hpcli.errors import NotFoundError, TimeLimitError, UsageError
from hpcli.output.cells import cell_text
from tests.commands.site.demo_sites import BAKERY, HOTEL, sent, site_id
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner


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

    def test_several_names_are_several_sites(self, run: Run, platform: Platform) -> None:
        added = run("site", "add", "--name", "Hof Nord", "--name", "#2, Hof Süd", "--time-zone", "133")
        sites = platform.client().site
        ids = [sites.find(name)["id"] for name in ("Hof Nord", "#2, Hof Süd")]
        assert (added.exit_code, added.lines) == (0, ids)

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
            terminal = hpcli.on_terminal("site", "delete", BAKERY, environment=platform.environment)
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


def test_a_part_of_a_name_leads_to_the_site(client: Client) -> None:
    with pytest.raises(NotFoundError) as caught:
        client.site.find("kiefern")
    assert "Did you mean 'Neubau Kiefernweg 7'?" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (
            {
                "siteStreet": "Allee 12",
                "location": "80639 München",
                "siteCity": "München",
                "siteState": "Bayern",
            },
            "Allee 12, 80639 München, Bayern",
        ),
        ({"siteStreet": "Weg 7", "siteCity": "Berlin", "siteState": "Berlin"}, "Weg 7, Berlin"),
        ({"siteStreet": "Yorkstreet 1", "siteCity": "York"}, "Yorkstreet 1, York"),
        ({}, ""),
    ],
)
def test_an_address_names_its_city_once(row: dict[str, str], shown: str) -> None:
    (column,) = (column for column in SITES.columns if column.title == "ADDRESS")
    assert cell_text(column, row) == shown
