"""What a device knows of itself (Guide A.4.19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.api.operations.device.info import READ_INFO, SET_INFO
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages, check_readable, content_of

_ROOT, _MESSAGE = "DeviceInfo", "XML_DeviceInfo"


class InfoCalls(DeviceMessages):
    """Calls about device information."""

    def read(self, serial: str, *, user: DeviceUser | None = None) -> dict[str, Any]:
        """Return the whole message, {DeviceInfo: {…}}, ready to be changed and sent back."""
        return self._ask(READ_INFO, serial, user=user)

    def change(self, plain: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
        """Return a message that was read with some values changed, all else as it was.

        Args:
            plain: as `read` returns it.
            values: value by name, as people type them; `name` will do for deviceName.

        Raises:
            ProtocolError: the message has characters that could not be read, so it cannot be sent back.
            UsageError: no such field, one that only the device sets, or a value of the wrong type.
        """
        from hpcli.isapi.changes import change

        check_readable(plain)
        changed = dict(plain)
        for name, value in values.items():
            changed = change(changed, name, value, _MESSAGE)
        return changed

    def write(self, serial: str, plain: Mapping[str, Any], *, user: DeviceUser | None = None) -> None:
        """Send a changed message back, with every element that came."""
        wanted = content_of(plain, _ROOT)
        self._settle(
            lambda: self._tell(SET_INFO, serial, plain, user=user),
            lambda: content_of(self.read(serial, user=user), _ROOT) == wanted,
            f"hpcli device info {serial}",
        )
