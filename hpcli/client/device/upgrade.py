"""Firmware of devices (Guide §3.25, 3.28, 3.29)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from hpcli.api.operations.device.upgrade import CHECK, PROGRESS, START
from hpcli.backoff import Backoff
from hpcli.client.calls import Calls
from hpcli.client.device.isapi import told_refusal
from hpcli.errors import DeviceError, HpcliError, NetworkError, NotFoundError, UsageError
from hpcli.parse import parse_serial

if TYPE_CHECKING:
    from hpcli.api.rows.device.upgrade import NewerFirmware, UpgradeProgress, UpgradeStart

DONE, FAILED = 7, 8
WAIT_SECONDS = 3600.0
_NONE = "LAP000003"


class UpgradeCalls(Calls):
    """Calls about firmware."""

    def check(self, serial: str) -> NewerFirmware:
        """Return whether newer firmware exists: {isNeedUpgrade: 0 or 1}. Guide §3.25."""
        return self._read(CHECK, {"deviceSerial": parse_serial(serial)})

    def start(
        self,
        serial: str,
        *,
        username: str | None = None,
        password: str | None = None,
        pin: str | None = None,
    ) -> UpgradeStart:
        """Start an upgrade. Guide §3.28.

        First-generation panels need user name and password, other panels the PIN (`device.pin`), other devices
        neither (errata 56, 57).

        Args:
            serial: the device.
            username: a user of the device; needed with a password, optional with a PIN.
            password: that user's password.
            pin: PIN of the device; not together with a password.

        Returns:
            {deviceSerial, …}.

        Raises:
            UsageError: a user name alone, a password without one, or a PIN beside a password.
            DeviceError: the device refused to start.
        """
        if username is None if password is not None else username is not None and pin is None:
            raise UsageError("A user name needs a password or a PIN, and a password needs a user name.")
        if password is not None and pin is not None:
            raise UsageError("A PIN and a password exclude each other.")
        body = {
            "deviceSerial": parse_serial(serial),
            "username": username,
            "password": password,
            "pinCode": pin,
        }
        data = self._change(START, body)
        if _error_code(data) or _says_why(data):
            raise upgrade_refusal(data)
        return data

    def progress(self, serial: str) -> UpgradeProgress:
        """Return {deviceSerial, progress: per cent, statue: 0–8, error, errorDesc}. Guide §3.29.

        Raises:
            NotFoundError: no upgrade was started.
        """
        name = parse_serial(serial)
        try:
            return self._read(PROGRESS, {"deviceSerial": name})
        except NotFoundError as error:
            if error.code != _NONE:
                raise
            raise NotFoundError(
                f"No upgrade was started for {name}.",
                code=_NONE,
                hint=f"`hpcli device upgrade start {name}` starts one.",
            ) from error

    def wait(
        self,
        serial: str,
        *,
        limit: float = WAIT_SECONDS,
        every: float = 5.0,
        progress: Callable[[UpgradeProgress], None] | None = None,
    ) -> UpgradeProgress:
        """Wait for the end of an upgrade.

        A question that fails is asked again: the device goes offline while it restarts.

        Args:
            serial: the device.
            limit: seconds.
            every: seconds between two questions.
            progress: is given each answer of `progress`.

        Raises:
            DeviceError: the upgrade failed (state 8).
            TimeLimitError: it was not done in time; it goes on.
        """
        last: UpgradeProgress = {}

        def ask() -> UpgradeProgress:
            nonlocal last
            try:
                last = self.progress(serial)
            except (DeviceError, NetworkError) as error:
                self._inform(f"{serial}: {error} Asking again.")
            return last

        end = self._wait(
            ask,
            lambda state: state.get("statue") in (DONE, FAILED),
            limit=limit,
            backoff=Backoff((every,)),
            progress=progress,
        )
        if end.get("statue") == FAILED:
            raise upgrade_refusal(end)
        return end

    def _inform(self, text: str) -> None:
        if self._transport.info:
            self._transport.info(text)


def upgrade_refusal(data: Mapping[str, Any]) -> HpcliError:
    """Return the error in an answer of `start` or `progress`."""
    return told_refusal(_error_code(data), str(data.get("errorDesc") or "").strip())


def _says_why(data: Mapping[str, Any]) -> bool:
    """Whether an answer without an error code describes an error."""
    has_code = data.get("error") not in (None, "", False)
    return not has_code and str(data.get("errorDesc") or "").strip().lower() not in _NO_ERROR


_NO_ERROR: Final = frozenset({"", "0", "ok", "success", "none", "null", "no error"})


def _error_code(data: Mapping[str, Any]) -> str:
    """Return the error code of an answer, empty for none: `"0"` is met too."""
    code = str(data.get("error") or "").strip()
    return "" if code == "0" else code
