"""`hpcli person`: persons of access control."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from hpcli.client.access.permissions import REVOKE
from hpcli.client.checks import check_serials
from hpcli.client.person.persons import ADD, DELETE, UPDATE, Person, check_person
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import ImportFile, PersonsArgument, complete_codes
from hpcli.commands.person import sync as person_sync
from hpcli.commands.person.import_file import (
    UNKNOWN,
    described,
    import_persons,
    is_person_id,
    naming_unknown,
    open_book,
    person_names,
    read_person_ids,
    read_persons,
    taken_number,
)
from hpcli.errors import HpcliError, NotFoundError, UsageError
from hpcli.parse import naming
from hpcli.reference import code_list
from hpcli.run.attempts import attempt_each
from hpcli.run.context import Context
from hpcli.run.inputs import read_file

app = Family("person", "Persons of access control: add, change, delete, copy.")

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
_NEEDED = "Needed without --from."
NewEmployeeNo = Annotated[
    str | None,
    typer.Option(
        "--employee-no", help=f"Employee number, up to 32 letters and digits. {_NEEDED}", metavar="N"
    ),
]
NewFamilyName = Annotated[
    str | None,
    typer.Option("--family-name", help=f"Family name, up to 32 characters. {_NEEDED}", metavar="NAME"),
]
NewGivenName = Annotated[
    str | None,
    typer.Option("--given-name", help=f"Given name, up to 32 characters. {_NEEDED}", metavar="NAME"),
]
Type = Annotated[
    str | None,
    typer.Option(
        "--type",
        help="employee, temporary or visitor.",
        metavar="TYPE",
        autocompletion=complete_codes("personType"),
    ),
]
Email = Annotated[str | None, typer.Option(help="E-mail address.", metavar="ADDRESS")]
Phone = Annotated[str | None, typer.Option(help="Phone number.", metavar="NUMBER")]
Photo = Annotated[Path | None, typer.Option(help="Face, a JPEG of up to 200 KB.", metavar="FILE")]
Card = Annotated[str | None, typer.Option(help="Card number, up to 20 digits.", metavar="N")]


@app.verb("add", ADD, UPDATE)
def add_person(
    ctx: Context,
    employee_no: NewEmployeeNo = None,
    family_name: NewFamilyName = None,
    given_name: NewGivenName = None,
    type_: Type = None,
    email: Email = None,
    phone: Phone = None,
    photo: Photo = None,
    card: Card = None,
    file: ImportFile = None,
    photos: Annotated[
        Path | None, typer.Option(help="Folder of the photos of the CSV file.", metavar="DIR")
    ] = None,
) -> None:
    """Add a person to the platform, or those of a CSV file.

    `access grant` brings them to devices. Columns of the CSV file are employee-no,
    family-name, given-name, type, email, phone, card, photo. Photos are looked for in
    --photos: the file that the column names, else NUMBER.jpg. The whole file is
    checked first; persons that were added from here before are left alone and count
    as done, so it may be imported again.

    $ hpcli person add --employee-no 4711 --family-name Weber --given-name Jan
    $ hpcli person add --from persons.csv --photos faces
    """
    person = _person(employee_no, family_name, given_name, type_, email, phone, photo, card)
    if file is not None:
        if person != Person() or type_ is not None:
            raise UsageError("With --from, the persons stand in the file.")
        import_persons(ctx, read_persons(ctx, file, photos))
        return
    if photos is not None:
        raise UsageError("--photos needs --from FILE.", hint="One person's photo is --photo FILE.jpg.")
    person = person if person.type is not None else replace(person, type=0)
    _check_needed(person)
    check_person(person)
    number, book = str(employee_no), open_book(ctx)

    def add() -> dict[str, Any]:
        try:
            person_id = ctx.client.person.add(person)
        except HpcliError as error:
            raise taken_number(ctx, number, error) from error
        book.note(number, person_id)
        return {"personId": person_id}

    ctx.change(
        number,
        add,
        lambda data: f"Added {number} as {data['personId']}.",
        new_id=lambda data: str(data["personId"]),
    )


def _check_needed(person: Person) -> None:
    """Check that nothing is missing.

    Raises:
        UsageError: something is; every option that is missing is named.
    """
    given = {
        "--employee-no": person.employee_no,
        "--family-name": person.family_name,
        "--given-name": person.given_name,
    }
    missing = [option for option, value in given.items() if value is None]
    if missing:
        head, last = ", ".join(missing[:-1]), missing[-1]
        message = f"{head} and {last} are missing." if head else f"{last} is missing."
        raise UsageError(message, hint="Persons of a CSV file are added with --from FILE.")


@app.verb("update", UPDATE)
def update_person(
    ctx: Context,
    person_id: Annotated[
        str, typer.Argument(help="Person id, or an employee number added from here.", metavar="PERSON")
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

    Devices get the change by `access grant`.

    $ hpcli person update 638b2584a96b9818d6decde85f0dc6cc --phone "+49 89 123456"
    """
    (person_id,) = read_person_ids(ctx, [person_id])
    changes = _person(employee_no, family_name, given_name, type_, email, phone, photo, card)

    def update() -> None:
        with naming_unknown(ctx, person_names(ctx, [person_id])):
            ctx.client.person.update(person_id, changes)
        if employee_no is not None:
            open_book(ctx).move(person_id, employee_no)

    ctx.change(person_id, update, f"Changed {person_id}; `hpcli access grant` brings it to devices.")


