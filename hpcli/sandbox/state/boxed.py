"""Devices that no account has yet: a few of the demo data, which are stored, and spare ones, made from their numbers.

Kind of record: `boxed`, id the serial. `owner` is `none`, or `other` if another account has the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hpcli.sandbox import verification_code
from hpcli.sandbox.state.demo import demo_data, stable_id
from hpcli.sandbox.state.store import Store

SPARES: Final = tuple(f"S{40_000_000 + 10 * number}" for number in range(1, 501))
"""Serials of the spare devices; the numbers between them are for the channels of recorders."""

_PARTS = (
    *("model", "category", "subCategory", "firmware", "outputs", "parts", "channels", "deadChannels"),
    *("noInstaller", "searchZonesOnly"),
)


def hardware(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a device is made of from its entry in the demo data."""
    digits = stable_id(f"mac {entry['serial']}")
    mac = ":".join(("bc", "9b", "5e", digits[0:2], digits[2:4], digits[4:6]))
    made = {name: entry[name] for name in _PARTS if name in entry}
    return {**made, "mac": mac, "validateCode": verification_code(entry["serial"])}


def shelve(store: Store, entry: Mapping[str, Any]) -> None:
    """Store a device of the demo data that no account has, or another one."""
    names = {name: entry[name] for name in ("deviceName", "owner")}
    store.put("boxed", entry["serial"], {**hardware(entry), **names})


def find_boxed(store: Store, serial: str) -> dict[str, Any] | None:
    """Return a device that this account does not have, None if there is none with this serial."""
    kept = store.get("boxed", serial)
    if kept is not None or serial not in SPARES or store.get("device", serial) is not None:
        return kept
    models = [entry for entry in demo_data()["boxed"] if entry["owner"] == "none"]
    model = models[SPARES.index(serial) % len(models)]
    return {**hardware({**model, "serial": serial}), "deviceName": "", "owner": "none"}


def spare_serials(store: Store) -> list[str]:
    """Return the serials of the spare devices that are not added yet."""
    return [serial for serial in SPARES if store.get("device", serial) is None]
