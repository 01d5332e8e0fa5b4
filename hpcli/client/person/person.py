"""What a person has, within the limits of the platform (Guide §3.43)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hpcli.client.checks import check_count, check_length, check_pattern
from hpcli.errors import UsageError
from hpcli.reference.codes import code_list

LARGEST_PHOTO = 200 * 1024
"""Bytes of a JPEG; the guide leaves open whether before or after base64 (§3.43)."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person (§3.43); None leaves a field out.

    Attributes:
        employee_no: 1 to 32 letters and digits.
        family_name: 1 to 32 characters.
        given_name: 1 to 32 characters.
        type: a code of `personType` (0 employee, 1 temporary, 2 visitor).
        email: at most 128 characters.
        phone: at most 32 characters.
        photo: a JPEG of at most 200 KB.
        card_no: at most 20 digits.
    """

    employee_no: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    type: int | None = None
    email: str | None = None
    phone: str | None = None
    photo: bytes | None = field(default=None, repr=False)
    card_no: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the JSON form of what is given.

        Raises:
            UsageError: a value breaks its limit.
        """
        if self.employee_no is not None:
            check_employee_no(self.employee_no)
        lengths = (
            ("family name", self.family_name, 32),
            ("given name", self.given_name, 32),
            ("e-mail address", self.email, 128),
            ("phone number", self.phone, 32),
        )
        for name, text, most in lengths:
            if text is not None:
                check_length(name, text, 1, most)
        if self.card_no is not None:
            check_card(self.card_no)
        if self.type is not None and code_list("personType").find(self.type) is None:
            raise UsageError(f"There is no person type {self.type}.", hint="It is 0, 1 or 2.")
        given = {
            "employeeNo": self.employee_no,
            "type": self.type,
            "familyName": self.family_name,
            "givenName": self.given_name,
            "email": self.email,
            "phone": self.phone,
            "facePicture": None if self.photo is None else base64.b64encode(check_photo(self.photo)).decode(),
            "cardNo": self.card_no,
        }
        return {name: value for name, value in given.items() if value is not None}


def check_person(person: Person) -> dict[str, Any]:
    """Return the JSON form of a person to be added.

    Raises:
        UsageError: something needed is missing, or a value breaks its limit.
    """
    needed = (
        ("employee number", person.employee_no),
        ("family name", person.family_name),
        ("given name", person.given_name),
    )
    for name, value in needed:
        if value is None:
            raise UsageError(f"The {name} is missing.")
    return {"type": 0, **person.body()}


def check_person_ids(person_ids: Sequence[str]) -> list[str]:
    """Return the ids, each once.

    Raises:
        UsageError: there is none, or an empty one.
    """
    ids = list(dict.fromkeys(check_length("person id", person_id, 1) for person_id in person_ids))
    check_count("person id", ids)
    return ids


def check_employee_no(text: str) -> str:
    """Return an employee number: 1 to 32 letters and digits (§3.43).

    Raises:
        UsageError: it is something else.
    """
    return check_pattern("employee number", text, "[A-Za-z0-9]{1,32}", "1 to 32 letters and digits")


def check_card(text: str) -> str:
    """Return a card number: 1 to 20 digits (§3.43).

    Raises:
        UsageError: it is something else.
    """
    return check_pattern("card number", text, "[0-9]{1,20}", "1 to 20 digits")


def check_photo(photo: bytes) -> bytes:
    """Return a face picture.

    Raises:
        UsageError: it is not a JPEG, or larger than 200 KB.
    """
    if not photo.startswith(b"\xff\xd8\xff"):
        raise UsageError("The photo is not a JPEG.", hint="Convert it; PNG and other formats are not taken.")
    if len(photo) > LARGEST_PHOTO:
        raise UsageError(
            f"The photo has {-(-len(photo) // 1024)} KB; at most 200 KB are allowed.", hint="Make it smaller."
        )
    return photo
