"""`fleet export` and `snapshot`: what a file has, what it costs, and going on after an interruption."""

from __future__ import annotations

import json
import os
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hpcli.client.site import SiteCalls
from hpcli.sandbox import control, verification_code
from tests.commands.fleet.conftest import load, site_named
from tests.support.platform_server import Platform
from tests.support.runner import Run

Count = Callable[[Platform, Callable[[], Any]], Counter[str]]
BAKERY, MARIA, PANEL = "Bäckerei Grünwald", "maria.gruenwald@baeckerei.example", "Q10254783"


@pytest.mark.parametrize("name", ["fleet.json", "fleet.yaml", "fleet.zip"])
def test_a_file_has_the_account_and_fits_the_schema(reads: Run, tmp_path: Path, name: str) -> None:
    result = reads("fleet", "export", str(tmp_path / name), "-o", "json")
    assert (result.exit_code, result.json["sites"], result.json["devices"]) == (0, 7, 31), result.stderr
    document = load(tmp_path / name)
    Draft202012Validator(reads("fleet", "schema", "-o", "json").json).validate(document)
    bakery = site_named(document, BAKERY)
    assert bakery["managers"][0]["email"] == "anna.berg@nordlicht.example"
    assert bakery["customers"][0]["account"] == MARIA
    assert bakery["customers"][0]["permissions"]["Q10254801"] == {"live": "all", "playback": [1, 2]}
    assert bakery["customers"][1]["account"] == "+498955501200"
    panel, recorder = bakery["devices"][:2]
    assert (panel["firmware"], panel["online"], panel["arc"]) == ("V1.2.9 build 230412", "online", None)
    assert ("channels" in recorder) == (name == "fleet.zip")
    assert bakery["devices"][3]["offlineSince"].endswith("Z")
    school = site_named(document, "Colegio San Martín")
    assert school["devices"][0]["arc"] == {"id": "arc-4711", "company": "Central Receptora Ibérica"}
    assert school["share"]["shareFromCompany"]["companyName"] == "Seguridad Ibérica"


def test_yaml_and_json_are_the_same_document(reads: Run, tmp_path: Path) -> None:
    documents = []
    for name in ("fleet.json", "fleet.yaml"):
        assert reads("fleet", "export", str(tmp_path / name)).exit_code == 0
        document = load(tmp_path / name)
        documents.append({key: value for key, value in document.items() if key not in ("begun", "made")})
    for site in (site for document in documents for site in document["sites"]):
        for device in site["devices"]:
            device.pop("offlineSince", None)  # the stand-in counts it from now
    assert documents[0] == documents[1]


