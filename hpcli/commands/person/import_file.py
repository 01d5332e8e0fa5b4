"""`hpcli person add --from`: the persons of a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcli.client.checks import check_length
from hpcli.client.person.person import Person, check_card, check_employee_no, check_photo
from hpcli.commands.framework.import_item import THERE, Lines
from hpcli.commands.framework.import_rows import read_rows
from hpcli.commands.framework.imports import ImportItem, run_import, there
from hpcli.commands.framework.persons import open_book
from hpcli.errors import ConflictError, DryRun, HpcliError, LocalError, NotFoundError, UsageError
from hpcli.local.person_book import PersonBook
from hpcli.reference.codes import code_list
from hpcli.run.context import Context
from hpcli.run.inputs import read_file

if TYPE_CHECKING:
    from hpcli.run.tables import Row

_PARAMETER = "LAP000001"  # the platform's only answer if an employee number is taken
COLUMNS = ("employee-no", "family-name", "given-name", "type", "email", "phone", "card", "photo")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of a file with its line."""

    line: int
    number: str
    person: Person


def read_persons(ctx: Context, file: str, photos: Path | None, report: str | None) -> Lines[PersonRow]:
    """Return the persons of a CSV file, with their photos.

    Raises:
        UsageError: the file has errors; the message names the line.
    """
    if photos is not None and not photos.is_dir():
        raise LocalError(f"There is no folder {photos}.", hint="--photos is the folder of the photos.")

    def read(row: Row) -> PersonRow:
        person = _person(row, photos)
        return PersonRow(row.line, str(person.employee_no), person)

    return read_rows(ctx, file, COLUMNS, COLUMNS[:3], read, report=report)


def _person(row: Row, photos: Path | None) -> Person:
    def text(column: str, name: str, most: int) -> str | None:
        return row.read(column, partial(check_length, name, least=1, most=most), None)

    number = row.read("employee-no", check_employee_no, None)
    return Person(
        employee_no=number,
        family_name=text("family-name", "family name", 32),
        given_name=text("given-name", "given name", 32),
        type=row.read("type", _type, 0),
        email=text("email", "e-mail address", 128),
        phone=text("phone", "phone number", 32),
        photo=row.check(lambda: _photo(row.cells, number, photos, has_column="photo" in row.columns), None),
        card_no=row.read("card", check_card, None),
    )


def _type(text: str) -> int:
    return int(code_list("personType").value_of(text))


def _photo(
    cells: Mapping[str, str], number: str | None, photos: Path | None, *, has_column: bool
) -> bytes | None:
    """Return the photo named in the row, else NUMBER.jpg.

    Without a column for photos, every person must have one; with it, an empty cell may mean none.
    """
    name = cells.get("photo")
    if name:
        if photos is None:
            raise UsageError("The row names a photo, but no folder is given.", hint="Use --photos DIR.")
        return check_photo(read_file(photos / name, "photo"))
    if photos is None or number is None:
        return None
    found = photos / f"{number}.jpg"
    if found.is_file():
        return check_photo(read_file(found, "photo"))
    if not has_column:
        raise UsageError(
            f"There is no photo of {number}: {found} does not exist.",
            hint="For persons without a photo, add a column photo and leave its cell empty.",
        )
    return None


def import_persons(ctx: Context, lines: Lines[PersonRow], report: str | None, *, check: bool) -> None:
    """Add the persons that do not exist yet; report each by its line, and in a file if one is given.

    Args:
        ctx: the command's context.
        lines: of the file.
        report: `--report`.
        check: whether those added on this computer before are still there is asked, which changes them.
    """
    book = open_book(ctx)
    items = [_item(ctx, book, row, check=check) for row in lines.items]
    run_import(ctx, items, wrong=lines.wrong, report=report, new_id=lambda data: data.get("personId"))


def _item(ctx: Context, book: PersonBook, row: PersonRow, *, check: bool) -> ImportItem:
    """Return what a row asks for, by the persons added on this computer: the platform cannot list persons."""
    known = book.find(row.number)
    if known is None:
        name = f"{row.person.given_name} {row.person.family_name}"
        return ImportItem(row.line, row.number, "+", name, lambda: _add(ctx, book, row), done=_added_words)
    before = book.digest(row.number)
    differs = before != _digest(row.person) if before else None
    data = {"outcome": "already there", "personId": known, "differs": differs}
    if check:
        change = partial(_add_again, ctx, book, row, data)
        return ImportItem(row.line, row.number, "=", "to be looked at", change, done=_added_words)
    return there(row.line, row.number, _compared(differs, known), data)


def _added_words(data: Mapping[str, Any]) -> str:
    if data["outcome"] == "added":
        return f"added as {data['personId']}"
    return THERE + _compared(data.get("differs"), data.get("personId"))


def _add_again(ctx: Context, book: PersonBook, row: PersonRow, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add a person again that was deleted elsewhere."""
    return data if _is_there(ctx, data["personId"], row.number) else _add(ctx, book, row)


def _add(ctx: Context, book: PersonBook, row: PersonRow) -> dict[str, Any]:
    """Add a person; one whose number is refused as a duplicate is there already."""
    digest = _digest(row.person)
    try:
        person_id = ctx.client.person.add(row.person)
    except ConflictError:
        return {"outcome": "already there"}
    name = f"{row.person.given_name} {row.person.family_name}"
    ctx.keep(f"The id {person_id} of {row.number}", lambda: book.note(row.number, person_id, digest, name))
    return {"outcome": "added", "personId": person_id}


def _compared(differs: bool | None, person_id: str | None) -> str:  # noqa: FBT001 - the outcome of a row
    """Say whether the row equals the added person; empty if unknown."""
    if differs is None:
        return ""
    return (
        f", but the row differs: `hpcli person update {person_id}` changes it" if differs else ", unchanged"
    )


def _digest(person: Person) -> str:
    """Return a digest that shows whether a row has changed since it was added."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(person.body(), sort_keys=True).encode()).hexdigest()[:16]


def taken_number(ctx: Context, number: str, error: HpcliError) -> HpcliError:
    """Return the error for a person that was not added; it names the one with the same employee number."""
    if error.code != _PARAMETER and not isinstance(error, ConflictError):
        return error
    try:
        known = open_book(ctx).find(number)
    except LocalError:  # the refusal is what counts
        known = None
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
