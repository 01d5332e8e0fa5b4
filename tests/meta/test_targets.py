"""Which verbs take several devices or sites, and which of them can select these."""

from __future__ import annotations

from tests.support.command_tree import commands, verbs

ONE = {  # each changes one thing only, or has a file for many (`--from`)
    "auth device-key set",
    "auth device-key delete",
    "site delete",
    "site handover",
    "site update",
    "device update",
    "arc set-account",
    "customer replace",
    "customer remove",
    "customer permit",
    "device iot-ability",
    "ptz move",
}
SELECTING_CHANGES = {
    "device time",
    "device info",
    "device wake",
    "device output set",
    "device upgrade start",
    "device isapi",
    "alarms subscribe",
    "alarms unsubscribe",
}


def _names_targets(command: dict[str, object]) -> bool:
    arguments = command["arguments"]
    assert isinstance(arguments, list)
    return any(one["name"].strip(".") in ("SERIAL", "DEVICE", "SITE") for one in arguments)


def test_verbs_on_devices_and_sites_take_many_but_those_that_must_not() -> None:
    of_one = {
        name for name, command in commands().items() if _names_targets(command) and command["targets"] is None
    }
    assert of_one == ONE
    assert {name for name, command in commands().items() if command["oneTarget"]} == ONE, "each says why"


def test_a_selection_changes_nothing_but_where_that_is_meant() -> None:
    changing = {
        name
        for name, command in commands().items()
        if command["targets"] and command["targets"]["selectors"]
        if any(call["change"] for call in command["calls"])
    }
    assert changing == SELECTING_CHANGES


def test_verbs_that_ask_have_a_question_for_many() -> None:
    mute = {
        name
        for name, verb in verbs().items()
        if verb.asks and (targets := verb.targets) and not targets.is_own and not targets.question
    }
    assert mute == set()
