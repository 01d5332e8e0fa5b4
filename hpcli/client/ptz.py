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
from hpcli.client.device.messages import DeviceMessages, content_of, is_lost, without_attributes
from hpcli.client.device.numbers import NoSuchNumberError, name_missing
from hpcli.errors import DryRun, HpcliError, NotFoundError, UsageError
from hpcli.parse import parse_serial

Result = TypeVar("Result")


FASTEST = 100
MOST_PRESETS = 300
_NAME_LENGTH = 64  # the guide sets none; longer names do not fit on the picture
_STOP_BACKOFF = Backoff((0.2, 0.5, 1.0, 2.0, 4.0, 8.0))
_SHORTEST_STOP = 5.0  # a camera that does not stop is worse than a wait beyond --timeout
_LONGEST_STOP = 20.0
_MOST_INTERRUPTIONS = 2


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
        user: DeviceUser | None = None,
    ) -> None:
        """Let a camera move until it is stopped. Guide A.4.6.

        Args:
            serial: the camera or recorder.
            channel: from 1.
            pan: -100 (left) to 100 (right).
            tilt: -100 (down) to 100 (up).
            zoom: -100 (out) to 100 (in).
            user: as whom.
        """
        speeds = {"pan": pan, "tilt": tilt, "zoom": zoom}
        for name, speed in speeds.items():
            check_range(name, speed, -FASTEST, FASTEST)
        if not any(speeds.values()):
            raise UsageError(
                "No speed was given.", hint="Add --pan, --tilt or --zoom, from -100 to 100; `ptz stop` stops."
            )
        message = {"PTZData": speeds}
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
        user: DeviceUser | None = None,
    ) -> None:
        """Let a camera move for some seconds; it is stopped whatever happens, Ctrl-C and lost answers included.

        Raises:
            HpcliError: it could not be moved, or not be stopped; the message says which.
        """
        try:
            self.move(serial, channel, pan=pan, tilt=tilt, zoom=zoom, user=user)
        except DryRun:
            raise
        except HpcliError as error:
            if is_lost(error):
                self._inform("The answer to the move was lost; stopping the camera.")
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
        interruptions = tries = 0
        while True:
            left = deadline - self._transport.clock()
            try:
                self.stop(serial, channel, user=user, timeout=min(limit, max(left, 1.0)))
                break
            except KeyboardInterrupt:
                interruptions += 1
                if interruptions > _MOST_INTERRUPTIONS:
                    raise
            except NoSuchNumberError:
                raise
            except HpcliError as error:
                tries += 1
                self._wait_to_stop_again(serial, channel, tries, deadline, error)
        if interruptions:
            raise KeyboardInterrupt

    def _wait_to_stop_again(
        self, serial: str, channel: int, tries: int, deadline: float, error: HpcliError
    ) -> None:
        """Wait before the next try to stop a camera. Raises the error of the last one where there is no other."""
        pause = _STOP_BACKOFF.seconds_after(tries)
        left = deadline - self._transport.clock()
        if tries > len(_STOP_BACKOFF.steps) or pause >= left:
            error.hint = f"The camera may still be moving: `hpcli ptz stop {serial} {channel}` stops it."
            raise error
        if tries == 1:
            self._inform(f"The stop was not heard: {error.message} Trying again for up to {left:.0f} s.")
        self._transport.sleep(pause)

    def _inform(self, text: str) -> None:
        if self._transport.info is not None:
            self._transport.info(text)

    def presets(self, serial: str, channel: int, *, user: DeviceUser | None = None) -> list[dict[str, Any]]:
        """Return the presets: [{id, presetName, enabled, AbsoluteHigh: {elevation, azimuth, absoluteZoom}}]. A.4.7."""
        plain = self._name_channel(
            serial, channel, lambda: self._ask(PRESETS, serial, user=user, parameters=_place(channel))
        )
        return [
            without_attributes(entry) for entry in content_of(plain, "PTZPresetList").get("PTZPreset") or ()
        ]

    def preset(
        self, serial: str, channel: int, preset: int, *, user: DeviceUser | None = None
    ) -> dict[str, Any]:
        """Return one preset. Guide A.4.8."""
        place = _place(channel, preset)
        plain = self._name_preset(
            serial, channel, preset, user, lambda: self._ask(PRESET, serial, user=user, parameters=place)
        )
        content = content_of(plain, "PTZPreset")
        if not content:
            raise NotFoundError(f"Channel {channel} of {serial} has no preset {preset}.")
        return without_attributes(content)

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

    def add_preset(self, serial: str, channel: int, name: str, *, user: DeviceUser | None = None) -> int:
        """Keep the present position as a new preset and return its number, the first that is free. Guide A.4.7."""
        check_length("name", name, 1, _NAME_LENGTH)
        taken = {str(row.get("id")) for row in self.presets(serial, channel, user=user)}
        number = next((n for n in range(1, MOST_PRESETS + 1) if str(n) not in taken), None)
        if number is None:
            raise UsageError(f"All {MOST_PRESETS} presets are taken.", hint="Delete one, or set one anew.")
        self._tell(ADD_PRESET, serial, _message(number, name), user=user, parameters=_place(channel))
        return number

    def set_preset(
        self, serial: str, channel: int, preset: int, name: str, *, user: DeviceUser | None = None
    ) -> None:
        """Set a preset to the present position and a name. Guide A.4.8."""
        check_length("name", name, 1, _NAME_LENGTH)
        message, place = _message(preset, name), _place(channel, preset)
        self._name_channel(
            serial, channel, lambda: self._tell(SET_PRESET, serial, message, user=user, parameters=place)
        )

    def delete_preset(
        self, serial: str, channel: int, preset: int, *, user: DeviceUser | None = None
    ) -> None:
        """Delete a preset. Guide A.4.8."""
        place = _place(channel, preset)
        self._name_preset(
            serial,
            channel,
            preset,
            user,
            lambda: self._tell(DELETE_PRESET, serial, user=user, parameters=place),
        )

    def delete_presets(self, serial: str, channel: int, *, user: DeviceUser | None = None) -> None:
        """Delete all presets of a channel. Guide A.4.7."""
        self._name_channel(
            serial, channel, lambda: self._tell(DELETE_PRESETS, serial, user=user, parameters=_place(channel))
        )

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
            lambda: (int(row["id"]) for row in self.presets(serial, channel, user=user)),
        )

    def _channels(self, serial: str) -> Iterator[int]:
        """Yield the numbers of the channels, as the platform knows them (§3.22)."""
        from hpcli.api.operations.device.devices import CHANNELS

        for row in self._read(CHANNELS, {"deviceSerial": parse_serial(serial)}):
            yield int(row["channelNo"])


def _place(channel: int, preset: int | None = None) -> dict[str, str]:
    place = {"channelId": str(check_range("channel", channel, 1))}
    if preset is not None:
        place["presetId"] = str(check_range("preset", preset, 1))
    return place


def _message(preset: int, name: str) -> dict[str, Any]:
    return {"PTZPreset": {"enabled": True, "id": str(preset), "presetName": name}}
