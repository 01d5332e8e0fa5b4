"""`hpcli person add --from`: persons of a CSV file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcli.client.person.person import Person, check_person, check_photo
from hpcli.commands.framework.import_rows import attempt_lines, read_rows
from hpcli.errors import ConflictError, DryRun, HpcliError, LocalError, NotFoundError, UsageError
from hpcli.local.person_book import PersonBook
from hpcli.plurals import counted
from hpcli.reference import code_list
from hpcli.run.context import Context
from hpcli.run.inputs import read_file

if TYPE_CHECKING:
    from hpcli.run.tables import Row

UNKNOWN = "LAP000003"
"""All the platform says where it has no such person."""
_PARAMETER = "LAP000001"  # all the platform says where an employee number is taken
COLUMNS = ("employee-no", "family-name", "given-name", "type", "email", "phone", "card", "photo")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a file, and the line it stands in."""

    line: int
    number: str
    person: Person


def open_book(ctx: Context) -> PersonBook:
    """Return the book of persons of the account."""
    return PersonBook(ctx.run.session.persons_file)


def read_persons(ctx: Context, file: str, photos: Path | None) -> list[PersonRow]:
    """Return the persons of a CSV file, with their photos.

    Raises:
        UsageError: something in it is wrong; the line is named.
    """
    if photos is not None and not photos.is_dir():
        raise LocalError(f"There is no folder {photos}.", hint="--photos names the folder of the photos.")

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
            return f"{labels[number]} is there already{_compared(data.get('differs'), data.get('personId'))}."
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
    digest = _digest(row.person)
    if known is not None and _is_there(ctx, known, row.number):
        before = book.digest(row.number)
        differs = before != digest if before else None
        return {"outcome": "already there", "personId": known, "differs": differs}
    try:
        person_id = ctx.client.person.add(row.person)
    except ConflictError:
        return {"outcome": "already there"}
    book.note(row.number, person_id, digest)
    return {"outcome": "added", "personId": person_id}


def _compared(differs: bool | None, person_id: str | None) -> str:  # noqa: FBT001 - what became of a row
    """Tell whether the row is what was added; nothing where that is not known."""
    if differs is None:
        return ""
    return f", but the row differs: `hpcli person update {person_id}`" if differs else ", unchanged"


def _digest(person: Person) -> str:
    """Return what tells whether a row was changed since it was added."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(person.body(), sort_keys=True).encode()).hexdigest()[:16]


def read_person_ids(ctx: Context, values: Sequence[str]) -> list[str]:
    """Return person ids; an employee number that was added from here stands for its id."""
    known = open_book(ctx).entries()
    ids = set(known.values())
    given = ctx.inputs.read_list(values, "person")
    return list(dict.fromkeys(text if text in ids else known.get(text, text) for text in given))


def person_names(ctx: Context, person_ids: Sequence[str]) -> dict[str, str]:
    """Return what each person is called in messages: the employee number where it was added from here, else the id."""
    numbers = {person_id: number for number, person_id in open_book(ctx).entries().items()}
    return {person_id: numbers.get(person_id, person_id) for person_id in person_ids}


def described(names: Mapping[str, str]) -> str:
    """Return `person 4711`, or `3 persons (4711, 4712, 4713)`, of what `person_names` returned."""
    return (
        counted(list(names.values()), "person") if len(names) > 1 else f"person {next(iter(names.values()))}"
    )


@contextmanager
def naming_unknown(ctx: Context, names: Mapping[str, str]) -> Iterator[None]:
    """Name the persons where the platform only says that it has no such resource.

    Args:
        ctx: the command's context.
        names: the persons of the call, as `person_names` returned them.
    """
    try:
        yield
    except NotFoundError as error:
        raise _unknown_person(ctx, names, error) from error


def _unknown_person(ctx: Context, names: Mapping[str, str], error: NotFoundError) -> NotFoundError:
    """Return the error that names who is not there: of several, the platform does not tell which."""
    if error.code != UNKNOWN:
        return error
    known = open_book(ctx).entries().values()
    strangers = [text for text in names if text not in known and not is_person_id(text)]
    hint = "`hpcli person add` adds a person; on another account it has another id."
    if strangers:
        hint = (
            f"{', '.join(strangers[:10])}: not among those added from here, so give the person id: "
            "`hpcli person add` and `hpcli person sync details TASK` print it."
        )
    if len(names) > 1:
        message = f"At least one of {described(names)} is not there."
    else:
        message = f"There is no {described(names)}."
    return NotFoundError(message, code=error.code, hint=hint, http_status=error.http_status)


def is_person_id(text: str) -> bool:
    """Tell whether a text has the form of the ids that the platform gives (example of §3.43)."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


def taken_number(ctx: Context, number: str, error: HpcliError) -> HpcliError:
    """Return the error of a person who was not added; it names the one who has the employee number."""
    if error.code != _PARAMETER and not isinstance(error, ConflictError):
        return error
    known = open_book(ctx).find(number)
    if known is None:
        error.hint = f"The employee number {number} may be taken already. {error.hint or ''}".rstrip()
        return error
    return ConflictError(
        f"The employee number {number} is taken: person {known}.",
        code=error.code,
        hint=f"`hpcli person update {known}` changes that person.",
    )


def _is_there(ctx: Context, person_id: str, number: str) -> bool:
    """Tell whether the platform still has a person, by setting the number that it has anyway: it lists no persons."""
    try:
        ctx.client.person.update(person_id, Person(employee_no=number))
    except DryRun:
        return True
    except NotFoundError:
        return False
    return True
