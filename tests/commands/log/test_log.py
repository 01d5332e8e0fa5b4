"""`hpcli log`: every change is written before and after it is sent, and nothing else is."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.support.platform_server import Platform
from tests.support.runner import Run

HOTEL, PANEL, CAMERA = "Harbour View Hotel", "Q10254783", "F55121300"


def log_of(run: Run, *arguments: str) -> list[dict[str, Any]]:
    return list(run("log", "list", *arguments, "-o", "json").json)


def state(home: Path) -> Path:
    return home / ".local/state/hpcli"


def test_a_change_is_listed_with_who_what_and_why(run: Run) -> None:
    run("site", "update", HOTEL, "--street", "Citadel Road 5", "--reason", "they moved")
    (change,) = log_of(run)
    assert (change["command"], change["outcome"], change["reason"]) == ("site update", "done", "they moved")
    assert change["line"] == f"hpcli site update '{HOTEL}' --street 'Citadel Road 5' --reason 'they moved'"
    assert HOTEL in change["targets"]
    assert change["sent"]["siteStreet"] == "Citadel Road 5"
    assert change["before"][change["targets"][0]]["siteStreet"] != "Citadel Road 5"
    assert change["user"]
    assert change["host"]
    assert change["ended"] >= change["time"]


def test_a_change_that_was_refused_is_listed_with_the_error(run: Run) -> None:
    result = run("site", "add", "--name", HOTEL, "--time-zone", "Europe/London")
    assert result.exit_code == 1
    (change,) = log_of(run, "--failed")
    assert (change["outcome"], change["code"]) == ("failed", "LAP008000")
    assert log_of(run, "--command", "site add") == log_of(run, "--command", "site") == [change]
    assert log_of(run, "--command", "sit") == []


def test_a_change_whose_answer_was_lost_is_unknown(run: Run, platform: Platform) -> None:
    run("site", "list")  # signs in
    platform.configure(next_faults=["reset"])
    assert run("site", "add", "--name", "New", "--time-zone", "Europe/London").exit_code == 7
    assert [change["outcome"] for change in log_of(run, "--failed")] == ["unknown"]


def test_a_dry_run_and_reading_calls_are_not_logged(run: Run, home: Path) -> None:
    run("site", "update", HOTEL, "--street", "x", "--dry-run")
    run("site", "list")
    run("device", "info", PANEL)
    assert not (state(home) / "changes.db").exists()
    assert log_of(run) == []


def test_only_its_user_can_read_the_log(run: Run, home: Path) -> None:
    run("device", "update", PANEL, "--name", "Shop")
    assert stat.S_IMODE((state(home) / "changes.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "command",
    [
        ("ptz", "move", CAMERA, "1", "--pan", "10", "--for", "1s"),
        ("hotspare", "heartbeat", "5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f"),
    ],
)
def test_moves_and_heartbeats_are_not_logged(run: Run, command: tuple[str, ...]) -> None:
    run(*command)
    assert log_of(run) == []


def test_no_secret_reaches_the_log(run: Run, home: Path, tmp_path: Path) -> None:
    photo = tmp_path / "face.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + bytes(200))
    data = '{"ChannelInfo": {"password": "geheim-1", "odd": "geheim-2"}}'
    run("device", "isapi", "PUT", "/ISAPI/System/x", PANEL, "--data", data, "--yes")
    run("api", "v1/site/share", "-X", "POST", "--data", '{"pinCode": "geheim-3"}', "--yes")
    run("person", "add", "--employee-no", "77", "--family-name", "F", "--given-name", "G", "--card", "99887766",
        "--photo", str(photo))  # fmt: skip
    codes = tmp_path / "codes"
    codes.write_text("F99999999:GEHEIM\n")
    codes.chmod(0o600)
    run("device", "add", "F99999999", "--site", HOTEL, "--codes", f"@{codes}")
    changes = log_of(run)
    assert len(changes) == 4
    content = b"".join(file.read_bytes() for file in state(home).glob("changes.db*"))
    for secret in (b"geheim", b"GEHEIM", b"99887766"):
        assert secret not in content
    photos = [change["sent"]["facePicture"] for change in changes if change["command"] == "person add"]
    assert photos[0]["bytes"] == 203
    assert len(photos[0]["sha256"]) == 64


def test_a_value_of_an_unlisted_name_is_not_kept(run: Run) -> None:
    run("device", "isapi", "PUT", "/ISAPI/System/deviceInfo", PANEL, "--yes",
        "--data", "<DeviceInfo><deviceName>Shop</deviceName><other>x</other></DeviceInfo>")  # fmt: skip
    assert "<other>" not in log_of(run)[0]["line"]
    assert log_of(run)[0]["sent"] == {"DeviceInfo": {"deviceName": "Shop", "other": "***"}}


def test_a_log_that_cannot_be_written_is_named_once_and_the_change_goes_on(run: Run, home: Path) -> None:
    state(home).mkdir(parents=True)
    (state(home) / "changes.db").write_bytes(b"This is not a database, but a text of some length." * 40)
    result = run("panel", "bypass", PANEL, "1", "2", "--yes")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.count("log of changes") == 1
    assert "changes.db cannot be written" in result.stderr


def test_the_log_of_the_sandbox_is_kept_apart(run: Run, hpcli: Run) -> None:
    run("device", "update", PANEL, "--name", "Shop")
    hpcli("--profile", "sandbox", "device", "update", PANEL, "--name", "Sandbox")
    (mine,) = log_of(run)
    (there,) = hpcli("--profile", "sandbox", "log", "list", "-o", "json").json
    assert mine["sent"]["deviceName"], there["sent"]["deviceName"] == ("Shop", "Sandbox")
    assert run("log", "show", str(there["id"])).exit_code == 4


def test_show_prints_the_values_before_and_after(run: Run) -> None:
    run("device", "update", PANEL, "--name", "Shop")
    number = log_of(run)[0]["id"]
    shown = run("log", "show", str(number), "-o", "json").json
    assert shown["sent"]["deviceName"] == "Shop"
    (before,) = shown["before"].values()
    assert before["deviceName"]
    assert before["deviceName"] != "Shop"
    assert run("log", "show", "999").exit_code == 4


def test_a_device_is_found_by_its_serial_though_the_call_has_its_id(run: Run) -> None:
    run("device", "update", PANEL, "--name", "Shop")
    run("device", "update", CAMERA, "--name", "Door")
    assert [change["sent"]["deviceName"] for change in log_of(run, "--target", PANEL)] == ["Shop"]
    assert log_of(run, "--target", PANEL, "--since", "2h", "--until", "1h") == []


def test_forget_removes_values_and_leaves_the_fact(run: Run, home: Path) -> None:
    run("device", "update", PANEL, "--name", "Hartmann-Shop", "--reason", "Mr Hartmann")
    run("device", "update", CAMERA, "--name", "Door")
    result = run("log", "forget", PANEL, "--yes")
    assert result.stderr == "Removed the values of 1 change.\n"
    kept, forgotten = log_of(run)
    assert kept["sent"]["deviceName"] == "Door"
    assert (forgotten["sent"], forgotten["before"], forgotten["targets"]) == (None, None, [])
    assert (forgotten["line"], forgotten["reason"]) == ("device update", None)
    content = b"".join(file.read_bytes() for file in state(home).glob("changes.db*"))
    assert b"Hartmann" not in content


def test_prune_removes_what_is_older(run: Run) -> None:
    run("device", "update", PANEL, "--name", "Shop")
    assert "no changes that old" in run("log", "prune", "--older", "1d", "--yes").stderr
    assert run("log", "prune", "--older", "1d").exit_code == 0
    assert run("log", "prune", "--older", "0s").exit_code == 2
    assert len(log_of(run)) == 1
    assert run("log", "prune", "--older", "0s", "--yes").stderr == "Removed 1 change from the log.\n"
    assert log_of(run) == []


def test_hold_has_a_reason_of_its_own(run: Run) -> None:
    assert "Why they are kept" in run("alarms", "hold", "--help").stdout
    assert "--reason" in run("alarms", "hold", "x").stderr


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("site", "update", HOTEL, "--street", "Citadel Road 5"), "street {} → Citadel Road 5"),
        (("device", "update", PANEL, "--name", "Shop"), "name {} → Shop"),
    ],
)
def test_a_change_says_old_and_new(run: Run, command: tuple[str, ...], words: str) -> None:
    done = run(*command)
    begin, end = words.split("{}")
    assert begin in done.stderr
    assert end in done.stderr


def test_the_log_survives_without_a_login_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    run("device", "update", PANEL, "--name", "Shop")
    assert log_of(run)[0]["user"] == str(os.getuid())


def test_a_person_is_found_by_number_name_and_id_and_a_device_by_serial_also_where_calls_have_other_ids(
    run: Run,
) -> None:
    door = "C94115305"
    new = ("--employee-no", "E1", "--family-name", "Mayer", "--given-name", "Anna")
    (person,) = run("person", "add", *new).lines
    run("access", "grant", door, "--person", "E1", "--yes")
    run("access", "revoke", "--everywhere", "--person", person, "--yes")
    commands = ["access revoke", "access grant", "person add"]
    for word in ("E1", "anna mayer", person):
        assert [change["command"] for change in log_of(run, "--target", word)] == commands, word
    run("device", "update", CAMERA, "--name", "Foo")
    renamed = log_of(run, "--target", CAMERA)[0]["id"]
    run("log", "undo", str(renamed), "--yes")
    undo, change = log_of(run, "--target", CAMERA)
    assert (undo["undoes"], undo["undoneBy"], change["undoneBy"]) == (renamed, None, undo["id"])
    assert f"done, undone by {undo['id']}" in run("log", "show", str(renamed)).stdout
    assert run("log", "forget", "e1", "--yes").exit_code == 0
    assert log_of(run, "--target", person) == []
    assert person not in str(log_of(run))


@pytest.mark.parametrize("panels", ["Q10254783", "Q10254783,Q19323594"])
def test_each_area_has_the_outcome_that_was_said(run: Run, panels: str) -> None:
    run("panel", "disarm", panels, "2", "--yes")
    for outcome in ("arming", "done already"):
        result = run("panel", "arm", panels, "1,2", "--mode", "away", "--no-wait")
        assert result.exit_code == 9, outcome
        assert "Area 2: The panel refused to arm: Back door (zone 6) is open." in result.stderr
        assert "hint: Close it, or bypass it: `hpcli panel bypass Q10254783 6`." in result.stderr
        count = len(panels.split(","))
        changes = [row for row in log_of(run) if row["command"] == "panel arm"][: 2 * count]
        said = sorted((change["part"], change["outcome"]) for change in changes)
        assert said == [("area 1", "done")] * count + [("area 2", "failed")] * count
        assert all("Back door" in change["message"] for change in changes if change["part"] == "area 2")
    listed = run("log", "list", "-o", "plain")
    assert "Q10254783 area 2" in listed.stdout
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)\t", listed.lines[1])
    if panels == PANEL:
        assert "0 unknown, 1 left: area 2." in run("log", "resume").stderr
