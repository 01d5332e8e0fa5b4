"""`hpcli explain`: codes of the platform, of devices and of CID events."""

from __future__ import annotations

import pytest

from hpcli.commands.explain.meanings import explain
from tests.support.runner import Runner


@pytest.mark.parametrize("text", ["0x40000002", "1073741826", "lowPrivilege", "LOWPRIVILEGE", " 0X40000002 "])
def test_a_device_code_is_found_by_hex_decimal_and_name(text: str) -> None:
    assert "lowPrivilege" in [row["name"] for row in explain(text)]


@pytest.mark.parametrize("code", ["0x40000001", "0x40000002", "deviceBusy"])
def test_a_device_code_says_what_to_do(code: str) -> None:
    assert all(row["hint"] for row in explain(code))


@pytest.mark.parametrize(
    ("code", "kind"), [("EVZ20007", "offline"), ("lap008000", "conflict"), ("VMS022554", "platform")]
)
def test_a_platform_code_tells_its_kind(code: str, kind: str) -> None:
    assert [row["kind"] for row in explain(code)] == [kind]


def test_a_zone_alarm_is_told_by_the_vendors_catalogue_first_and_by_the_standard_second() -> None:
    vendor, standard = explain("1103")
    assert (vendor["meaning"], vendor["name"]) == ("Burglary alarm", "CID 1103 (Contact ID 1130)")
    assert standard["name"] == "Contact ID 1103"
    assert "Burglary" not in standard["meaning"]
    assert "Hikvision's list" in vendor["kind"]
    assert "`standardCode`" in standard["kind"]


@pytest.mark.parametrize("text", ["VMD", "vmd", "v-m-d"])
def test_an_event_type_is_explained(text: str) -> None:
    (row,) = explain(text)
    assert (row["code"], row["kind"], row["name"]) == ("VMD", "event type (video)", "Motion detection")


def test_several_codes_are_rows_in_their_order(hpcli: Runner) -> None:
    result = hpcli("explain", "EVZ20007,LAP500007", "1401", "-o", "json")
    assert [row["code"] for row in result.json] == ["EVZ20007", "LAP500007", "1401"]


def test_codes_come_from_stdin_too(hpcli: Runner) -> None:
    assert hpcli("explain", "-", "-o", "ids", stdin="EVZ20007\nLAP500007\n").lines == [
        "EVZ20007",
        "LAP500007",
    ]


def test_where_all_is_unknown_there_is_no_data(hpcli: Runner) -> None:
    assert hpcli("explain", "nonsense").stdout == ""


def test_unknown_codes_are_named_and_the_known_ones_shown(hpcli: Runner) -> None:
    result = hpcli("explain", "EVZ20007", "XYZ1")
    assert result.exit_code == 9
    assert "XYZ1: unknown code." in result.stderr
    assert "offline" in result.stdout
