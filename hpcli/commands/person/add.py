"""`hpcli person add`: add a person, or the persons of a CSV file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from hpcli.api.operations.person.persons import ADD, UPDATE
from hpcli.client.person.person import Person, check_person
from hpcli.commands.framework.import_report import check_report
from hpcli.commands.framework.options import ImportFile, ReportFile
from hpcli.commands.framework.persons import open_book
from hpcli.commands.framework.verb import calls
from hpcli.commands.person.fields import person_fields
from hpcli.commands.person.import_file import import_persons, read_persons, taken_number
from hpcli.commands.person.options import Card, Email, Phone, Photo, Type
from hpcli.errors import HpcliError, UsageError
from hpcli.run.context import Context

_NEEDED = "Required without --from."


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


@calls(ADD, UPDATE)
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
        Path | None, typer.Option(help="Folder with the photos for the CSV file.", metavar="DIR")
    ] = None,
    report: ReportFile = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Add persons again that were added here and deleted elsewhere."),
    ] = False,
) -> None:
    """Add a person, or the persons of a CSV file.

    `access grant` gives them access to devices. Columns of the CSV file are
    employee-no, family-name, given-name, type, email, phone, card and photo. Photos
    are read from --photos: the file named in the column, else NUMBER.jpg. Persons already
    added on this computer are skipped and count as done, so you can import the file again;
    nothing is sent for them. --check asks for each whether it is still there, by setting its
    employee number again, as the platform cannot list persons.

    $ hpcli person add --employee-no 4711 --family-name Weber --given-name Jan
    $ hpcli person add --from persons.csv --photos faces
    """
    check_report(report, file)
    person = person_fields(employee_no, family_name, given_name, type_, email, phone, photo, card)
    if file is not None:
        if person != Person() or type_ is not None:
            raise UsageError("With --from, the persons come from the file.")
        import_persons(ctx, read_persons(ctx, file, photos, report), report, check=check)
        return
    if check:
        raise UsageError("--check goes with --from.")
    if photos is not None:
        raise UsageError("--photos needs --from FILE.", hint="For a single person use --photo FILE.jpg.")
    person = person if person.type is not None else replace(person, type=0)
    _check_needed(person)
    check_person(person)
    number, book = str(employee_no), open_book(ctx)

    def add() -> dict[str, Any]:
        try:
            person_id = ctx.client.person.add(person)
        except HpcliError as error:
            raise taken_number(ctx, number, error) from error
        name = f"{person.given_name} {person.family_name}"
        ctx.keep(f"The id {person_id} of {number}", lambda: book.note(number, person_id, name=name))
        return {"personId": person_id}

    ctx.change(
        number,
        add,
        lambda data: f"Added {number} as {data['personId']}.",
        new_id=lambda data: str(data["personId"]),
    )


def _check_needed(person: Person) -> None:
    """Check that no required option is missing.

    Raises:
        UsageError: options are missing; the message names them all.
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
        raise UsageError(message, hint="To add the persons of a CSV file, use --from FILE.")
