"""Sharing a site with another company: offers, answers, the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.client import Client
from hpcli.errors import ConflictError, HpcliError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.commands.site.demo_sites import BAKERY, HOTEL, NEW, site_id
from tests.support.platform_server import Platform
from tests.support.runner import Run


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
            ("partner", "4h", "error: --email: 'partner' is not an e-mail address."),
        ],
    )
    def test_an_odd_value_is_told_by_its_option_before_anybody_is_asked(
        self, run: Run, platform: Platform, email: str, duration: str, said: str
    ) -> None:
        result = run("site", "share", NEW, "--email", email, "--for", duration)
        assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
        assert control.statistics(platform.state)["requests"] == {}


def age_share(state: Path, site: str, seconds: float) -> None:
    """Let an offer be older than it is."""
    with seed.open_state(state) as store:
        offer = store.get("share", site)
        assert offer is not None
        store.change("share", site, askedAt=offer["askedAt"] - seconds)
