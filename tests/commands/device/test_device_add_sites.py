"""`device add --from FILE --add-sites`: the devices and the sites that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.sandbox import control, verification_code
from tests.support.platform_server import Platform
from tests.support.runner import Run

CAMERA, RECORDER = "K77120045", "E77410009"
LISTING = "POST /api/hpcgw/v1/device/list"


def code(serial: str) -> str:
    return verification_code(serial)


FILE = (
    "serial,code,site,time-zone,city\n"
    "{0},{1},New one,Europe/Berlin,Ulm\n{2},{3},New one,,\n{4},WRONGX,New two,,\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "devices.csv"
    file.write_text(FILE.format(CAMERA, code(CAMERA), RECORDER, code(RECORDER), "K77120046"))
    return file


def test_sites_of_a_file_are_added_once_with_their_first_device(run: Run, file: Path) -> None:
    arguments = ("device", "add", "--from", str(file), "--add-sites", "--time-zone", "Europe/London")
    plan = run(*arguments, "--dry-run")
    assert "+ line 2: site 'New one': time zone Europe/Berlin; city Ulm\n" in plan.stderr
    assert "Plan: 5 new (+)." in plan.stderr
    assert plan.stdout.count("v1/site/add") == 2
    result = run(*arguments)
    assert (result.exit_code, result.stderr.count("Added the site")) == (9, 2)
    rows = run("site", "list", "--where", "name ~ new", "--sort", "name", "-o", "json").json
    assert [(row["siteName"], row["timeZone"], row.get("siteCity") or None) for row in rows] == [
        ("New one", "133", "Ulm"),
        ("New two", "48", None),
    ]
    assert set(run("device", "list", "--site", "New one", "-o", "ids").lines) == {CAMERA, RECORDER}
    again = run(*arguments)
    assert "Added the site" not in again.stderr


def test_devices_of_a_new_site_are_listed_once(run: Run, platform: Platform, file: Path) -> None:
    rows = [f"{serial},{code(serial)},New one,{name}" for serial, name in ((CAMERA, "A"), (RECORDER, "B"))]
    file.write_text("\n".join(["serial,code,site,name", *rows]))
    before = control.statistics(platform.state)["requests"].get(LISTING, 0)
    run("device", "add", "--from", str(file), "--add-sites", "--time-zone", "133")
    listings = control.statistics(platform.state)["requests"][LISTING] - before
    assert listings == 2, "one looks for what is there already, one for the ids of the new devices"
    names = run("device", "list", "--site", "New one", "--sort", "name", "-o", "json").json
    assert [row["deviceName"] for row in names] == ["A", "B"]


def test_without_the_option_or_a_time_zone_a_site_is_not_added(run: Run, file: Path) -> None:
    unknown = run("device", "add", "--from", str(file))
    assert (unknown.exit_code, "--add-sites" in unknown.stderr) == (4, True)
    assert run("site", "list", "--where", "name ~ new", "-o", "ids").lines == []
    plan = run("device", "add", "--from", str(file), "--add-sites", "--dry-run")
    said = "The site 'New two' is new, and its time-zone is empty."
    assert (plan.exit_code, f"! line 4: K77120046: {said}" in plan.stderr) == (2, True)
    result = run("device", "add", "--from", str(file), "--add-sites", "--report", str(file) + ".done")
    assert (result.exit_code, f"Line 4: {said}" in result.stderr) == (2, True)
    assert Path(f"{file}.done").read_text().splitlines()[1:3] == [
        f"2,{CAMERA},left,,,",
        f"3,{RECORDER},left,,,",
    ]
    assert run("log", "list", "-o", "json").json == [], "nothing is sent while a line is wrong"


def test_lines_that_contradict_each_other_about_a_site_are_wrong(run: Run, file: Path) -> None:
    lines = [("Berlin", "Ulm"), ("133", ""), ("", "ulm"), ("London", "Bonn"), ("MEZ", "Ulm")]
    rows = [f"K7712004{at},ABCDEF,New one,{zone},{city}" for at, (zone, city) in enumerate(lines)]
    file.write_text("\n".join(["serial,code,site,time-zone,city", *rows]))
    for also in ((), ("--dry-run",)):
        result = run("device", "add", "--from", str(file), "--add-sites", *also)
        assert result.exit_code == 2
        for said in (
            "The city of the site 'New one' is 'ulm' in this line, but 'Ulm' in line 2.",
            "The time-zone of the site 'New one' is 'London' in this line, but 'Berlin' in line 2.",
            "The city of the site 'New one' is 'Bonn' in this line, but 'Ulm' in line 2.",
            "'MEZ' is not a known name",
        ):
            assert said in result.stderr
        assert "Mitteleuropa" not in result.stderr
    assert run("log", "list", "-o", "json").json == []


def test_a_file_of_devices_is_not_one_of_sites_whose_names_it_has(run: Run, file: Path) -> None:
    file.write_text(f"serial,code,site,name\n{CAMERA},{code(CAMERA)},New one,Door\n")
    result = run("site", "add", "--from", str(file), "--time-zone", "133")
    assert (result.exit_code, "device add --from FILE --add-sites" in result.stderr) == (2, True)
