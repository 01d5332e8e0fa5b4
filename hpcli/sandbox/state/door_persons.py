"""The persons that an access control device stores itself, whether or not the platform knows them.

Kind of record: `doorperson`, id `SERIAL/EMPLOYEENO`, parent the serial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state.store import Store

PERSON, CARD, FACE, FINGERPRINT = 1, 2, 4, 8
"""Bits of `subStatus`, by the worked example of §3.47 (errata 141)."""

_ABILITIES = {"DS-K1T671M": 7, "DS-K2604T": 3, "DS-K1T343EWX": 15}
"""The data that a model can store; other models store all but fingerprints."""

_NAMES = (
    ("Watanabe", "Yuki"),
    ("Tanaka", "Haruto"),
    ("Okafor", "Chidi"),
    ("García", "Lucía"),
    ("Grünwald", "Anna"),
    ("Al Mansoori", "Omar"),
    ("Kim", "Seo-yeon"),
    ("Novák", "Tomáš"),
    ("Smith", "Olivia"),
    ("Silva", "João"),
    ("Rossi", "Giulia"),
    ("Ivanova", "Darya"),
)


def ability(device: Mapping[str, Any]) -> int:
    """Return the data of a person that a device can store, as the bits above.

    Raises:
        Refused: EVZ20015, it is not an access control device.
    """
    if "access" not in device["hardware"].get("parts", ()):
        raise Refused("EVZ20015")
    return _ABILITIES.get(device["deviceType"], PERSON | CARD | FACE)


def persons_of(store: Store, device: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the persons on a device; on first use it gets twelve, the last one with an unusable face picture."""
    serial = device["deviceSerial"]
    if store.get("doorpersons", serial) is None:
        store.put("doorpersons", serial, {})
        for number, (family, given) in enumerate(_NAMES, start=1):
            person = {
                "employeeNo": str(10000 + number),
                "type": 0,
                "familyName": family,
                "givenName": given,
                "cardNo": f"{serial[1:]}{number:02d}",
                "hasBadFace": number == len(_NAMES),
            }
            put_person(store, device, person)
    return store.children("doorperson", serial)


def put_person(store: Store, device: Mapping[str, Any], person: Mapping[str, Any]) -> None:
    """Send a person to a device, or change one that is there."""
    serial = device["deviceSerial"]
    store.put("doorperson", f"{serial}/{person['employeeNo']}", person, parent=serial)


def remove_person(store: Store, device: Mapping[str, Any], employee_no: str) -> None:
    """Remove a person from a device."""
    persons_of(store, device)
    store.delete("doorperson", f"{device['deviceSerial']}/{employee_no}")
