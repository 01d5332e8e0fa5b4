"""`hpcli person add --from`: the persons of a CSV file."""

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
from hpcli.reference.codes import code_list
from hpcli.run.context import Context
from hpcli.run.inputs import read_file

if TYPE_CHECKING:
    from hpcli.run.tables import Row

UNKNOWN = "LAP000003"
"""The platform's only answer if it has no such person."""
_PARAMETER = "LAP000001"  # the platform's only answer if an employee number is taken
COLUMNS = ("employee-no", "family-name", "given-name", "type", "email", "phone", "card", "photo")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a file with its line."""

    line: int
    number: str
    person: Person


def open_book(ctx: Context) -> PersonBook:
    """Return the account's person book."""
    return PersonBook(ctx.run.session.persons_file)


def read_persons(ctx: Context, file: str, photos: Path | None) -> list[PersonRow]:
    """Return the persons of a CSV file, with their photos.

    Raises:
        UsageError: the file has errors; the message names the line.
    """
    if photos is not None and not photos.is_dir():
        raise LocalError(f"There is no folder {photos}.", hint="--photos is the folder of the photos.")

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
    """Return the photo named in the row, else NUMBER.jpg if it exists."""
    name = cells.get("photo")
    if name is not None:
        if photos is None:
            raise UsageError("The row names a photo, but no folder is given.", hint="Use --photos DIR.")
        return check_photo(read_file(photos / name, "photo"))
    found = photos / f"{cells['employee-no']}.jpg" if photos is not None else None
    return check_photo(read_file(found, "photo")) if found is not None and found.is_file() else None


def import_persons(ctx: Context, rows: Sequence[PersonRow]) -> None:
    """Add the persons that do not exist yet; report each by its line."""
    people = {row.number: row for row in rows}
    labels = {row.number: f"line {row.line}: {row.number}" for row in rows}
    book = open_book(ctx)

    def done(number: str, data: Mapping[str, Any]) -> str:
        if data["outcome"] == "already there":
            return f"{labels[number]} is already there{_compared(data.get('differs'), data.get('personId'))}."
        return f"{labels[number]} was added as {data['personId']}."

    attempts = attempt_lines(
        ctx,
        {row.number: row.line for row in rows},
        lambda number: _add(ctx, book, people[number]),
        lambda data: data.get("personId"),
    )
    ctx.report(attempts, done, named=lambda outcome: labels[outcome.target])


def _add(ctx: Context, book: PersonBook, row: PersonRow) -> dict[str, Any]:
    """Add a person unless it exists: added here and still on the platform, or refused as a duplicate."""
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


def _compared(differs: bool | None, person_id: str | None) -> str:  # noqa: FBT001 - the outcome of a row
    """Say whether the row equals the added person; empty if unknown."""
    if differs is None:
        return ""
    return f", but the row differs: `hpcli person update {person_id}`" if differs else ", unchanged"


def _digest(person: Person) -> str:
    """Return a digest that shows whether a row has changed since it was added."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(person.body(), sort_keys=True).encode()).hexdigest()[:16]


def read_person_ids(ctx: Context, values: Sequence[str]) -> list[str]:
    """Return person ids; an employee number added on this computer is replaced by its id."""
    known = open_book(ctx).entries()
    ids = set(known.values())
    given = ctx.inputs.read_list(values, "person")
    return list(dict.fromkeys(text if text in ids else known.get(text, text) for text in given))


def person_names(ctx: Context, person_ids: Sequence[str]) -> dict[str, str]:
    """Return the name of each person in messages: the employee number if added on this computer, else the id."""
    numbers = {person_id: number for number, person_id in open_book(ctx).entries().items()}
    return {person_id: numbers.get(person_id, person_id) for person_id in person_ids}


def described(names: Mapping[str, str]) -> str:
    """Return `person 4711`, or `3 persons (4711, 4712, 4713)`, from the result of `person_names`."""
    return (
        counted(list(names.values()), "person") if len(names) > 1 else f"person {next(iter(names.values()))}"
    )


@contextmanager
def naming_unknown(ctx: Context, names: Mapping[str, str]) -> Iterator[None]:
    """Name the persons in an error that only says that there is no such resource.

    Args:
        ctx: the command's context.
        names: the persons of the call, from `person_names`.
    """
    try:
        yield
    except NotFoundError as error:
        raise _unknown_person(ctx, names, error) from error


def _unknown_person(ctx: Context, names: Mapping[str, str], error: NotFoundError) -> NotFoundError:
    """Return the error that names the missing person; of several, the platform does not say which."""
    if error.code != UNKNOWN:
        return error
    known = open_book(ctx).entries().values()
    strangers = [text for text in names if text not in known and not is_person_id(text)]
    hint = "`hpcli person add` adds a person; another account gives it another id."
    if strangers:
        hint = (
            f"{', '.join(strangers[:10])}: not added on this computer, so give the person id: "
            "`hpcli person add` and `hpcli person sync details TASK` print it."
        )
    if len(names) > 1:
        message = f"At least one of {described(names)} does not exist."
    else:
        message = f"There is no {described(names)}."
    return NotFoundError(message, code=error.code, hint=hint, http_status=error.http_status)


def is_person_id(text: str) -> bool:
    """Whether a text has the form of a person id (example of §3.43)."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


def taken_number(ctx: Context, number: str, error: HpcliError) -> HpcliError:
    """Return the error for a person that was not added; it names the one with the same employee number."""
    if error.code != _PARAMETER and not isinstance(error, ConflictError):
        return error
    known = open_book(ctx).find(number)
    if known is None:
        error.hint = f"The employee number {number} may already be taken. {error.hint or ''}".rstrip()
        return error
    return ConflictError(
        f"The employee number {number} is already taken by person {known}.",
        code=error.code,
        hint=f"`hpcli person update {known}` changes that person.",
    )


def _is_there(ctx: Context, person_id: str, number: str) -> bool:
    """Whether the platform still has a person; it cannot list persons, so this sets the unchanged employee number."""
    try:
        ctx.client.person.update(person_id, Person(employee_no=number))
    except DryRun:
        return True
    except NotFoundError:
        return False
    return True
