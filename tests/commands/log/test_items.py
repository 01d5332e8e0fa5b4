"""The log of changes and calls that answer item by item."""

from __future__ import annotations

from pathlib import Path

from hpcli.sandbox import verification_code
from tests.support.platform_server import Platform
from tests.support.runner import Run

HOTEL, GOOD, BAD = "Harbour View Hotel", "K77120045", "K77120046"


def test_items_of_a_call_are_logged_one_by_one_and_a_rename_among_them_is_undone(
    run: Run, platform: Platform, tmp_path: Path
) -> None:
    assert platform.base_url
    file = tmp_path / "devices.csv"
    file.write_text(f"serial,code,site\n{GOOD},{verification_code(GOOD)},{HOTEL}\n{BAD},WRONGX,{HOTEL}\n")
    assert run("device", "add", "--from", str(file)).exit_code == 9
    (failed,) = run("log", "list", "--failed", "-o", "json").json
    assert (failed["outcome"], failed["code"]) == ("partial", "EVZ20010")
    assert [item["target"] for item in failed["failed"]] == [BAD]
    assert run("log", "list", "--failed", "--target", GOOD, "-o", "json").json == []
    assert run("log", "list", "--failed", "--target", BAD, "-o", "json").json == [failed]

    file.write_text(f"serial,code,site,name\n{GOOD},{verification_code(GOOD)},{HOTEL},Front door\n")
    before = run("device", "show", GOOD, "-o", "json").json["deviceName"]
    assert run("device", "add", "--from", str(file), "--update").exit_code == 0
    renamed = run("log", "list", "-o", "json").json[0]
    assert GOOD in renamed["targets"]
    shown = run("log", "show", str(renamed["id"]))
    assert f"deviceName {before} → Front door" in shown.stdout
    assert run("log", "undo", str(renamed["id"]), "--yes").exit_code == 0
    assert run("device", "show", GOOD, "-o", "json").json["deviceName"] == before
