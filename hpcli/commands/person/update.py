"""`hpcli person update`: change a person on the platform."""

from __future__ import annotations

from typing import Annotated

import typer

from hpcli.api.operations.person.persons import UPDATE
from hpcli.commands.framework.persons import naming_unknown, open_book, person_names, read_person_ids
from hpcli.commands.framework.verb import calls
from hpcli.commands.person.fields import person_fields
from hpcli.commands.person.options import Card, Email, Phone, Photo, Type
from hpcli.run.context import Context

EmployeeNo = Annotated[
    str | None,
    typer.Option("--employee-no", help="Employee number, up to 32 letters and digits.", metavar="N"),
]


FamilyName = Annotated[
    str | None, typer.Option("--family-name", help="Family name, up to 32 characters.", metavar="NAME")
]


GivenName = Annotated[
    str | None, typer.Option("--given-name", help="Given name, up to 32 characters.", metavar="NAME")
]


@calls(UPDATE)
def update_person(
    ctx: Context,
    person_id: Annotated[
        str, typer.Argument(help="Person id, or employee number added on this computer.", metavar="PERSON")
    ],
    employee_no: EmployeeNo = None,
    family_name: FamilyName = None,
    given_name: GivenName = None,
    type_: Type = None,
    email: Email = None,
    phone: Phone = None,
    photo: Photo = None,
    card: Card = None,
) -> None:
    """Change a person on the platform.

    To send the change to devices, run `access grant`.

    $ hpcli person update 638b2584a96b9818d6decde85f0dc6cc --phone "+49 89 123456"
    """
    (person_id,) = read_person_ids(ctx, [person_id])
    changes = person_fields(employee_no, family_name, given_name, type_, email, phone, photo, card)

    def update() -> None:
        with naming_unknown(ctx, person_names(ctx, [person_id])):
            ctx.client.person.update(person_id, changes)
        if employee_no is not None:
            ctx.keep(
                f"The new employee number of {person_id}", lambda: open_book(ctx).move(person_id, employee_no)
            )

    ctx.change(person_id, update, f"Changed {person_id}; `hpcli access grant` sends it to devices.")
