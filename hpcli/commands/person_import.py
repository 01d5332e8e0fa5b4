"""`hpcli person add --from`: persons of a CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcli.client.operation import DryRun
from hpcli.client.person import Person, check_person, check_photo
from hpcli.context import Context
from hpcli.errors import ConflictError, HpcliError, InterruptedByUserError, NotFoundError, UsageError
from hpcli.inputs import read_file
from hpcli.person_book import PersonBook
from hpcli.reference import code_list

if TYPE_CHECKING:
    from hpcli.outcomes import Attempt

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
    from hpcli.imports import LineFaults, read_sheet

    text = ctx.inputs.read_text(file if file.startswith(("-", "@")) else f"@{file}", "CSV file")
    sheet = read_sheet(text, COLUMNS, needed=COLUMNS[:3], unique=COLUMNS[0])
    for title in sheet.ignored:
        ctx.say(f"The column {title} is ignored.")
    rows: list[PersonRow] = []
    faults = LineFaults()
    for row in sheet.rows:
        with faults.at(row.line):
            person = _person(row.cells, photos)
            check_person(person)
            rows.append(PersonRow(row.line, str(person.employee_no), person))
    faults.raise_any()
    return rows


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
    lines = {row.number: f"line {row.line}: {row.number}" for row in rows}

    def done(number: str, data: Mapping[str, Any]) -> str:
        if data["outcome"] == "already there":
            return f"{lines[number]} is there already."
        return f"{lines[number]} is added as {data['personId']}."

    ctx.report(_attempts(ctx, rows), done, named=lambda outcome: lines[outcome.target])


def _attempts(ctx: Context, rows: Sequence[PersonRow]) -> Iterator[Attempt]:
    from hpcli.output import Outcome

    book = open_book(ctx)
    for row in rows:
        try:
            data = _add(ctx, book, row)
        except DryRun as planned:
            ctx.run.plans.append(planned.plan)
        except InterruptedByUserError:
            raise
        except HpcliError as error:
            failed = {"line": row.line, "outcome": "failed"}
            yield Outcome(row.number, ok=False, data=failed, error=error.as_dict()), error
        else:
            told = {"line": row.line, **data}
            yield Outcome(row.number, ok=True, data=told, new_id=data.get("personId")), None


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
