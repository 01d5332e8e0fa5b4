"""`hpcli person add --from`: the persons of a CSV file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcli.client.person.person import Person, check_person, check_photo
from hpcli.commands.framework.import_plan import PlannedRow, show_plan
from hpcli.commands.framework.import_report import reported
from hpcli.commands.framework.import_rows import attempt_lines, read_rows
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


def read_persons(ctx: Context, file: str, photos: Path | None) -> list[PersonRow]:
    """Return the persons of a CSV file, with their photos.

    Raises:
        UsageError: the file has errors; the message names the line.
    """
    if photos is not None and not photos.is_dir():
        raise LocalError(f"There is no folder {photos}.", hint="--photos is the folder of the photos.")

    def read(row: Row) -> PersonRow:
        person = _person(row, photos)
        check_person(person)
        return PersonRow(row.line, str(person.employee_no), person)

    return read_rows(ctx, file, COLUMNS, COLUMNS[:3], read)


def _person(row: Row, photos: Path | None) -> Person:
    cells = row.cells
    return Person(
        employee_no=cells["employee-no"],
        family_name=cells["family-name"],
        given_name=cells["given-name"],
        type=int(code_list("personType").value_of(cells.get("type", "employee"))),
        email=cells.get("email"),
        phone=cells.get("phone"),
        photo=_photo(cells, photos, has_column="photo" in row.columns),
        card_no=cells.get("card"),
    )


def _photo(cells: Mapping[str, str], photos: Path | None, *, has_column: bool) -> bytes | None:
    """Return the photo named in the row, else NUMBER.jpg.

    Without a column for photos, every person must have one; with it, an empty cell may mean none.
    """
    name = cells.get("photo")
    if name:
        if photos is None:
            raise UsageError("The row names a photo, but no folder is given.", hint="Use --photos DIR.")
        return check_photo(read_file(photos / name, "photo"))
    if photos is None:
        return None
    found = photos / f"{cells['employee-no']}.jpg"
    if found.is_file():
        return check_photo(read_file(found, "photo"))
    if not has_column:
        raise UsageError(
            f"There is no photo of {cells['employee-no']}: {found} does not exist.",
            hint="For persons without a photo, add a column photo and leave its cell empty.",
        )
    return None


def import_persons(ctx: Context, rows: Sequence[PersonRow], report: str | None) -> None:
    """Add the persons that do not exist yet; report each by its line, and in a file if one is given."""
    if ctx.settings.get("dry-run"):
        _plan(ctx, rows)
        return
    people = {row.number: row for row in rows}
    labels = {row.number: f"line {row.line}: {row.number}" for row in rows}
    book = open_book(ctx)

    def done(number: str, data: Mapping[str, Any]) -> str:
        if data["outcome"] == "already there":
            return f"{labels[number]} is already there{_compared(data.get('differs'), data.get('personId'))}."
        return f"{labels[number]} was added as {data['personId']}."

    lines = {row.number: row.line for row in rows}
    attempts = attempt_lines(
        ctx,
        lines,
        lambda number: _add(ctx, book, people[number]),
        lambda data: data.get("personId"),
    )
    ctx.report(reported(ctx, attempts, report, lines), done, named=lambda outcome: labels[outcome.target])


def _plan(ctx: Context, rows: Sequence[PersonRow]) -> None:
    """Show what an import would do, by the persons added on this computer: the platform cannot list persons."""
    book = open_book(ctx)
    planned: list[PlannedRow] = []
    for row in rows:
        label, known = f"line {row.line}: {row.number}", book.find(row.number)
        if known is None:
            ctx.send(partial(ctx.client.person.add, row.person))
            planned.append(PlannedRow("+", label, f"{row.person.given_name} {row.person.family_name}"))
            continue
        before = book.digest(row.number)
        differs = before != _digest(row.person) if before else None
        planned.append(PlannedRow("=", label, f"added on this computer{_compared(differs, known)}"))
    show_plan(ctx, planned)


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
    name = f"{row.person.given_name} {row.person.family_name}"
    ctx.keep(f"The id {person_id} of {row.number}", lambda: book.note(row.number, person_id, digest, name))
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
