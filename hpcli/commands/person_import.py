"""`hpcli person add --from`: persons of a CSV file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcli.client.operation import DryRun
from hpcli.client.person import Person, check_person, check_photo
from hpcli.commands.import_rows import attempt_lines, read_rows
from hpcli.context import Context
from hpcli.errors import ConflictError, NotFoundError, UsageError
from hpcli.inputs import read_file
from hpcli.person_book import PersonBook
from hpcli.reference import code_list

if TYPE_CHECKING:
    from hpcli.imports import Row

COLUMNS = ("employee-no", "family-name", "given-name", "type", "email", "phone", "card", "photo")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a file, and the line it stands in."""

    line: int
    number: str
    person: Person


def open_book(ctx: Context) -> PersonBook:
    """Return the book of persons of the account."""
    return PersonBook(ctx.run.connection.persons_file)


def read_persons(ctx: Context, file: str, photos: Path | None) -> list[PersonRow]:
    """Return the persons of a CSV file, with their photos.

    Raises:
        UsageError: something in it is wrong; the line is named.
    """

    def read(row: Row) -> PersonRow:
        person = _person(row.cells, photos)
        check_person(person)
        return PersonRow(row.line, str(person.employee_no), person)

    return read_rows(ctx, file, COLUMNS, COLUMNS[:3], read)


def _person(cells: Mapping[str, str], photos: Path | None) -> Person:
    return Person(
        employee_no=cells["employee-no"],
        family_name=cells["family-name"],
        given_name=cells["given-name"],
        type=int(code_list("personType").value_of(cells.get("type", "employee"))),
        email=cells.get("email"),
        phone=cells.get("phone"),
        photo=_photo(cells, photos),
        card_no=cells.get("card"),
    )


def _photo(cells: Mapping[str, str], photos: Path | None) -> bytes | None:
    """Return the photo that the row names, else NUMBER.jpg where there is one."""
    name = cells.get("photo")
    if name is not None:
        if photos is None:
            raise UsageError("A photo is named, but no folder.", hint="Add --photos DIR.")
        return check_photo(read_file(photos / name, "photo"))
    found = photos / f"{cells['employee-no']}.jpg" if photos is not None else None
    return check_photo(read_file(found, "photo")) if found is not None and found.is_file() else None


def import_persons(ctx: Context, rows: Sequence[PersonRow]) -> None:
    """Add the persons that are not there yet; report each by its line."""
    people = {row.number: row for row in rows}
    labels = {row.number: f"line {row.line}: {row.number}" for row in rows}
    book = open_book(ctx)

    def done(number: str, data: Mapping[str, Any]) -> str:
        if data["outcome"] == "already there":
            return f"{labels[number]} is there already."
        return f"{labels[number]} is added as {data['personId']}."

    attempts = attempt_lines(
        ctx,
        {row.number: row.line for row in rows},
        lambda number: _add(ctx, book, people[number]),
        lambda data: data.get("personId"),
    )
    ctx.report(attempts, done, named=lambda outcome: labels[outcome.target])


def _add(ctx: Context, book: PersonBook, row: PersonRow) -> dict[str, Any]:
    """Add a person unless it is there: known from here and still on the platform, or refused as present."""
    known = book.find(row.number)
    if known is not None and _is_there(ctx, known, row.number):
        return {"outcome": "already there", "personId": known}
    try:
        person_id = ctx.client.person.add(row.person)
    except ConflictError:
        return {"outcome": "already there"}
    book.note(row.number, person_id)
    return {"outcome": "added", "personId": person_id}


def _is_there(ctx: Context, person_id: str, number: str) -> bool:
    """Tell whether the platform still has a person, by setting the number that it has anyway: it lists no persons."""
    try:
        ctx.client.person.update(person_id, Person(employee_no=number))
    except DryRun:
        return True
    except NotFoundError:
        return False
    return True