@app.verb("delete", DELETE, REVOKE)
def delete_persons(
    ctx: Context,
    persons: PersonsArgument,
    revoke: Annotated[
        list[str] | None,
        typer.Option("--revoke", help="Take them off these devices first.", metavar="SERIAL"),
    ] = None,
) -> None:
    """Delete persons from the platform.

    Devices keep them: --revoke takes them off devices first. A person id that is gone
    already counts as done.

    $ hpcli person delete 638b2584a96b9818d6decde85f0dc6cc --revoke C94115305 --yes
    """
    targets = read_person_ids(ctx, persons)
    serials = check_serials(ctx.inputs.read_list(revoke, "serial")) if revoke else []
    where = (
        f"from {', '.join(serials)} and the platform" if serials else "from the platform; devices keep them"
    )
    names = person_names(ctx, targets)
    ctx.confirm(f"Delete {described(names)} {where}?")

    left = (
        f"and from {', '.join(serials)}"
        if serials
        else "but not from devices: `hpcli access revoke SERIAL --person ID` does that"
    )

    def delete(person_id: str) -> bool:
        with naming_unknown(ctx, {person_id: names[person_id]}):
            if serials:
                ctx.send(lambda: ctx.client.access.revoke(serials, [person_id]))
            return _delete(ctx, person_id)

    def done(person_id: str, was_there: bool) -> str:  # noqa: FBT001 - the answer of `delete`
        name = names[person_id]
        return f"Deleted {name} from the platform, {left}." if was_there else f"{name} was gone already."

    ctx.report(
        attempt_each(targets, delete, ctx.run.plans),
        done,
        is_one=len(targets) == 1,
        named=lambda outcome: names[outcome.target],
    )


def _delete(ctx: Context, person_id: str) -> bool:
    """Delete a person; return False where it was gone already.

    Raises:
        NotFoundError: there is no such id, and what was typed may be the number of a person added elsewhere.
    """
    book = open_book(ctx)
    try:
        ctx.client.person.delete([person_id])
    except NotFoundError as error:
        is_known = is_person_id(person_id) or person_id in book.entries().values()
        if error.code != UNKNOWN or not is_known:
            raise
        book.forget(person_id)
        return False
    book.forget(person_id)
    return True


def _person(
    employee_no: str | None,
    family_name: str | None,
    given_name: str | None,
    type_: str | None,
    email: str | None,
    phone: str | None,
    photo: Path | None,
    card: str | None,
) -> Person:
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


app.include(person_sync.app)
