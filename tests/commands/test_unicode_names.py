"""Names that are typed in another Unicode normal form, or in other capitals, than the platform keeps them."""

from __future__ import annotations

import json
import unicodedata

import pytest

from hpcli.client import Client
from hpcli.local.person_book import PersonBook
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run

NFC, NFD = "Caf\xe9 Sol", "Cafe\u0301 Sol"
FORMS = [(NFC, NFD), (NFD, NFC), (NFC, NFC), (NFD, NFD)]


def requests(platform: Platform, path: str) -> int:
    return control.statistics(platform.state)["requests"].get(f"POST /api/hpcgw/{path}", 0)


@pytest.fixture
def client(platform: Platform) -> Client:
    platform.configure(answer_seconds=0)
    return platform.client()


@pytest.mark.parametrize(("kept", "typed"), FORMS)
def test_a_site_is_found_by_any_normal_form(
    run: Run, client: Client, platform: Platform, kept: str, typed: str
) -> None:
    site = client.site.add(kept, "Europe/Berlin")
    asked = requests(platform, "v1/site/search")
    assert run("site", "show", typed, "-o", "ids").lines == [site["id"]]
    assert requests(platform, "v1/site/search") - asked == 2
    assert run("site", "list", "--search", typed[:5], "-o", "ids").lines == [site["id"]]


def test_a_site_is_found_in_other_capitals_if_only_one_is_meant(run: Run, client: Client) -> None:
    for name in ("Villa Rosa", "VILLA ROSA", "Strasse 1"):
        client.site.add(name, "Europe/Berlin")
    assert run("site", "show", "STRASSE 1", "-o", "json").json["siteName"] == "Strasse 1"
    assert run("site", "show", "Villa Rosa", "-o", "json").json["siteName"] == "Villa Rosa"
    assert run("site", "show", "villa rosa").exit_code == 4


@pytest.mark.parametrize(("kept", "typed"), FORMS[:2])
def test_an_end_user_is_found_by_any_normal_form(run: Run, client: Client, kept: str, typed: str) -> None:
    kept, typed = (f"{name.replace(' ', '')}@sol.example" for name in (kept, typed))
    (panel,) = (row for row in client.device.list() if row["deviceSerial"] == "Q10254783")
    site = str(panel["siteID"])
    client.site.hand_over(
        site,
        [kept],
        [
            {
                "deviceSerial": "Q10254783",
                "ax2PermissionDetails": {"ax2Permission": [1], "areaPermission": ["-1"]},
            }
        ],
    )
    assert run("customer", "show", site, typed, "-o", "ids").lines == ["Q10254783"]
    change = ("customer", "permit", site, typed, "--device", "Q10254783:disarm", "--yes")
    assert run(*change).exit_code == 0
    assert run("customer", "remove", site, typed, "--yes").exit_code == 0
    assert kept not in [row["hcAccount"] for row in client.customer.list(site)]


def test_devices_are_searched_in_any_normal_form(run: Run, client: Client) -> None:
    row = client.device.find("Q10254783")
    client.device.update(str(row["id"]), NFD)
    assert run("device", "list", "--search", NFC.upper(), "-o", "ids").lines == ["Q10254783"]


def test_the_person_book_knows_a_number_in_any_normal_form(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("book") / "persons.json"
    path.write_text(json.dumps({NFD: "id-1"}), encoding="utf-8")
    book = PersonBook(path)
    assert (book.find(NFC), book.find(NFD)) == ("id-1", "id-1")
    book.note(NFC, "id-2")
    assert book.entries() == {unicodedata.normalize("NFC", NFD): "id-2"}
