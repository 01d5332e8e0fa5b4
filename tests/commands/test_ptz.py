"""Cameras that move: speeds, the stop that always comes, presets."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from hpcli.client import Client
from hpcli.client.no_answer import NoAnswer
from hpcli.errors import HpcliError, NotFoundError, TimeLimitError, UsageError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.transports import Clock
from tests.support.waiting import wait_for

CAMERA = "G20419934"
URI = "/api/hpcgw/v1/device/transparent/ISAPI/PTZCtrl/channels/1"


def speed(platform: Platform) -> int | None:
    """Return how fast the camera pans, None where it was never moved."""
    with seed.open_state(platform.state) as store:
        kept = store.get("config", f"{CAMERA}/ptz1")
        return None if kept is None else int(kept["pan"])


def moves(platform: Platform) -> int:
    return control.statistics(platform.state)["requests"].get(f"PUT {URI}/continuous", 0)


def test_a_camera_moves_until_it_is_stopped(client: Client, platform: Platform) -> None:
    client.ptz.move(CAMERA, 1, pan=-30, zoom=5)
    assert speed(platform) == -30
    client.ptz.stop(CAMERA, 1)
    assert speed(platform) == 0


def test_a_move_may_have_an_angular_velocity(hpcli: Runner, platform: Platform) -> None:
    move = ("ptz", "move", CAMERA, "1", "--pan", "40", "--angular-velocity")
    plan = hpcli(*move, "30", "--dry-run", "-o", "json", environment=platform.environment).json
    turn = "<angularVelocity><enabled>true</enabled><value>30</value></angularVelocity>"
    assert turn in "".join(plan[0]["body"].split())
    for wrong in ("0", "361"):
        refused = hpcli(*move, wrong, "--dry-run", environment=platform.environment)
        assert (refused.exit_code, refused.stdout) == (2, "")


def test_a_preset_may_be_saved_without_being_in_use(hpcli: Runner, platform: Platform) -> None:
    for save in (("add", CAMERA, "1"), ("set", CAMERA, "1", "2")):
        command = ("ptz", "preset", *save, "--name", "Yard", "--dry-run", "-o", "json")
        plan = hpcli(*command, "--disabled", environment=platform.environment).json
        assert "<enabled>false</enabled>" in plan[0]["body"]
        assert "<enabled>true</enabled>" in hpcli(*command, environment=platform.environment).json[0]["body"]


def test_a_timed_move_ends_with_a_stop(client: Client, platform: Platform) -> None:
    slept: list[float] = []
    client.transport.sleep = slept.append
    client.ptz.move_for(CAMERA, 1, 2.5, pan=20)
    assert slept == [2.5]
    assert (speed(platform), moves(platform)) == (0, 2)


def test_a_move_whose_answer_was_lost_is_stopped(client: Client, platform: Platform) -> None:
    client.transport.timeout = client.transport.device_timeout = 5
    platform.configure(next_faults=["reset@continuous"])
    with pytest.raises(HpcliError):
        client.ptz.move_for(CAMERA, 1, 60, pan=20)
    assert speed(platform) == 0


def test_the_stop_is_sent_until_it_is_heard(client: Client, platform: Platform) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        if not pauses:
            platform.configure(next_faults=["EVZ20008@continuous", "EVZ20008@continuous"])
        pauses.append(seconds)

    client.transport.sleep = sleep
    client.ptz.move_for(CAMERA, 1, 1.0, tilt=10, pan=1)
    assert (speed(platform), moves(platform)) == (0, 4)


def test_a_stop_that_is_never_heard_says_that_the_camera_may_move(client: Client, platform: Platform) -> None:
    client.transport.sleep = lambda _: None
    platform.configure(faults={"EVZ20008@continuous": 1.0})
    with pytest.raises(HpcliError) as caught:
        client.ptz.stop_surely(CAMERA, 1)
    assert "may still be moving" in str(caught.value.hint)


def test_stopping_a_camera_that_answers_nothing_is_bounded_and_said(
    client: Client, platform: Platform
) -> None:
    clock, told, given = Clock(), list[str](), list[float]()
    transport = client.transport
    transport.clock, transport.sleep, transport.info = clock, clock.sleep, told.append
    transport.device_timeout = None  # as where --timeout is given
    send = transport.wire.send

    def lose(request: Any, area: str, token: str | None, seconds: float, *more: Any) -> Any:
        if "continuous" not in request.path:
            return send(request, area, token, seconds, *more)
        given.append(seconds)
        clock.seconds += seconds
        raise NoAnswer(TimeLimitError("The platform did not answer in time."))

    transport.wire.send = lose  # type: ignore[method-assign, assignment] # to lose every answer
    begin, transport.timeout = clock.seconds, 60.0
    with pytest.raises(TimeLimitError) as caught:
        client.ptz.move_for(CAMERA, 1, 60, pan=20)
    assert clock.seconds - begin <= 60 + 20 + 1
    assert "may still be moving" in (caught.value.hint or "")
    assert any("stopping the camera" in text for text in told)
    begin, transport.timeout = clock.seconds, 2.0
    with pytest.raises(TimeLimitError):
        client.ptz.move_for(CAMERA, 1, 60, pan=20)
    assert clock.seconds - begin <= 2 + 5 + 1
    assert any("Retrying" in text for text in told)


def test_ctrl_c_in_a_timed_move_stops_the_camera(client: Client, platform: Platform) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    client.transport.sleep = interrupt
    with pytest.raises(KeyboardInterrupt):
        client.ptz.move_for(CAMERA, 1, 60, pan=20)
    assert speed(platform) == 0


def test_the_stop_passes_the_call_limit(client: Client) -> None:
    from hpcli.api.operations.ptz import MOVE, STOP

    assert STOP.unlimited
    assert STOP.repeatable
    assert not MOVE.unlimited
    assert not MOVE.repeatable


def test_presets_are_added_set_visited_and_deleted(client: Client) -> None:
    assert [row["presetName"] for row in client.ptz.presets(CAMERA, 1)] == ["Gate", "Loading ramp"]
    client.ptz.go_to(CAMERA, 1, 2)
    assert client.ptz.add_preset(CAMERA, 1, "Bins") == 3
    assert client.ptz.preset(CAMERA, 1, 3)["AbsoluteHigh"] == client.ptz.preset(CAMERA, 1, 2)["AbsoluteHigh"]
    client.ptz.set_preset(CAMERA, 1, 1, "Bins too")
    assert client.ptz.preset(CAMERA, 1, 1)["presetName"] == "Bins too"
    client.ptz.delete_preset(CAMERA, 1, 2)
    assert client.ptz.add_preset(CAMERA, 1, "First free") == 2
    client.ptz.delete_presets(CAMERA, 1)
    assert client.ptz.presets(CAMERA, 1) == []
    with pytest.raises(NotFoundError, match="there are none"):
        client.ptz.preset(CAMERA, 1, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda ptz: ptz.move(CAMERA, 1), "No speed"),
        (lambda ptz: ptz.move(CAMERA, 1, pan=101), "pan is 101"),
        (lambda ptz: ptz.move(CAMERA, 0, pan=1), "channel is 0"),
        (lambda ptz: ptz.go_to(CAMERA, 1, 0), "preset is 0"),
        (lambda ptz: ptz.set_preset(CAMERA, 1, 1, " "), "name is empty"),
        (lambda ptz: ptz.set_preset(CAMERA, 1, 1, "n" * 65), "65 characters"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(
    client: Client, platform: Platform, call: Any, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        call(client.ptz)
    assert not control.statistics(platform.state)["requests"]


# The command


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_the_camera_standing(
    hpcli: Runner, platform: Platform, number: signal.Signals
) -> None:
    running = hpcli.start(
        "ptz", "move", CAMERA, "1", "--pan", "40", "--for", "50m", environment=platform.environment
    )
    wait_for(lambda: speed(platform) == 40, every=0.05)
    running.send_signal(number)
    _, errors = running.communicate(timeout=30)
    assert (running.returncode, speed(platform)) == (-number, 0), errors


def test_a_dry_run_of_a_timed_move_shows_the_stop_too(hpcli: Runner, platform: Platform) -> None:
    run = hpcli(
        *("ptz", "move", CAMERA, "1", "--tilt", "-20", "--for", "2s", "--dry-run", "-o", "json"),
        environment=platform.environment,
    )
    assert [(plan["method"], plan["url"]) for plan in run.json] == [
        ("PUT", f"{platform.base_url}{URI}/continuous")
    ] * 2
    assert "<tilt>-20</tilt>" in run.json[0]["body"]
    assert "<tilt>0</tilt>" in run.json[1]["body"]
    assert speed(platform) is None


def test_presets_are_listed_with_their_position(hpcli: Runner, platform: Platform) -> None:
    assert hpcli("ptz", "preset", "list", CAMERA, "1", environment=platform.environment).lines == [
        "PRESET\tNAME\tENABLED\tPOSITION",
        "1\tGate\tyes\t120° 5° 4×",
        "2\tLoading ramp\tyes\t275° 12° 1×",
    ]


def test_deleting_presets_asks_and_never_guesses_all(hpcli: Runner, platform: Platform) -> None:
    delete = ("ptz", "preset", "delete", CAMERA, "1")
    neither = hpcli(*delete, "--yes", environment=platform.environment)
    assert neither.exit_code == 2
    asked = hpcli(*delete, "--all", environment=platform.environment)
    assert asked.exit_code == 2
    assert "Delete all presets" in asked.stderr
    done = hpcli(*delete, "--all", "--yes", "-o", "json", environment=platform.environment)
    assert done.json == {"target": "all", "ok": True, "data": None, "error": None}
    assert platform.client().ptz.presets(CAMERA, 1) == []


def test_a_preset_that_is_not_there_is_not_found(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli("ptz", "preset", "goto", CAMERA, "1", "9", "-o", "json", environment=platform.environment)
    assert (refused.exit_code, refused.error["kind"]) == (4, "not-found")


def test_a_channel_or_preset_that_is_not_there_is_named(client: Client) -> None:
    ptz = client.ptz
    on_channel_7: tuple[Callable[[], object], ...] = (
        lambda: ptz.move(CAMERA, 7, pan=10),
        lambda: ptz.stop_surely(CAMERA, 7),
        lambda: ptz.go_to(CAMERA, 7, 1),
        lambda: ptz.set_preset(CAMERA, 7, 1, "Gate"),
    )
    on_preset_77: tuple[Callable[[], object], ...] = (
        lambda: ptz.go_to(CAMERA, 1, 77),
        lambda: ptz.delete_preset(CAMERA, 1, 77),
    )
    for call in on_channel_7:
        with pytest.raises(NotFoundError, match=r"There is no channel 7; there is 1\."):
            call()
    for call in on_preset_77:
        with pytest.raises(NotFoundError, match=r"There is no preset 77; there are 1, 2\."):
            call()
