"""Adding devices: by serial, with codes that are not arguments, and from CSV files."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from hpcli.client import Client
from hpcli.client.device.devices import NewDevice, add_refusal, is_ours_already
from hpcli.errors import UsageError
from hpcli.sandbox import control, verification_code
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

BAKERY, HOTEL = "Bäckerei Grünwald", "Harbour View Hotel"
CAMERA, RECORDER = "K77120045", "E77410009"
LISTING = "POST /api/hpcgw/v1/device/list"
FOREIGN, PRESENT, DOOR = "F88000001", "Q10254783", "C94115305"


def added(platform: Platform) -> int:
    return control.statistics(platform.state)["requests"].get("POST /api/hpcgw/v2/device/add", 0)


def code(serial: str) -> str:
    return verification_code(serial)


class TestCodes:
    def test_they_come_from_a_file_and_are_hidden_in_a_plan(
        self, run: Run, platform: Platform, tmp_path: Path
    ) -> None:
        codes = tmp_path / "codes.txt"
        codes.write_text(f"# labels\n{CAMERA}:{code(CAMERA)}\n\n{RECORDER}:A:B\n")
        arguments = ("device", "add", CAMERA, RECORDER, "--site", BAKERY, "--codes", f"@{codes}")
        result = run(*arguments, "--dry-run", "-o", "json")
        assert result.json[0]["body"]["deviceList"] == [
            {"deviceSerial": CAMERA, "validateCode": "***"},
            {"deviceSerial": RECORDER, "validateCode": "***"},
        ]
        assert added(platform) == 0
        result = run(*arguments)
        assert (result.exit_code, f"{CAMERA} was added." in result.stderr) == (9, True)
        assert f"{RECORDER}: Incorrect device verification code. (EVZ20010)" in result.stderr

    def test_they_are_asked_for_and_not_shown(self, hpcli: Runner, platform: Platform) -> None:
        terminal = hpcli.on_terminal(
            "device", "add", CAMERA, "--site", BAKERY, environment=platform.environment
        )
        terminal.wait_for(f"Verification code of {CAMERA}: ")
        terminal.type(f"{code(CAMERA)}\n")
        assert terminal.finish() == 0
        assert f"{CAMERA} was added." in terminal.shown
        assert code(CAMERA) not in terminal.shown

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ((f"{CAMERA}:ABCDEF",), "can read a verification code"),
            ((CAMERA, "--codes", "ABCDEF"), "can read a verification code"),
            ((CAMERA,), "cannot be asked"),
        ],
    )
    def test_they_are_no_arguments(
        self, run: Run, platform: Platform, arguments: tuple[str, ...], said: str
    ) -> None:
        result = run("device", "add", *arguments, "--site", BAKERY)
        assert (result.exit_code, said in result.stderr, "--codes" in result.stderr) == (2, True, True)
        assert "ABCDEF" not in result.stderr
        assert added(platform) == 0

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("nonsense\n", "Line 1"),
            (f"{CAMERA}:A\n{CAMERA}:B\n", "Line 2"),
            (f"{RECORDER}:A\n", "no line for"),
        ],
    )
    def test_a_wrong_list_is_told_by_line(self, run: Run, platform: Platform, text: str, said: str) -> None:
        result = run("device", "add", CAMERA, "--site", BAKERY, "--codes", "-", stdin=text)
        assert (result.exit_code, said in result.stderr, added(platform)) == (2, True, 0)


class TestImport:
    def test_it_reports_each_line_and_may_be_run_again(
        self, run: Run, client: Client, tmp_path: Path
    ) -> None:
        file = tmp_path / "devices.csv"
        file.write_text(
            "\ufeffSerial;Code;Site;Name;Info\n"
            f"{CAMERA};{code(CAMERA)};;Hof;rack 4\n"
            f"{RECORDER};{code(RECORDER)};{HOTEL};;\n"
            f"{FOREIGN};ABCDEF;;;\n",
            encoding="utf-8",
        )
        first = run("device", "add", "--from", str(file), "--site", BAKERY, "-o", "json")
        assert [
            (row["target"], row["ok"], row["data"]["line"], row["data"]["outcome"]) for row in first.json
        ] == [
            (CAMERA, True, 2, "added"),
            (RECORDER, True, 3, "added"),
            (FOREIGN, False, 4, "failed"),
        ]
        assert first.exit_code == 9
        row = client.device.find(CAMERA)
        assert (row["deviceName"], row["extInfo"], row["siteName"]) == ("Hof", "rack 4", BAKERY)
        again = run("device", "add", "--from", str(file), "--site", BAKERY)
        assert again.exit_code == 9
        assert f"line 2: {CAMERA} is already there." in again.stderr
        assert f"line 4: {FOREIGN}: The device has been added by another account. (EVZ20013)" in again.stderr

    def test_a_device_that_is_there_keeps_its_name_unless_asked(self, run: Run, client: Client) -> None:
        text = f"serial,code,site,name,info\n{PRESENT},X,{BAKERY},Shop panel,rack 9\n"
        arguments = ("device", "add", "--from", "-")
        kept = run(*arguments, stdin=text)
        before = client.device.find(PRESENT)
        assert (before["deviceName"], before["extInfo"]) == ("Bakery alarm panel", "")
        assert kept.exit_code == 0
        assert f"= line 2: {PRESENT} is already there (name differs: 'Bakery alarm panel', not" in kept.stderr
        assert "not 'Shop panel'; info differs: '', not 'rack 9'; --update changes it)." in kept.stderr
        (row,) = run(*arguments, "-o", "json", stdin=text).json
        assert (row["ok"], row["data"]["outcome"]) == (True, "already there")
        assert row["data"]["differences"]["name"] == {"before": "Bakery alarm panel", "wanted": "Shop panel"}

        changed = run(*arguments, "--update", "-o", "json", stdin=text)
        assert changed.json[0]["data"]["outcome"] == "updated"
        assert (
            f"~ line 2: {PRESENT}: name 'Bakery alarm panel' → 'Shop panel'; info '' → 'rack 9'"
            in changed.stderr
        )
        after = client.device.find(PRESENT)
        assert (after["deviceName"], after["extInfo"]) == ("Shop panel", "rack 9")
        again = run(*arguments, "--update", stdin=text)
        assert f"line 2: {PRESENT} is already there." in again.stderr

    def test_a_plan_renames_what_is_there_only_when_asked(self, run: Run, platform: Platform) -> None:
        text = f"serial,code,site,name\n{PRESENT},X,{BAKERY},Shop panel\n{CAMERA},X,{BAKERY},Hof\n"
        arguments = ("device", "add", "--from", "-", "--dry-run", "-o", "json")
        kept, changed = (run(*arguments, *more, stdin=text).json for more in ((), ("--update",)))
        assert [plan["body"].get("deviceName") for plan in kept] == [None, "Hof"]
        assert [plan["body"].get("deviceName") for plan in changed] == ["Shop panel", None, "Hof"]
        assert [plan["body"]["deviceList"][0]["deviceSerial"] for plan in (kept[0], changed[1])] == [
            CAMERA
        ] * 2
        assert added(platform) == 0

    def test_a_plan_says_row_by_row_what_is_new_and_sends_nothing_for_what_is_there(
        self, run: Run, platform: Platform
    ) -> None:
        rows = (f"{CAMERA},X,{BAKERY},", f"{PRESENT},X,{BAKERY},Shop panel", f"{DOOR},X,{BAKERY},")
        text = "\n".join(["serial,code,site,name", *rows, f"{RECORDER.lower()},X,{HOTEL},Hof", ""])
        result = run("device", "add", "--from", "-", "--dry-run", stdin=text)
        wanted = "not 'Shop panel'; --update changes it)"
        hint = f"Delete it there first: `hpcli device delete {DOOR}`."
        assert result.stderr.splitlines() == [
            f"+ line 2: {CAMERA}: to the site '{BAKERY}'",
            f"= line 3: {PRESENT}: already there (name differs: 'Bakery alarm panel', {wanted}",
            f"! line 4: {DOOR}: The device is already on the site '東京倉庫'. {hint}",
            f"+ line 5: {RECORDER}: to the site '{HOTEL}', named 'Hof'",
            "Plan: 2 new (+), 1 unchanged (=), 1 not possible (!).",
            "error: 1 of 4 rows cannot be done.",
        ]
        assert result.exit_code == 9
        assert PRESENT not in result.stdout
        assert DOOR not in result.stdout
        update = run("device", "add", "--from", "-", "--dry-run", "--update", stdin=text)
        assert f"~ line 3: {PRESENT}: name 'Bakery alarm panel' → 'Shop panel'" in update.stderr
        requests = control.statistics(platform.state)["requests"]
        assert requests["POST /api/hpcgw/v1/device/list"] == 2
        assert added(platform) == 0

    @pytest.mark.parametrize("words", [("--from", "-"), (PRESENT.lower(), "--site", BAKERY, "--codes", "-")])
    def test_a_plan_for_what_is_all_there_is_empty(
        self, run: Run, platform: Platform, words: tuple[str, ...]
    ) -> None:
        text = f"{PRESENT.lower()}:X" if "--codes" in words else f"serial,code,site\n{PRESENT},X,{BAKERY}\n"
        plan = run("device", "add", *words, "--dry-run", "-o", "json", stdin=text)
        assert (plan.json, plan.exit_code, added(platform)) == ([], 0, 0)
        assert "already there" in plan.stderr

    def test_a_second_import_asks_for_nothing_but_the_devices_that_are_missing(
        self, run: Run, platform: Platform
    ) -> None:
        text = (
            f"serial,code,site\n{CAMERA},{code(CAMERA)},{BAKERY}\n{PRESENT},X,{BAKERY}\n{DOOR},X,{BAKERY}\n"
        )
        first = run("device", "add", "--from", "-", "-o", "json", stdin=text)
        assert [row["data"]["outcome"] for row in first.json] == ["added", "already there", "failed"]
        assert (added(platform), first.exit_code) == (1, 9)
        second = run("device", "add", "--from", "-", "-o", "json", stdin=text)
        assert [row["data"]["outcome"] for row in second.json] == ["already there", "already there", "failed"]
        assert (added(platform), second.exit_code) == (1, 9)

    def test_update_needs_a_file(self, run: Run) -> None:
        assert run("device", "add", PRESENT, "--site", BAKERY, "--update").exit_code == 2

    def test_a_device_on_another_site_is_no_success(self, run: Run) -> None:
        result = run("device", "add", "--from", "-", stdin=f"serial,code,site\n{PRESENT},ABCDEF,{HOTEL}\n")
        assert (result.exit_code, f"already on the site '{BAKERY}'" in result.stderr) == (1, True)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("serial,site\nA1,x\n", "The column code is missing."),
            ("", "The file is empty."),
            ("serial,code,site\n", "The file has no rows."),
            ("serial,code,site\nA1,B,x\nA1,C,x\n", "Line 3: serial A1 is already in line 2."),
            ("serial,code,site\nA1,B,x\n\nA_2,B,x\n", "Line 4: 'A_2' is not a device serial."),
            ("serial,code,site\nA1,BBBBBBBBBBBBBBBBBBB,x\n", "Line 2: The verification code of A1 has 19"),
            ("serial,code,site\nA1,B,\n", "Line 2: site is empty."),
            (
                "serial,code,site,info\nA1,B,x," + "i" * 257 + "\n",
                "Line 2: The info has 257 characters; at most 256",
            ),
            ("serial,code,site\nA1,B,x,y\n", "Line 2: 4 cells under 3 columns."),
        ],
    )
    def test_the_whole_file_is_checked_first(
        self, run: Run, platform: Platform, text: str, said: str
    ) -> None:
        result = run("device", "add", "--from", "-", stdin=text)
        assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
        assert control.statistics(platform.state)["requests"] == {}

    def test_a_plan_names_the_devices_too(self, run: Run, platform: Platform) -> None:
        text = f"serial,code,site,name\n{CAMERA},A,{BAKERY},Hof\n{RECORDER},A,{HOTEL},\nA1,A,{BAKERY},Tor\n"
        plans = run("device", "add", "--from", "-", "--dry-run", "-o", "json", stdin=text).json
        assert [plan["url"].rpartition("hpcgw/")[2] for plan in plans] == [
            "v2/device/add",
            "v1/device/update",
            "v2/device/add",
            "v1/device/update",
        ]
        assert [plan["body"].get("deviceName") for plan in plans] == [None, "Hof", None, "Tor"]
        assert plans[1]["body"]["deviceId"] == f"<id of {CAMERA}>"
        assert len(plans[0]["body"]["deviceList"]) == 2
        assert added(platform) == 0

    def test_an_unknown_site_of_the_option_is_not_the_error_of_a_line(
        self, run: Run, platform: Platform
    ) -> None:
        empty = f"serial,code\n{CAMERA},{code(CAMERA)}\n"
        option = run("device", "add", "--from", "-", "--site", "Nowhere", stdin=empty)
        assert (option.exit_code, "Line" in option.stderr) == (4, False)
        assert added(platform) == 0

    def test_unknown_columns_are_told(self, run: Run) -> None:
        text = f"serial,code,site,colour\n{CAMERA},{code(CAMERA)},{BAKERY},red\n"
        assert "The column colour is ignored." in run("device", "add", "--from", "-", stdin=text).stderr


class TestClient:
    def test_the_lists_of_the_answer_are_returned(self, client: Client) -> None:
        site_id = client.site.find(BAKERY)["id"]
        answer = client.device.add(site_id, [NewDevice(CAMERA, code(CAMERA)), NewDevice(PRESENT, "X")])
        assert [row["deviceSerial"] for row in answer["addSuccessList"]] == [CAMERA]
        error = add_refusal(answer["addFailedList"][0])
        assert (error.code, is_ours_already(error)) == ("EVZ20017", True)

    def test_a_reason_without_a_code_is_told_as_it_is(self) -> None:
        assert str(add_refusal({"failReason": "too many"})) == "too many."

    def test_fifty_a_call_and_each_once(self, platform: Platform, client: Client) -> None:
        many = [NewDevice(f"A{number}", "X") for number in range(51)]
        with pytest.raises(UsageError, match="at most 50"):
            client.device.add("site", many)
        with pytest.raises(UsageError, match="given twice"):
            client.device.add("site", [many[0], many[0]])
        assert added(platform) == 0

    def test_a_code_shows_in_no_representation(self) -> None:
        assert "GEHEIM" not in repr(NewDevice(CAMERA, "GEHEIM"))


def test_a_wrong_site_is_told_before_codes_are_asked_for(run: Run, platform: Platform) -> None:
    result = run("device", "add", CAMERA, "--site", "Nosuch")
    assert (result.exit_code, "Nosuch" in result.stderr, added(platform)) == (4, True, 0)


def test_every_wrong_line_is_told_and_an_unknown_serial_has_advice(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(f"serial,code,site\nK7712004X9,ABCDEF,{BAKERY}\nA1,,{BAKERY}\nA2,ABCDEF,\n")
    lines = run("device", "add", "--from", str(file)).stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Line 2", "Line 3", "Line 4", "error", "hint"]
    file.write_text(f"serial,code,site\nZ99999999,ABCDEF,{BAKERY}\n")
    assert "Check the serial and the code on the label" in run("device", "add", "--from", str(file)).stderr


ROWS = f"serial;code;site;name\r\n{CAMERA};{code(CAMERA)};{BAKERY};Tür\r\n"


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode("cp1252"),
        ROWS.replace(";", "\t").encode("utf-16"),
        ROWS.encode("utf-8-sig") + b"\x1a",
        ROWS.replace("\r\n", "\r").encode(),
        unicodedata.normalize("NFD", ROWS).encode(),
        f"sep=;\r\n{ROWS}".encode("cp1252"),
    ],
    ids=["cp1252", "utf-16 with tabs", "Ctrl-Z", "CR", "NFD", "sep= in cp1252"],
)
def test_a_file_is_read_as_spreadsheets_save_it(
    run: Run, client: Client, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "devices.csv").write_bytes(content)
    result = run("device", "add", "--from", str(tmp_path / "devices.csv"))
    assert result.exit_code == 0, result.stderr
    assert ("cp1252" in result.stderr) == (b"\xfc" in content and b"\0" not in content)
    if "cp1252" in result.stderr:
        assert f"The file ({tmp_path / 'devices.csv'}) is not UTF-8" in result.stderr
    row = client.device.find(CAMERA)
    assert (unicodedata.normalize("NFC", str(row["deviceName"])), row["siteName"]) == ("Tür", BAKERY)
    again = run("device", "add", "--from", "-", stdin=ROWS)
    assert f"line 2: {CAMERA} is already there." in again.stderr


def test_control_characters_are_refused_by_line_and_column(run: Run, platform: Platform) -> None:
    text = f"serial,code,site,name\n{CAMERA},ABCDEF,{BAKERY},Do\x07or\n"
    result = run("device", "add", "--from", "-", stdin=text)
    assert (result.exit_code, added(platform)) == (2, 0)
    assert "Line 2: column 4 (name): a control character (U+0007) is not allowed here." in result.stderr


def test_a_call_that_is_refused_as_a_whole_is_tried_by_halves(
    run: Run, platform: Platform, tmp_path: Path
) -> None:
    serials = ("K77120045", "K77120046")
    codes = tmp_path / "codes"
    codes.write_text("".join(f"{serial}:{verification_code(serial)}\n" for serial in serials))
    codes.chmod(0o600)
    run("site", "list")  # signs in
    platform.configure(next_faults=["LAP008128@device/add"])
    done = run(
        "device", "add", *serials, "--site", "Harbour View Hotel", "--codes", f"@{codes}", "-o", "json"
    )
    assert [(row["target"], row["ok"]) for row in done.json] == [(serial, True) for serial in serials]
    outcomes = [row["outcome"] for row in run("log", "list", "--command", "device add", "-o", "json").json]
    assert outcomes == ["done", "done", "failed"]
