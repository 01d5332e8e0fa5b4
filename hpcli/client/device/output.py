"""Alarm outputs of devices (Guide A.4.20 to A.4.22)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hpcli.api.operations.device.output import LIST_OUTPUTS, OUTPUT_STATE, SET_OUTPUT
from hpcli.client.checks import check_range
from hpcli.client.device.isapi import DeviceUser
from hpcli.client.device.messages import DeviceMessages, content_of, without_attributes
from hpcli.client.device.numbers import name_missing, number_in
from hpcli.errors import UsageError

Result = TypeVar("Result")

LEVELS = {"high": "active", "low": "inactive"}


class OutputCalls(DeviceMessages):
    """Calls about alarm outputs; they count from 1 on both sides."""

    def outputs(self, serial: str, *, user: DeviceUser | None = None) -> list[dict[str, Any]]:
        """Return the outputs: [{id, name, PowerOnState: {…}, IOUseType, normalStatus, enabled, …}]. A.4.20."""
        plain = self._ask(LIST_OUTPUTS, serial, user=user)
        return [without_attributes(entry) for entry in plain["IOOutputPortList"]["IOOutputPort"]]

    def state(self, serial: str, output: int, *, user: DeviceUser | None = None) -> dict[str, Any]:
        """Return {ioPortID, ioPortType, ioState: active|inactive}. Guide A.4.21."""
        plain = self._name_output(
            serial,
            output,
            user,
            lambda: self._ask(OUTPUT_STATE, serial, user=user, parameters=_place(output)),
        )
        return content_of(plain, "IOPortStatus")

    def set(self, serial: str, output: int, level: str, *, user: DeviceUser | None = None) -> None:
        """Switch an output. Guide A.4.22.

        Args:
            serial: the device.
            output: from 1.
            level: high or low.
            user: as whom.
        """
        if level not in LEVELS:
            raise UsageError(f"'{level}' is not a level of an output.", hint="Choose high or low.")
        message = {"IOPortData": {"outputState": level}}
        parameters = _place(output)
        self._settle(
            lambda: self._name_output(
                serial,
                output,
                user,
                lambda: self._tell(SET_OUTPUT, serial, message, user=user, parameters=parameters),
            ),
            lambda: self.state(serial, output, user=user).get("ioState") == LEVELS[level],
            f"hpcli device output status {serial} {output}",
        )

    def _name_output(
        self, serial: str, output: int, user: DeviceUser | None, send: Callable[[], Result]
    ) -> Result:
        """Send a request about an output; name it where the device has none of that number."""
        return name_missing(
            send,
            "output",
            [output],
            lambda: (number_in(row, "id") for row in self.outputs(serial, user=user)),
        )


def _place(output: int) -> dict[str, str]:
    return {"outputId": str(check_range("output", output, 1))}
