"""`hpcli alarms`: subscriptions, the journal looked at, single pictures."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hpcli.alarms.event.event import EVENT_FIELDS
from hpcli.sandbox import DEFAULT_DEVICE, control, verification_code
from tests.support.platform_server import Platform
from tests.support.runner import Result, Runner

PANEL, ARC_PANEL = DEFAULT_DEVICE, "Q19323594"


pytestmark = pytest.mark.usefixtures("account")


def tail(hpcli: Runner, count: int, *options: str) -> Result:
    result = hpcli("alarms", "tail", "--limit", str(count), "-o", "ndjson", *options)
    assert result.exit_code == 0, result.stderr
    return result


# Subscriptions


def subscribed(platform: Platform) -> set[str]:
    with platform.client() as client:
        return {row["deviceSerial"] for row in client.device.list() if row["isSubscribed"]}


def serials(platform: Platform) -> list[str]:
    with platform.client() as client:
        return sorted(row["deviceSerial"] for row in client.device.list())


def test_devices_are_subscribed_and_unsubscribed(hpcli: Runner, platform: Platform) -> None:
    one, two, *_ = serials(platform)
    assert hpcli("alarms", "unsubscribe", "--all", "--yes").stderr == "Unsubscribed from all devices.\n"
    assert subscribed(platform) == set()
    assert hpcli("alarms", "subscribe", one, two).stderr == f"Subscribed to {one}.\nSubscribed to {two}.\n"
    assert subscribed(platform) == {one, two}
    hpcli("alarms", "unsubscribe", two, "--yes")
    assert subscribed(platform) == {one}
    assert hpcli("alarms", "subscribe", "--all").stdout == ""
    assert len(subscribed(platform)) == len(serials(platform))


def test_one_unknown_device_keeps_no_other_from_being_subscribed(hpcli: Runner, platform: Platform) -> None:
    one, *_ = serials(platform)
    hpcli("alarms", "unsubscribe", "--all", "--yes")
    result = hpcli("alarms", "subscribe", one, "X99999999", "-o", "json")
    assert result.exit_code == 9
    assert [(row["target"], row["ok"]) for row in result.json] == [(one, True), ("X99999999", False)]
    assert subscribed(platform) == {one}


@pytest.mark.parametrize("arguments", [[], ["--all", PANEL], ["no-serial"]])
def test_serials_or_all_are_named(hpcli: Runner, platform: Platform, arguments: list[str]) -> None:
    before = control.statistics(platform.state)["requests"]
    assert hpcli("alarms", "subscribe", *arguments).exit_code == 2
    assert hpcli("alarms", "unsubscribe", *arguments, "--yes").exit_code == 2
    assert control.statistics(platform.state)["requests"] == before


def test_unsubscribing_asks(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli("alarms", "unsubscribe", PANEL)
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert PANEL in subscribed(platform)


def test_a_dry_run_subscribes_to_nothing_and_remembers_nothing(
    hpcli: Runner, platform: Platform, home: Path
) -> None:
    result = hpcli("alarms", "unsubscribe", "--all", "--dry-run", "-o", "json")
    assert result.json[0]["body"] == {"subType": 0, "subMode": "all"}
    assert PANEL in subscribed(platform)
    assert list(home.rglob("subscription.json")) == []


def test_serials_come_from_stdin(hpcli: Runner, platform: Platform) -> None:
    hpcli("alarms", "unsubscribe", "--all", "--yes")
    hpcli("alarms", "subscribe", "-", stdin="\n".join(serials(platform)[:3]))
    assert subscribed(platform) == set(serials(platform)[:3])


# Looking back


def test_history_prints_what_tail_kept_in_every_format(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary")
    platform.trigger("motion")
    told = tail(hpcli, 2).rows
    assert hpcli("alarms", "history", "-o", "json").json == told
    assert hpcli("alarms", "history", "-o", "ndjson").rows == told
    assert hpcli("alarms", "history", "-o", "ids").lines == [event["id"] for event in told]
    assert hpcli("alarms", "history", "-o", "csv").lines[0] == "TIME,SITE,DEVICE,CATEGORY,TEXT,ID"
    assert "Burglary alarm" in hpcli("alarms", "history").stdout
    assert list(told[0]) == list(EVENT_FIELDS)


def test_events_have_the_account_number_that_was_set_here(hpcli: Runner, platform: Platform) -> None:
    assert hpcli("arc", "set-account", ARC_PANEL, "0814", "--dry-run").exit_code == 0
    platform.trigger("burglary", device=ARC_PANEL)
    (before,) = tail(hpcli, 1).rows
    assert hpcli("arc", "set-account", ARC_PANEL, "0815", "--yes").exit_code == 0
    platform.trigger("burglary", device=ARC_PANEL)
    (after,) = tail(hpcli, 1).rows
    assert (before["account"], before["accountSource"]) == (None, None)
    assert (after["account"], after["accountSource"]) == ("0815", "set-account")


def test_history_filters(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary")
    platform.trigger("motion")
    burglary, motion = tail(hpcli, 2).rows

    def found(*options: str) -> list[str]:
        return hpcli("alarms", "history", "-o", "ids", *options).lines

    assert found("--type", "VMD") == [motion["id"]]
    assert found("--type", "vmd,cidevent") == [burglary["id"], motion["id"]]
    assert found("--device", PANEL) == [burglary["id"]]
    assert found("--site", burglary["site"]["name"]) == [burglary["id"]]
    assert found("--site", unicodedata.normalize("NFD", burglary["site"]["name"])) == [burglary["id"]]
    assert found("--site", motion["site"]["id"]) == [motion["id"]]
    assert found("--category", "video") == [motion["id"]]
    assert found("--text", "BURGLARY") == [burglary["id"]]
    assert len(found("--since", "1h")) == 2
    assert found("--until", "1h") == []
    assert hpcli("alarms", "history", "--category", "weather").exit_code == 2
    assert hpcli("alarms", "history", "--since", "soon").exit_code == 2


def test_history_ends_with_the_newest_of_a_limit(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    ids = [event["id"] for event in tail(hpcli, 3).rows]
    assert hpcli("alarms", "history", "--limit", "2", "-o", "ids").lines == ids[1:]
    reading = hpcli.start("alarms", "history", "-f", "--limit", "1", "-o", "ids")
    assert reading.stdout is not None
    assert reading.stdout.readline() == f"{ids[2]}\n"
    reading.terminate()
    assert "No tail is running on this computer" in reading.communicate()[1]


def test_tables_show_every_time_on_the_clock_of_the_site(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("deviceoffline")
    event = tail(hpcli, 1).rows[0]
    moment = datetime.fromisoformat(event["time"])
    assert moment.utcoffset() == timedelta(0), "the message tells UTC"
    on_site = moment.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"{on_site:%Y-%m-%d %H:%M:%S}" in hpcli("alarms", "history", "-o", "table").stdout
    assert f"{on_site:%Y-%m-%d %H:%M:%S}" in hpcli("alarms", "show", event["id"], "-o", "table").stdout
    assert f"{moment:%Y-%m-%d %H:%M:%S}Z" in hpcli("alarms", "history", "--utc", "-o", "table").stdout


def test_history_names_an_unknown_type_and_still_looks(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion")
    tail(hpcli, 1)
    result = hpcli("alarms", "history", "--type", "flood")
    assert result.exit_code == 0
    assert "'flood' is not a known event type" in result.stderr
    assert "Did you mean 'videoloss'?" in hpcli("alarms", "history", "--type", "videolos").stderr


def test_history_names_devices_and_sites_without_events(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary")
    site = tail(hpcli, 1).rows[0]["site"]
    names = site["name"], unicodedata.normalize("NFD", site["name"]), site["id"]
    known = hpcli(
        "alarms", "history", "--device", PANEL, *(word for name in names for word in ("--site", name))
    )
    assert known.stderr == ""
    result = hpcli("alarms", "history", "--device", f"{PANEL},NOPE", "--site", "Nowhere")
    assert result.exit_code == 0
    assert "The journal has no events of device NOPE;" in result.stderr
    assert "The journal has no events of site 'Nowhere';" in result.stderr
    assert f"device {PANEL}" not in result.stderr
    near = hpcli("alarms", "history", "--site", site["name"].replace("ü", "u"), "--device", PANEL[:-1])
    assert f"Did you mean '{site['name']}'?" in near.stderr
    assert f"Did you mean '{PANEL}'?" in near.stderr
    quiet = hpcli("alarms", "history", "--device", "E61958117", "--site", "東京倉庫").stderr
    assert "Did you mean" not in quiet, "they exist, but nothing happened there"


def test_history_refuses_a_range_that_ends_before_it_begins(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion")
    tail(hpcli, 1)
    result = hpcli("alarms", "history", "--since", "1h", "--until", "2h", "-o", "json")
    assert (result.exit_code, result.error["message"]) == (2, "The time range ends before it begins.")


def test_history_follows_a_running_tail(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary")
    tail(hpcli, 1)
    reading = hpcli.start("alarms", "history", "-f", "-o", "ndjson")
    assert reading.stdout is not None
    first = json.loads(reading.stdout.readline())
    platform.trigger("motion")
    told = tail(hpcli, 1).rows
    assert json.loads(reading.stdout.readline()) == told[0]
    assert first["type"] == "cidEvent"
    reading.terminate()
    assert reading.wait(60) == 0
    reading.communicate()


def test_history_without_a_journal_says_what_makes_one(hpcli: Runner) -> None:
    result = hpcli("alarms", "history", "-o", "json")
    assert (result.exit_code, result.error["hint"]) == (11, "`hpcli alarms tail` creates it.")


def test_show_prints_one_event_whole(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary", picture="plain")
    burglary = tail(hpcli, 2, "--decrypt").rows[0]
    shown = hpcli("alarms", "show", burglary["id"], "-o", "json").json
    assert [picture["state"] for picture in shown["pictures"]] == ["saved", "saved"]
    assert shown["raw"] == burglary["raw"]
    table = hpcli("alarms", "show", burglary["id"], "-o", "table")
    assert shown["pictures"][0]["file"] in table.stdout
    assert hpcli("alarms", "show", "nothing").exit_code == 4


def test_status_tells_how_the_tail_is(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    tail(hpcli, 1)
    status = hpcli("alarms", "status", "-o", "json").json
    assert (status["events"], status["waiting"], status["unconfirmed"]) == (3, 2, 0)
    assert status["reader"] is None
    assert status["lastPoll"] >= status["lastMessage"]
    assert status["lastPollSeconds"] < 3600
    assert status["unknown"] == []
    assert "none on this computer" in hpcli("alarms", "status", "-o", "table").stdout


# Upkeep


def test_prune_asks_and_removes_what_was_printed(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    tail(hpcli, 2)
    refused = hpcli("alarms", "prune", "--older", "0")
    assert refused.exit_code == 2
    assert "3 events" in refused.stderr
    assert hpcli("alarms", "prune", "--older", "0", "--dry-run").exit_code == 0
    assert len(hpcli("alarms", "history", "-o", "ids").lines) == 3
    assert "Removed 2 events" in hpcli("alarms", "prune", "--older", "0", "--yes").stderr
    assert len(hpcli("alarms", "history", "-o", "ids").lines) == 1
    assert hpcli("alarms", "prune").stderr == "The journal has no events that old.\n"


def test_prune_keeps_to_the_configured_size(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=600)
    tail(hpcli, 600)
    hpcli("alarms", "prune", "--yes")
    before = hpcli("alarms", "status", "-o", "json").json
    assert before["events"] == 600
    hpcli("config", "set", "journal-size", "100k")
    if hpcli("config", "get", "journal-size").exit_code != 0:
        pytest.fail("journal-size cannot be configured")
    hpcli("alarms", "prune", "--yes")
    assert hpcli("alarms", "status", "-o", "json").json["events"] < 600


# Single pictures


def stored_picture(platform: Platform, hpcli: Runner, kind: str) -> str:
    platform.trigger("door", picture=kind)
    return str(tail(hpcli, 1).rows[0]["pictures"][0]["url"])


def test_picture_prints_the_link_of_a_path(hpcli: Runner, platform: Platform) -> None:
    path = stored_picture(platform, hpcli, "platform")
    link = hpcli("alarms", "picture", path, "-o", "json").json
    assert link["encrypt"] is True
    assert link["pictureUrl"].startswith(platform.base_url)


@pytest.mark.parametrize("kind", ["device", "platform"])
def test_picture_saves_and_decrypts(hpcli: Runner, platform: Platform, tmp_path: Path, kind: str) -> None:
    address = stored_picture(platform, hpcli, kind)
    raw, plain = tmp_path / "raw.bin", tmp_path / "door.jpg"
    assert hpcli("alarms", "picture", address, "--save", str(raw)).exit_code == 0
    assert raw.read_bytes().startswith(b"hikencodepicture")
    result = hpcli("alarms", "picture", address, "--save", str(plain), "--decrypt", "-o", "json")
    assert result.exit_code == 0, result.stderr
    assert result.json[0]["encryption"] == kind
    assert plain.read_bytes().startswith(b"\xff\xd8\xff")


def test_picture_refuses_what_is_no_picture(hpcli: Runner, tmp_path: Path) -> None:
    assert hpcli("alarms", "picture", "hall.jpg").exit_code == 2
    assert hpcli("alarms", "picture", "ISAPI_FILES/x", "--decrypt").exit_code == 2
    missing = hpcli("alarms", "picture", "ISAPI_FILES/nothing", "--save", str(tmp_path / "x.jpg"))
    assert "LAP035004" in missing.stderr
    assert list(tmp_path.glob("*.jpg")) == []


def encrypted(platform: Platform, hpcli: Runner, kind: str, path: Path) -> str:
    address = stored_picture(platform, hpcli, kind)
    hpcli("alarms", "picture", address, "--save", str(path))
    return address


def test_decrypt_opens_files_with_the_devices_key(hpcli: Runner, platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "door.enc"
    address = encrypted(platform, hpcli, "device", file)
    serial = address.partition("deviceSerialNo=")[2][:9]
    result = hpcli("alarms", "decrypt", str(file), "--device", serial, "-o", "json")
    assert result.exit_code == 0, result.stderr
    assert [Path(row["file"]).name for row in result.json] == ["door.jpg"]
    assert (tmp_path / "door.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    out = tmp_path / "out"
    typed = hpcli(
        "alarms", "decrypt", str(file), "--key-stdin", "--save-dir", str(out), stdin=verification_code(serial)
    )
    assert typed.exit_code == 0
    assert (out / "door.jpg").exists()


def test_decrypt_opens_files_of_the_platform_with_checksum_and_time(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "door.enc"
    path = encrypted(platform, hpcli, "platform", file)
    _, time, checksum = path.partition("$encrypt=")[2].split(",")
    result = hpcli("alarms", "decrypt", str(file), "--checksum", checksum, "--time", time, "-o", "json")
    assert result.json[0]["encryption"] == "platform"


def test_decrypt_splits_a_file_with_several_pictures(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "three.enc"
    address = encrypted(platform, hpcli, "several", file)
    serial = address.partition("deviceSerialNo=")[2][:9]
    result = hpcli("alarms", "decrypt", str(file), "--device", serial, "-o", "ids")
    assert len(result.lines) == len(list(tmp_path.glob("*.jpg"))) == 3


def test_decrypt_tells_a_wrong_key_and_leaves_nothing(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "pictures" / "door.enc"
    encrypted(platform, hpcli, "device", file)
    result = hpcli("alarms", "decrypt", str(file), "--key-stdin", "-o", "json", stdin="WRONGKEY")
    assert result.exit_code == 1
    assert "Wrong key" in result.error["message"]
    assert list(file.parent.iterdir()) == [file]


def test_decrypt_tells_a_key_of_the_wrong_kind_and_what_is_no_picture(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    file, text = tmp_path / "door.enc", tmp_path / "hosts"
    encrypted(platform, hpcli, "platform", file)
    result = hpcli("alarms", "decrypt", str(file), "--key-stdin", "-o", "json", stdin="ABCDEF")
    assert "--checksum and --time" in result.error["hint"]
    text.write_text("127.0.0.1 localhost\n")
    refused = hpcli("alarms", "decrypt", str(text), "--key-stdin", "-o", "json", stdin="ABCDEF")
    assert (refused.exit_code, refused.error["message"]) == (1, f"{text} is not a picture.")
    assert set(tmp_path.glob("hosts*")) == {text}


def test_decrypt_goes_on_behind_a_file_that_cannot_be_opened(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "door.enc"
    address = encrypted(platform, hpcli, "device", file)
    serial = address.partition("deviceSerialNo=")[2][:9]
    result = hpcli("alarms", "decrypt", str(tmp_path / "nothing"), str(file), "--device", serial, "-o", "ids")
    assert result.exit_code == 9
    assert result.lines == [str(tmp_path / "door.jpg")]


def test_a_full_disk_leaves_no_half_picture(hpcli: Runner, platform: Platform, tmp_path: Path) -> None:
    address = stored_picture(platform, hpcli, "plain")
    command = f'ulimit -f 1; exec "{hpcli.program}" alarms picture "{address}" --save "{tmp_path}/full/x.jpg"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 11, done.stderr
    assert done.stderr.startswith("error: ")
    assert list((tmp_path / "full").iterdir()) == []
