"""Code lists, error codes, time zones and the health table."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hpcli import errors, reference
from hpcli.errors import UsageError
from hpcli.reference.codes import code_list, code_list_names, shareable_permissions
from hpcli.reference.device_errors import device_codes, device_codes_by_name, device_codes_by_number
from hpcli.reference.health import health_values, judge_health
from hpcli.reference.platform_errors import platform_error, platform_errors

PACKAGE = Path(reference.__file__).parent


# Values of the guide, kept here a second time on purpose: a code lost from codes.json has to be noticed.
GUIDE_CODES: dict[str, set[object]] = {
    "deviceCategory": {1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 99},
    "deviceSubCategory": set(range(14)),
    "deviceOnlineStatus": {0, 1, 2},
    "channelStatus": {-1, 0, 1},
    "applyTimeType": {-1, 0, 1, 2, 3, 4},
    "accountType": {0, 1},
    "customerStatus": {"0", "1", "2", "3", "4"},
    "permission": {0, 1, 2, 3, 4, 5, 6},
    "ax2Permission": {0, 1, 6, 7, 8, *range(10, 25)},
    "arcAx2PermissionList": {*range(10, 20), *range(21, 25), 39, 40, 41, 42, 45},
    "arcAx2PermissionListAxHome": {5, 6, 7, 8},
    "CCTVEventList": {*range(8), *range(9, 18)},
    "arcEnablePermission": {0, 1, None},
    "arcEventPermission": {0, 1, None},
    "diskStatus": {0, 1, 2, 3, *range(5, 17)},
    "upgradeStatue": set(range(9)),
    "mqSubType": {0, 1},
    "mqSubMode": {"all", "list"},
    "pictureEncrypt": {0, 1, 2},
    "personType": {0, 1, 2},
    "privilegeStatus": {0, 1, 2},
    "privilegeSubStatusBits": {1, 2, 4, 8},
    "taskStates": {0, 1, 2},
    "recType": {0, 1, 2},
    "localType": {"0", "1", "2"},
    "hotSpareType": {0, 1, 2, 3},
    "opspackType": {1, 2},
    "X-Userlevel": {0, 1},
    "X-UserType": {"installer", "administrator", "operator"},
    "evttype": {"11", "12", "13", "31", "32", "33"},
    "allPartitions": {0xFFFFFFFF},
}


class TestCodeLists:
    @pytest.mark.parametrize("name", GUIDE_CODES)
    def test_list_has_the_codes_of_the_guide(self, name: str) -> None:
        assert {code.value for code in code_list(name).codes} == GUIDE_CODES[name]

    def test_all_lists_of_the_guide_are_kept(self) -> None:
        assert len(code_list_names()) == 174

    @pytest.mark.parametrize("name", code_list_names())
    def test_names_lead_to_one_code_and_back(self, name: str) -> None:
        codes = code_list(name)
        for code in codes.codes:
            assert codes.label(code.value) == code.label
            if code.value is not None:
                assert codes.value_of(code.name) == code.value

    @pytest.mark.parametrize("name", code_list_names())
    def test_names_are_words_for_the_command_line(self, name: str) -> None:
        for code in code_list(name).codes:
            assert code.name.replace("-", "").isalnum()
            assert code.name == code.name.lower()
            assert code.label
            assert code.meaning

    @pytest.mark.parametrize("text", ["two-way", "17", "", "-1"])
    def test_unknown_word_is_refused_with_the_valid_ones(self, text: str) -> None:
        with pytest.raises(UsageError, match="live, playback, talk, alarm, call, ptz, share"):
            code_list("permission").value_of(text)

    def test_misspelt_word_gets_the_right_one_suggested(self) -> None:
        with pytest.raises(UsageError) as caught:
            code_list("permission").value_of("plaiback")
        assert "playback" in str(caught.value.hint)

    def test_no_list_is_emptied_by_a_typing_error(self) -> None:
        with pytest.raises(UsageError) as caught:
            code_list("CCTVEventList").value_of("nope")
        assert "none" not in (caught.value.hint or "")

    @pytest.mark.parametrize("text", ["4h", "4H", "4 hours", "2", " 2 ", "02"])
    def test_name_label_and_number_mean_the_same(self, text: str) -> None:
        assert code_list("applyTimeType").value_of(text) == 2

    @pytest.mark.parametrize("text", ["panel", "AlarmHost", "alarmhost", "Alarm panel", "3"])
    def test_the_vendors_words_are_known_too(self, text: str) -> None:
        assert code_list("deviceCategory").value_of(text) == 3

    @pytest.mark.parametrize("text", ["not-enabled", "not Enabled", "notEnabled", "NOT_ENABLED"])
    def test_case_blanks_and_dashes_do_not_matter(self, text: str) -> None:
        assert code_list("cellConnectStatus").value_of(text) == "not Enabled"

    def test_minus_is_no_dash_in_a_number(self) -> None:
        assert code_list("channelStatus").label("-1") == "Unknown"
        assert code_list("channelStatus").label(1) == "Online"

    def test_null_is_a_label_but_no_option(self) -> None:
        codes = code_list("arcEnablePermission")
        assert codes.label(None) == "Failed"
        with pytest.raises(UsageError):
            codes.value_of("failed")

    @pytest.mark.parametrize(
        ("name", "value", "label"),
        [
            ("onlineStatus", 1, "Online"),
            ("onlineStatus", "1", "Online"),
            ("onlineStatus", True, "Online"),
            ("onlineStatus", False, "Offline"),
            ("tamperStatus", True, "Enabled"),
            ("tamperStatus", "false", "Disabled"),
            ("customerStatus", 2, "Pending"),
            ("ipcStatus", "normal ", "Connected"),
            ("deviceCategory", 17, "unknown (17)"),
            ("deviceCategory", "Toaster", "unknown (Toaster)"),
            ("deviceCategory", "9" * 5000, f"unknown ({'9' * 5000})"),
            ("deviceCategory", None, ""),
            ("deviceCategory", "", ""),
        ],
    )
    def test_label_reads_every_form_on_the_wire(self, name: str, value: object, label: str) -> None:
        assert code_list(name).label(value) == label

    def test_permissions_depend_on_the_category(self) -> None:
        def names(category: int) -> set[str]:
            return set(shareable_permissions(category).names)

        assert names(1) == names(2) == names(7) == names(10) == {"live", "playback", "talk", "alarm", "ptz"}
        assert names(4) == names(5) == names(8) == {"live", "playback", "talk", "alarm", "call"}
        assert names(9) == {"live", "playback", "alarm", "ptz"}
        assert names(11) == set()
        assert {"arm", "disarm", "bypass"} <= names(3)
        assert names(99) == set(code_list("permission").names)

    def test_panel_events_name_the_parent_that_goes_along(self) -> None:
        parents = {code.value: code.parent for code in code_list("arcAx2PermissionList").codes}
        assert {value for value, parent in parents.items() if parent == 39} == set(range(10, 19))
        assert {value for value, parent in parents.items() if parent == 40} == {21, 22, 23, 24}
        assert (parents[19], parents[45]) == (41, 42)
        assert all(parents[parent] is None for parent in (39, 40, 41, 42))

    def test_one_code_is_one_line_of_the_file(self) -> None:
        lines = (PACKAGE / "codes.json").read_text(encoding="utf-8").splitlines()
        codes = sum(len(code_list(name).codes) for name in code_list_names())
        assert sum(line.lstrip().startswith('{"value"') for line in lines) == codes


class TestPlatformErrors:
    def test_every_kind_is_one_of_the_error_tree(self) -> None:
        kinds = {
            kind.kind for _, kind in inspect.getmembers(errors, inspect.isclass) if hasattr(kind, "kind")
        }
        assert {entry.kind for entry in platform_errors().values()} <= kinds

    def test_all_codes_of_the_guide_and_of_the_field_are_listed(self) -> None:
        by_maker = [code[:3] for code in platform_errors()]
        assert {maker: by_maker.count(maker) for maker in set(by_maker)} == {
            "LAP": 79 + 2,
            "EVZ": 45,
            "VMS": 4,
        }

    @pytest.mark.parametrize(
        ("kind", "codes"),
        [
            ("sign-in", "LAP300001 LAP300002 LAP300003 LAP500002 LAP500003 LAP500004 LAP500005"),
            ("call-limit", "LAP500007 EVZ10007 EVZ10029"),
            ("network", "LAP500001"),
            ("offline", "EVZ20007 LAP020011 EVZ20023 EVZ20024 EVZ20029"),
            ("device", "EVZ20008 EVZ20609 EVZ60041"),
            ("not-found", "EVZ20002 LAP006009 LAP008001 LAP008128 LAP035001 LAP000002 LAP000003"),
            ("permission", "LAP008025 LAP034001 EVZ10013"),
            ("conflict", "LAP008000 LAP008081 LAP006008 EVZ20017"),
            ("platform", "LAP000000 LAP000001 EVZ10001"),
        ],
    )
    def test_codes_have_the_kind_of_their_meaning(self, kind: str, codes: str) -> None:
        found = {code: entry.kind for code in codes.split() if (entry := platform_error(code))}
        assert found == dict.fromkeys(codes.split(), kind)

    def test_code_is_found_in_any_case(self) -> None:
        entry = platform_error(" evz20007")
        assert entry is not None
        assert entry.description == "The device is offline."
        assert "power" in entry.hint

    def test_unknown_code_is_nothing(self) -> None:
        assert platform_error("LAP999999") is None

    def test_texts_are_sentences(self) -> None:
        for entry in platform_errors().values():
            assert entry.description.endswith((".", ")")), entry
            assert not entry.hint or entry.hint.endswith((".", "`")), entry


class TestDeviceErrors:
    def test_all_codes_of_the_guide_and_one_met_in_the_field_are_listed(self) -> None:
        assert len(device_codes()) == 880 + 1
        assert device_codes_by_number(0x4000804F)[0].name == "userNotExist"
        assert sum(code.decimal is None for code in device_codes()) == 9

    @pytest.mark.parametrize(
        ("number", "name"),
        [
            (1073774603, "armedStatus"),
            (268435461, "armProcess"),
            (1, "ok"),
        ],
    )
    def test_number_leads_to_the_sub_status(self, number: int, name: str) -> None:
        assert name in {code.name for code in device_codes_by_number(number)}

    def test_hex_and_decimal_are_the_same_number(self) -> None:
        for code in device_codes():
            assert code.decimal is None or f"{code.decimal:08X}" == code.hex.removeprefix("0x").upper()

    def test_name_may_stand_for_several_codes(self) -> None:
        assert {code.hex for code in device_codes_by_name("deviceBusy")} == {"0x20000004", "0x00F00002"}

    def test_exact_spelling_wins_over_a_similar_one(self) -> None:
        exact, similar = device_codes_by_name("IDNotExist"), device_codes_by_name("IDNotexist")
        assert exact
        assert similar
        assert {code.name for code in exact} == {"IDNotExist"}
        assert {code.name for code in similar} == {"IDNotexist"}

    @pytest.mark.parametrize("text", ["devicebusy", "deviceBusy.", "device Busy"])
    def test_case_blanks_and_a_final_period_are_ignored(self, text: str) -> None:
        assert device_codes_by_name(text) == device_codes_by_name("deviceBusy")

    def test_unknown_codes_are_nothing(self) -> None:
        assert device_codes_by_number(0xDEADBEEF) == ()
        assert device_codes_by_name("") == ()


class TestHealth:
    def test_rows_are_unique(self) -> None:
        rows = [(row.field, row.value) for row in health_values()]
        assert len(rows) == len(set(rows))

    @pytest.mark.parametrize(
        ("field", "value", "fault"),
        [
            ("onlineStatus", 0, True),
            ("onlineStatus", "1", False),
            ("enCodingDeviceStatus.diskStatus", 8, False),
            ("enCodingDeviceStatus.diskStatus", 7, True),
            ("enCodingDeviceStatus.diskStatus", 0, None),
            ("enCodingDeviceStatus.videoSignal", "2", True),
            ("enCodingDeviceStatus.channels[].status", 0, True),
            ("alarmDeviceStatus.operRes", "NOT PASS", True),
            ("alarmDeviceStatus.cellConnectStatus", "notEnabled", None),
            ("alarmDeviceStatus.batteryStatus", "low", True),
            ("alarmDeviceStatus.IPCStatusList[].status", "normal ", False),
            ("alarmDeviceStatus.zones[].networkStatus", "offline", True),
            ("alarmDeviceStatus.sirenList[].diagnosticsResult", "not pass", True),
            ("alarmDeviceStatus.workStatus", "alarm", None),
        ],
    )
    def test_value_is_judged(self, field: str, value: object, fault: object) -> None:
        (row,) = judge_health(field, value)
        assert (row.fault, row.known) == (fault, True)

    def test_each_arc_connection_is_judged_by_itself(self) -> None:
        rows = judge_health(
            "alarmDeviceStatus.arcConnectStatus", "connected[1], not connected[2],notEnabled[3]"
        )
        assert [row.fault for row in rows] == [False, True, None]

    def test_unknown_value_is_no_fault_but_marked(self) -> None:
        (row,) = judge_health("alarmDeviceStatus.networkCable", "melted")
        assert (row.label, row.fault, row.known) == ("unknown (melted)", None, False)

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_empty_value_says_nothing(self, value: object) -> None:
        assert judge_health("alarmDeviceStatus.networkCable", value) == ()

    def test_field_that_carries_no_state_says_nothing(self) -> None:
        assert judge_health("deviceName", "offline") == ()

    def test_labels_are_those_of_the_code_lists(self) -> None:
        labels = {code.label for name in code_list_names() for code in code_list(name).codes}
        assert {row.label for row in health_values()} <= labels


def test_data_is_read_from_a_zip(tmp_path: Path) -> None:
    archive = tmp_path / "hpcli.zip"
    root = PACKAGE.parent
    with zipfile.ZipFile(archive, "w") as packed:
        for file in (*root.glob("*.py"), *PACKAGE.iterdir()):
            if file.is_file():
                packed.write(file, f"hpcli/{file.relative_to(root)}")
    program = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "import json\n"
        "from hpcli.reference import codes, document, health, platform_errors, timezones\n"
        "print(json.dumps([codes.__file__, platform_errors.platform_error('EVZ20007').kind,"
        " codes.code_list('recType').label(1), timezones.time_zone_of('182').iana,"
        " document.document()['openapi'], len(health.health_values()) > 0]))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    where, *found = json.loads(done.stdout)
    assert where.startswith(str(archive))
    assert found == ["offline", "Cloud", "Asia/Shanghai", "3.1.0", True]


def test_importing_the_reference_reads_no_data() -> None:
    program = (
        "import sys\n"
        "from hpcli.reference import codes, document, platform_errors\n"
        "print('json' in sys.modules, 'importlib.resources' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
