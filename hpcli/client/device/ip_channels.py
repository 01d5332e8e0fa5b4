"""Digital channels of recorders, and refreshing their video for playback (Guide A.4.3 to A.4.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpcli.api.operations.device.ip_channels import (
    ADD_CHANNEL,
    CHANNEL_STATES,
    LIST_CHANNELS,
    REFRESH_PLAYBACK,
    SET_CHANNELS,
)
from hpcli.client.checks import check_range
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages, check_readable, without_attributes
from hpcli.errors import ProtocolError, UsageError
from hpcli.masking import is_secret

_LIST, _ITEM = "InputProxyChannelList", "InputProxyChannel"
_STATES, _STATE = "InputProxyChannelStatusList", "InputProxyChannelStatus"


class IpChannelCalls(DeviceMessages):
    """Calls about digital channels."""

    def channels(self, serial: str, *, user: DeviceUser | None = None) -> list[dict[str, Any]]:
        """Return the channels: [{id, name, sourceInputPortDescriptor: {…}, …}]. Guide A.4.3."""
        return _rows(self._ask(LIST_CHANNELS, serial, user=user), _LIST, _ITEM)

    def states(self, serial: str, *, user: DeviceUser | None = None) -> list[dict[str, Any]]:
        """Return the states: [{id, online, chanDetectResult, sourceInputPortDescriptor, …}]. Guide A.4.4."""
        return _rows(self._ask(CHANNEL_STATES, serial, user=user), _STATES, _STATE)

    def with_changes(
        self, serial: str, channels: Sequence[Mapping[str, Any]], *, user: DeviceUser | None = None
    ) -> dict[str, Any]:
        """Return the recorder's whole list with some channels changed, to be sent with `set`.

        Args:
            serial: the recorder.
            channels: each with its id and what is to change; what they leave out stays as it is.
            user: as whom.

        Raises:
            UsageError: a channel that the recorder does not have; `add` makes one.
            ProtocolError: the recorder did not answer with its list, so the whole of it cannot be sent back.
        """
        from hpcli.isapi.recognise import lack_of

        plain = self._ask(LIST_CHANNELS, serial, user=user)
        content = plain.get(_LIST)
        entries = (content.get(_ITEM) or []) if isinstance(content, Mapping) else None
        if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
            raise ProtocolError(f"{serial} did not answer with its digital channels; nothing was changed.")
        if lack := lack_of(plain):
            raise ProtocolError(f"{lack} To send it back would take channels away; nothing was changed.")
        check_readable(plain)
        numbers = [str(entry.get("id")) for entry in entries]
        for channel in channels:
            number = str(channel.get("id"))
            if number not in numbers:
                if not all(map(str.isdecimal, numbers)):
                    raise ProtocolError(f"{serial} lists channels without valid ids; nothing was changed.")
                raise UsageError(
                    f"{serial} has no digital channel {number}.", hint="Add it with `ip-channels add`."
                )
            entries = [
                _merged(entry, channel) if str(entry.get("id")) == number else entry for entry in entries
            ]
        return {_LIST: {**plain[_LIST], _ITEM: entries}}

    def set(self, serial: str, plain: Mapping[str, Any], *, user: DeviceUser | None = None) -> None:
        """Set the whole list of channels, {InputProxyChannelList: {InputProxyChannel: […]}}. Guide A.4.3."""
        message = _checked(plain, _LIST)
        wanted = message[_LIST].get(_ITEM) or ()
        rows = [row for row in (wanted if isinstance(wanted, list) else [wanted]) if isinstance(row, Mapping)]
        self._settle(
            lambda: self._tell(SET_CHANNELS, serial, message, user=user),
            lambda: self._has_channels(serial, rows, user),
            f"hpcli device ip-channels list {serial}",
        )

    def add(self, serial: str, plain: Mapping[str, Any], *, user: DeviceUser | None = None) -> None:
        """Add a channel, {InputProxyChannel: {id, sourceInputPortDescriptor: {…}, …}}. Guide A.4.3."""
        message = _checked(plain, _ITEM)
        self._settle(
            lambda: self._tell(ADD_CHANNEL, serial, message, user=user),
            lambda: self._has_channels(serial, [message[_ITEM]], user),
            f"hpcli device ip-channels list {serial}",
        )

    def refresh_playback(self, serial: str, channel: int, *, user: DeviceUser | None = None) -> None:
        """Refresh the video mode of a channel before its recordings are played. Guide A.4.5."""
        number = check_range("channel", channel, 1)
        self._tell(REFRESH_PLAYBACK, serial, user=user, parameters={"channelId": str(number)})

    def _has_channels(
        self, serial: str, wanted: Sequence[Mapping[str, Any]], user: DeviceUser | None
    ) -> bool:
        """Whether the recorder has these channels with these values; what it never tells is left out."""
        present = {str(row.get("id")): row for row in self.channels(serial, user=user)}
        return bool(wanted) and all(_holds(present.get(str(row.get("id"))), row) for row in wanted)


def _rows(plain: Mapping[str, Any], root: str, item: str) -> list[dict[str, Any]]:
    return [without_attributes(entry) for entry in plain[root][item]]


def _holds(present: Any, wanted: Any) -> bool:
    """Whether a value has everything of another one in it; secrets and attributes are not compared."""
    if not isinstance(wanted, Mapping):
        return str(present).lower() == str(wanted).lower()
    return isinstance(present, Mapping) and all(
        _holds(present.get(name), value)
        for name, value in wanted.items()
        if not name.startswith("@") and not is_secret(name)
    )


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the values of another in it, at every depth."""
    merged = dict(old)
    for name, value in new.items():
        is_object = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merged(merged[name], value) if is_object else value
    return merged


def _checked(plain: Mapping[str, Any], root: str) -> Mapping[str, Any]:
    if set(plain) != {root} or not isinstance(plain[root], Mapping):
        raise UsageError(f"The message is no {root}.", hint=f'As JSON it is {{"{root}": {{…}}}}.')
    return plain
