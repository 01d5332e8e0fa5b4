"""Rows of docs/openapi/device/upgrade.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class NewerFirmware(TypedDict, total=False):
    """Data of `CHECK`: ask whether there is newer firmware."""

    isNeedUpgrade: int
    """Newer firmware; codes `isNeedUpgrade`."""


class UpgradeStart(TypedDict, total=False):
    """Data of `START`: start a firmware upgrade."""

    deviceSerial: str
    """Serial number."""
    error: str | None
    """Code if the start failed."""
    errorDesc: str | None
    """Text if the start failed."""


class UpgradeProgress(TypedDict, total=False):
    """Data of `PROGRESS`: follow a firmware upgrade."""

    deviceSerial: str
    """Serial number."""
    progress: int
    """Per cent."""
    statue: int
    """State; also sent as status; codes `upgradeStatue`."""
    error: str | None
    """Code when it failed."""
    errorDesc: str | None
    """Text when it failed."""
