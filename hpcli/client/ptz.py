"""Cameras that move, and their presets (Guide A.4.6 to A.4.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from hpcli.api.operations.ptz import (
    ADD_PRESET,
    DELETE_PRESET,
    DELETE_PRESETS,
    GO_TO_PRESET,
    MOVE,
    PRESET,
    PRESETS,
    SET_PRESET,
    STOP,
)
from hpcli.backoff import Backoff
from hpcli.client.checks import check_length, check_range
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages, content_of, may_be_done, without_attributes
from hpcli.client.device.numbers import LOGIN_REFUSALS, NoSuchNumberError, name_missing, number_in
from hpcli.errors import DryRun, HpcliError, ProtocolError, UnconfirmedError, UsageError
from hpcli.parse import parse_serial

Result = TypeVar("Result")


FASTEST = 100
FASTEST_TURN = 360
MOST_PRESETS = 300
_NAME_LENGTH = 64  # the guide sets none; longer names do not fit on the picture
_STOP_BACKOFF = Backoff((0.2, 0.5, 1.0, 2.0, 4.0, 8.0))
_SHORTEST_STOP = 5.0  # a camera that does not stop is worse than a wait beyond --timeout
_LONGEST_STOP = 20.0
_MOST_INTERRUPTIONS = 2
_MOST_UNCONFIRMED = 3  # a camera that answers without confirming would do so for ever


class PtzCalls(DeviceMessages):
    """Calls about cameras that move."""

    def move(
        self,
        serial: str,
        channel: int,
        *,
        pan: int = 0,
        tilt: int = 0,
        zoom: int = 0,
        angular_velocity: int | None = None,
        user: DeviceUser | None = None,
    ) -> None:
        """Let a camera move until it is stopped. Guide A.4.6.

        Args:
            serial: the camera or recorder.
            channel: from 1.
            pan: -100 (left) to 100 (right).
            tilt: -100 (down) to 100 (up).
            zoom: -100 (out) to 100 (in).
            angular_velocity: 1 to 360, which the guide counts in rad/s; degrees a second are likely (A.5.15).
            user: as whom.
        """
        speeds = {"pan": pan, "tilt": tilt, "zoom": zoom}
        for name, speed in speeds.items():
            check_range(name, speed, -FASTEST, FASTEST)
        if not any(speeds.values()):
            raise UsageError(
                "No speed was given.", hint="Add --pan, --tilt or --zoom, from -100 to 100; `ptz stop` stops."
            )
        content: dict[str, Any] = dict(speeds)
        if angular_velocity is not None:
            value = check_range("angular velocity", angular_velocity, 1, FASTEST_TURN)
            content["angularVelocity"] = {"enabled": True, "value": value}
        message = {"PTZData": content}
        self._name_channel(
            serial, channel, lambda: self._tell(MOVE, serial, message, user=user, parameters=_place(channel))
        )

    def move_for(
        self,
        serial: str,
        channel: int,
        seconds: float,
        *,
        pan: int = 0,
        tilt: int = 0,
        zoom: int = 0,
        angular_velocity: int | None = None,
        user: DeviceUser | None = None,
    ) -> None:
        """Let a camera move for some seconds; it is always stopped, also after Ctrl-C or a lost answer.

        Raises:
            HpcliError: it could not be moved, or not be stopped; the message says which.
        """
        try:
            self.move(
                serial,
                channel,
                pan=pan,
                tilt=tilt,
                zoom=zoom,
                angular_velocity=angular_velocity,
                user=user,
            )
        except DryRun:
            raise
        except HpcliError as error:
            if may_be_done(error):
                self._inform("The move may have begun; stopping the camera.")
                self.stop_surely(serial, channel, user=user)
                error.hint = f"The camera was stopped; `hpcli ptz stop {serial} {channel}` stops it again."
            raise
        except BaseException:
            self.stop_surely(serial, channel, user=user)
            raise
        try:
            self._transport.sleep(seconds)
        finally:
            self.stop_surely(serial, channel, user=user)

    def stop(
        self, serial: str, channel: int, *, user: DeviceUser | None = None, timeout: float | None = None
    ) -> None:
        """Stop a camera. Guide A.4.6: the speeds are zero (errata 191).

        Args:
            serial: the camera or recorder.
            channel: from 1.
            user: as whom.
            timeout: seconds, those of the transport without it.
        """
        message = {"PTZData": {"pan": 0, "tilt": 0, "zoom": 0}}
        place = _place(channel)
        self._name_channel(
            serial,
            channel,
            lambda: self._tell(STOP, serial, message, user=user, parameters=place, timeout=timeout),
        )

    def stop_surely(self, serial: str, channel: int, *, user: DeviceUser | None = None) -> None:
        """Stop a camera, again and again for some seconds until it is heard; two more Ctrl-C are not in the way.

        Raises:
            HpcliError: it was never heard; the camera may still move.
        """
        limit = self._transport.timeout
        deadline = self._transport.clock() + min(max(2 * limit, _SHORTEST_STOP), _LONGEST_STOP)
        interruptions: list[KeyboardInterrupt] = []
        tries = answered = 0
        while True:
            left = deadline - self._transport.clock()
            try:
                self.stop(serial, channel, user=user, timeout=min(limit, max(left, 1.0)))
                break
            except KeyboardInterrupt as interrupt:
                interruptions.append(interrupt)
                if len(interruptions) > _MOST_INTERRUPTIONS:
                    raise
            except NoSuchNumberError:
                raise
            except HpcliError as error:
                tries += 1
                answered += isinstance(error, UnconfirmedError)
                is_final = answered == _MOST_UNCONFIRMED or getattr(error, "name", "") in LOGIN_REFUSALS
                self._wait_to_stop_again(serial, channel, tries, deadline, error, is_final=is_final)
        if interruptions:
            raise interruptions[0]

    def _wait_to_stop_again(
        self,
        serial: str,
        channel: int,
        tries: int,
        deadline: float,
        error: HpcliError,
        *,
        is_final: bool,
    ) -> None:
        """Wait before the next try to stop a camera. Raises the error of the last one where there is no other."""
        pause = _STOP_BACKOFF.seconds_after(tries)
        left = deadline - self._transport.clock()
        if is_final or tries > len(_STOP_BACKOFF.steps) or pause >= left:
            error.hint = f"The camera may still be moving: `hpcli ptz stop {serial} {channel}` stops it."
            raise error
        if tries == 1:
            self._inform(f"The stop was not heard: {error.message} Retrying for up to {left:.0f} s.")
        self._transport.sleep(pause)

    def _inform(self, text: str) -> None:
        if self._transport.info is not None:
            self._transport.info(text)

    def presets(self, serial: str, channel: int, *, user: DeviceUser | None = None) -> list[dict[str, Any]]:
        """Return the presets: [{id, presetName, enabled, AbsoluteHigh: {elevation, azimuth, absoluteZoom}}]. A.4.7."""
        plain = self._name_channel(
            serial, channel, lambda: self._ask(PRESETS, serial, user=user, parameters=_place(channel))
        )
        return [without_attributes(entry) for entry in plain["PTZPresetList"]["PTZPreset"]]

    def preset(
        self, serial: str, channel: int, preset: int, *, user: DeviceUser | None = None
    ) -> dict[str, Any]:
        """Return one preset. Guide A.4.8."""
        place = _place(channel, preset)
        plain = self._name_preset(
            serial, channel, preset, user, lambda: self._ask(PRESET, serial, user=user, parameters=place)
        )
        return content_of(plain, "PTZPreset")

    def go_to(self, serial: str, channel: int, preset: int, *, user: DeviceUser | None = None) -> None:
        """Let a camera go to a preset. Guide A.4.9."""
        place = _place(channel, preset)
        self._name_preset(
            serial,
            channel,
            preset,
            user,
            lambda: self._tell(GO_TO_PRESET, serial, user=user, parameters=place),
        )

    def add_preset(
        self,
        serial: str,
        channel: int,
        name: str,
        *,
        enabled: bool = True,
        user: DeviceUser | None = None,
    ) -> int:
        """Keep the present position as a new preset and return its number, the first that is free. Guide A.4.7.

        Raises:
            ProtocolError: the list of presets does not say which numbers are free.
        """
        check_length("name", name, 1, _NAME_LENGTH)
        taken = [number_in(row, "id") for row in self.presets(serial, channel, user=user)]
        if len(set(taken)) < len(taken) or any(each is None or each < 1 for each in taken):
            raise ProtocolError(f"{serial} listed presets without valid numbers; nothing was changed.")
        number = next((n for n in range(1, MOST_PRESETS + 1) if n not in taken), None)
        if number is None:
            raise UsageError(f"All {MOST_PRESETS} presets are taken.", hint="Delete one, or set one anew.")
        self._settle(
            lambda: self._tell(
                ADD_PRESET,
                serial,
                _message(number, name, enabled=enabled),
                user=user,
                parameters=_place(channel),
            ),
            lambda: self._is_named(serial, channel, number, name, user),
            _look(serial, channel),
        )
        return number

    def set_preset(
        self,
        serial: str,
        channel: int,
        preset: int,
        name: str,
        *,
        enabled: bool = True,
        user: DeviceUser | None = None,
    ) -> None:
        """Set a preset to the present position and a name. Guide A.4.8."""
        check_length("name", name, 1, _NAME_LENGTH)
        message, place = _message(preset, name, enabled=enabled), _place(channel, preset)
        self._settle(
            lambda: self._name_channel(
                serial, channel, lambda: self._tell(SET_PRESET, serial, message, user=user, parameters=place)
            ),
            lambda: self._is_named(serial, channel, preset, name, user),
            _look(serial, channel),
        )

    def delete_preset(
        self, serial: str, channel: int, preset: int, *, user: DeviceUser | None = None
    ) -> None:
        """Delete a preset. Guide A.4.8."""
        place = _place(channel, preset)
        self._settle(
            lambda: self._name_preset(
                serial,
                channel,
                preset,
                user,
                lambda: self._tell(DELETE_PRESET, serial, user=user, parameters=place),
            ),
            lambda: self._row(serial, channel, preset, user) is None,
            _look(serial, channel),
        )

    def delete_presets(self, serial: str, channel: int, *, user: DeviceUser | None = None) -> None:
        """Delete all presets of a channel. Guide A.4.7."""
        place = _place(channel)
        self._settle(
            lambda: self._name_channel(
                serial, channel, lambda: self._tell(DELETE_PRESETS, serial, user=user, parameters=place)
            ),
            lambda: not self.presets(serial, channel, user=user),
            _look(serial, channel),
        )

    def _is_named(self, serial: str, channel: int, preset: int, name: str, user: DeviceUser | None) -> bool:
        return (self._row(serial, channel, preset, user) or {}).get("presetName") == name

    def _row(self, serial: str, channel: int, preset: int, user: DeviceUser | None) -> dict[str, Any] | None:
        """Return a preset as the list of presets has it, None where it is not there.

        Raises:
            ProtocolError: the list has a preset without a number, which may be this one.
        """
        rows = self.presets(serial, channel, user=user)
        numbers = [number_in(row, "id") for row in rows]
        if preset not in numbers and None in numbers:
            raise ProtocolError(f"{serial} listed a preset without its number.")
        return rows[numbers.index(preset)] if preset in numbers else None

    def _name_channel(self, serial: str, channel: int, send: Callable[[], Result]) -> Result:
        """Send a request about a channel; name it where the device has none of that number."""
        return name_missing(send, "channel", [channel], lambda: self._channels(serial))

    def _name_preset(
        self, serial: str, channel: int, preset: int, user: DeviceUser | None, send: Callable[[], Result]
    ) -> Result:
        """Send a request about a preset; name the preset, or else the channel, where there is none such."""
        return name_missing(
            send,
            "preset",
            [preset],
            lambda: (number_in(row, "id") for row in self.presets(serial, channel, user=user)),
        )

    def _channels(self, serial: str) -> Iterator[int | None]:
        """Yield the numbers of the channels, as the platform knows them (§3.22)."""
        from hpcli.api.operations.device.devices import CHANNELS

        for row in self._read(CHANNELS, {"deviceSerial": parse_serial(serial)}):
            yield number_in(row, "channelNo")


def _look(serial: str, channel: int) -> str:
    return f"hpcli ptz preset list {serial} {channel}"


def _place(channel: int, preset: int | None = None) -> dict[str, str]:
    place = {"channelId": str(check_range("channel", channel, 1))}
    if preset is not None:
        place["presetId"] = str(check_range("preset", preset, 1))
    return place


def _message(preset: int, name: str, *, enabled: bool) -> dict[str, Any]:
    return {"PTZPreset": {"enabled": enabled, "id": str(preset), "presetName": name}}