def test_a_workbook_has_a_sheet_of_each_kind_and_is_for_people(reads: Run, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    file = tmp_path / "fleet.xlsx"
    assert reads("fleet", "export", str(file)).exit_code == 0
    book = load_workbook(file)
    assert book.sheetnames == ["Sites", "Devices", "Managers", "End users"]
    assert [cell.value for cell in book["Devices"][2]][1:3] == [PANEL, "Bakery alarm panel"]


def test_stdout_gets_json_and_nothing_else(reads: Run) -> None:
    result = reads("fleet", "export", "-")
    assert (len(result.json["sites"]), result.exit_code) == (7, 0)


@pytest.mark.parametrize("name", ["fleet.txt", "fleet", "missing/fleet.json"])
def test_a_wrong_name_is_refused_before_anything_is_read(
    reads: Run, demo: Platform, calls: Count, tmp_path: Path, name: str
) -> None:
    codes: list[int] = []
    counts = calls(demo, lambda: codes.append(reads("fleet", "export", str(tmp_path / name)).exit_code))
    assert (codes[0] in (2, 11), counts) == (True, Counter())


@pytest.mark.parametrize(("fault", "sites"), [("LAP000000", 7), ("nodata", 4)])
def test_what_cannot_be_read_is_named_and_the_rest_is_written(
    run: Run, platform: Platform, tmp_path: Path, fault: str, sites: int
) -> None:
    run("site", "list")  # signs in
    platform.configure(faults={f"{fault}@customer/list": 1.0})
    result = run("fleet", "export", str(tmp_path / "fleet.json"))
    document = load(tmp_path / "fleet.json")
    assert (result.exit_code, document["complete"], len(document["unread"])) == (9, False, sites)
    assert sum("customers" not in site for site in document["sites"]) == sites, "no list is no empty list"
    assert all(site["managers"] for site in document["sites"])
    assert bool(_unfinished()) == (fault == "nodata"), "what is refused is refused again"


def interrupt_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let the reading be interrupted when the managers of some sites were read."""
    asked: list[str] = []
    original = SiteCalls.managers

    def managers(self: SiteCalls, site_id: str) -> Sequence[Any]:
        asked.append(site_id)
        if len(asked) > count:
            raise KeyboardInterrupt
        return original(self, site_id)

    monkeypatch.setattr(SiteCalls, "managers", managers)


def test_an_interrupted_export_goes_on_where_it_was(
    run: Run, platform: Platform, calls: Count, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.reset(platform.state, sites=20, devices=0)
    file = str(tmp_path / "fleet.json")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 14)
        stopped = run("fleet", "export", file)
        for thread in threading.enumerate():
            if thread.name == "fan-out":  # a process that is interrupted takes these with it
                thread.join()
    assert stopped.exit_code == 130
    assert "sites are read; the same command goes on there." in stopped.stderr
    (kept,) = _unfinished()
    known = len(kept.read_text().splitlines()) - 1
    assert 0 < known <= 14
    counts = calls(platform, lambda: run("fleet", "export", file))
    assert (counts["site/sitemanagers"], counts["site/customer/list"]) == (20 - known, 20 - known)
    assert all(site["managers"] for site in load(Path(file))["sites"])
    assert _unfinished() == []
    assert calls(platform, lambda: run("fleet", "export", file))["site/sitemanagers"] == 20


def _unfinished() -> list[Path]:
    return list(Path(os.environ["XDG_STATE_HOME"]).rglob("unfinished*.jsonl"))


def test_300_sites_cost_their_pages_three_calls_a_site_and_one_an_end_user(
    run: Run, platform: Platform, calls: Count, tmp_path: Path
) -> None:
    control.reset(platform.state, sites=300, devices=302)
    sites = run("site", "list", "-o", "ids").lines
    device = run("device", "list", "--site", sites[1], "-o", "json").json[1]["deviceSerial"]
    invite = (
        "--account",
        "a@example.org",
        "--account",
        "b@example.org",
        "--device",
        f"{device}:live",
        "--yes",
    )
    invited = run("site", "handover", sites[1], *invite)
    counts = calls(platform, lambda: run("fleet", "export", str(tmp_path / "fleet.json")))
    document = load(tmp_path / "fleet.json")
    customers = sum(len(site["customers"]) for site in document["sites"])
    assert (len(document["sites"]), customers) == (300, 2), invited.stderr
    assert counts["site/search"] + counts["device/list"] == 3 + 4
    assert counts["site/customer/detail"] == 2
    assert counts.total() <= 3 + 4 + 3 * 300 + 2
    assert counts["site/health/report"] < 300, "only sites with a device that is offline"


def test_an_archive_costs_one_call_a_device_more(
    reads: Run, demo: Platform, calls: Count, tmp_path: Path
) -> None:
    plain = calls(demo, lambda: reads("fleet", "export", str(tmp_path / "fleet.json")))
    archive = calls(demo, lambda: reads("fleet", "export", str(tmp_path / "fleet.zip")))
    assert archive.total() - plain.total() == 31
    with zipfile.ZipFile(BytesIO((tmp_path / "fleet.zip").read_bytes())) as opened:
        assert opened.namelist() == ["fleet.json"]


def test_a_snapshot_is_kept_until_it_is_old(reads: Run, home: Path) -> None:
    assert reads("fleet", "snapshot").exit_code == 0
    result = reads("fleet", "snapshot", "--keep", "0s", "-o", "json")
    (kept,) = home.rglob("snapshots/*.json.gz")
    assert (result.json["sites"], result.json["file"]) == (7, str(kept))
    assert kept.stat().st_mode & 0o777 == 0o600
    assert any("removed 1 older one" in json.loads(line)["notice"] for line in result.stderr.splitlines())


def test_no_secret_is_in_a_file(reads: Run, tmp_path: Path, demo: Platform) -> None:
    assert reads("fleet", "export", str(tmp_path / "fleet.json")).exit_code == 0
    text = (tmp_path / "fleet.json").read_text()
    assert verification_code(PANEL) not in text
    assert demo.app_key not in text
    assert (tmp_path / "fleet.json").stat().st_mode & 0o777 == 0o600
