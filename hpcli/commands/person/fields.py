"""Turn the options of a person into API fields."""

from __future__ import annotations

from pathlib import Path

from hpcli.client.person.person import Person
from hpcli.parse import naming
from hpcli.reference.codes import code_list
from hpcli.run.inputs import read_file


def person_fields(
    employee_no: str | None,
    family_name: str | None,
    given_name: str | None,
    type_: str | None,
    email: str | None,
    phone: str | None,
    photo: Path | None,
    card: str | None,
) -> Person:
    """Return the given fields of a person."""
    with naming("--type"):
        kind = None if type_ is None else int(code_list("personType").value_of(type_))
    return Person(
        employee_no=employee_no,
        family_name=family_name,
        given_name=given_name,
        type=kind,
        email=email,
        phone=phone,
        photo=None if photo is None else read_file(photo, "photo"),
        card_no=card,
    )
