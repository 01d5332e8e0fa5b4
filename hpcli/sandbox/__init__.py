"""The stand-in platform: one account in one SQLite file, served on loopback, written from the guide.

`server.start` serves it, `control` triggers events and sets faults. The OpenAPI document checks every
request. Each family of calls has its own file; a call is a function marked `@operation("operationId")`.
"""

from typing import Final

APP_KEY: Final = "sandbox-app-key"
SECRET_KEY: Final = "sandbox-secret-key-known-to-everyone"  # noqa: S105 - opens nothing but the stand-in
"""The demo account's key pair."""

DEFAULT_DEVICE: Final = "Q10254783"
"""An online AX PRO panel of the demo data."""

NEW_DEVICE: Final = "K77120045"
"""A camera that no account has yet: `device/add` accepts it with `verification_code(NEW_DEVICE)`."""

DEVICE_USERS: Final = ("admin", "installer", "operator")
DEVICE_PASSWORD: Final = "Sandbox-2025"  # noqa: S105 - opens nothing but the stand-in's devices
"""Users and passwords of every demo device; the operator may not change settings."""

OWN_PICTURE_KEYS: Final = {"Q19323594": "school2024", "C94116001": "frontdoor7"}
"""Keys that the owners of devices chose for their pictures; `hpcli` does not know these."""

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def verification_code(serial: str) -> str:
    """Return the six letters on the label of a demo device."""
    number = int.from_bytes(serial.encode(), "big") * 2654435761
    return "".join(_LETTERS[(number >> (5 * place)) % len(_LETTERS)] for place in range(6))


def picture_key(serial: str) -> str:
    """Return the key of a demo device's pictures: its verification code unless its owner chose one (Guide §2.5)."""
    return OWN_PICTURE_KEYS.get(serial) or verification_code(serial)
