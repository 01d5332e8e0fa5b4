"""What a change has made: an id that is none, and a failure beside a success, are not taken for done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hpcli.client.calls import made_id
from hpcli.commands.device.add_call import AddCall
from hpcli.errors import HpcliError, PlatformError, ProtocolError
from tests.support.transports import answering, client_of

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import AddedDevices


@pytest.mark.parametrize("value", [None, "", " ", 0, "0", "00", False, "[]", "{}", '["a"]', [], {}])
def test_what_is_not_an_id_is_not_taken_for_one(value: object) -> None:
    with pytest.raises(PlatformError, match="did not return the key of the file"):
        made_id({"key": value}, "key", "key of the file")


@pytest.mark.parametrize(("value", "text"), [("a1", "a1"), (7, "7"), (" k ", "k"), ("010", "010")])
def test_an_id_is_a_text_or_a_number(value: object, text: str) -> None:
    assert made_id({"key": value}, "key", "key of the file") == text


@pytest.mark.parametrize(
    ("data", "is_started"),
    [
        ({}, True),
        ({"error": "0", "errorDesc": "whatever"}, True),
        ({"error": None, "errorDesc": "Success"}, True),
        ({"error": "", "errorDesc": "no space left"}, False),
        ({"errorDesc": "no space left"}, False),
        ({"error": "EVZ20007"}, False),
    ],
)
def test_an_upgrade_that_is_said_to_have_failed_was_not_started(
    data: dict[str, Any], *, is_started: bool
) -> None:
    with answering(json.dumps({"errorCode": "0", "data": data}).encode()) as host, client_of(host) as client:
        if is_started:
            client.device.upgrade.start("Q1")
        else:
            with pytest.raises(HpcliError):
                client.device.upgrade.start("Q1")


def test_a_device_that_is_named_as_added_and_as_failed_was_not_added() -> None:
    both: AddedDevices = {
        "addSuccessList": [{"deviceSerial": "K1"}, {"deviceSerial": "K2"}],
        "addFailedList": [{"deviceSerial": "k1", "failReason": "EVZ20007"}],
    }
    call = AddCall(None, lambda: "s", [], is_made=True, _answers=[both])  # type: ignore[arg-type] # nothing is sent
    assert isinstance(call.added("K1"), HpcliError)
    assert call.added("K2") == {"deviceSerial": "K2"}


def test_a_reason_without_a_serial_is_that_of_the_only_device() -> None:
    told: AddedDevices = {"addSuccessList": [], "addFailedList": [{"failReason": "no room left"}]}
    for entries, words in ([None], "no room left"), ([None, None], "did not say"):
        call = AddCall(None, lambda: "s", entries, is_made=True, _answers=[told])  # type: ignore[arg-type] # nothing is sent
        assert words in str(call.added("K1"))


@pytest.mark.parametrize("data", [{}, {"wakeUp": None}])
def test_a_camera_of_which_nothing_is_said_is_not_asleep(data: dict[str, Any]) -> None:
    body = json.dumps({"errorCode": "0", "data": data}).encode()
    with (
        answering(body) as host,
        client_of(host) as client,
        pytest.raises(ProtocolError, match="did not say"),
    ):
        client.device.wake("Q1")
