"""The persons of a command: their ids, their names in messages, and the error for an unknown one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from hpcli.errors import NotFoundError
from hpcli.local.person_book import PersonBook
from hpcli.names import normal
from hpcli.plurals import counted
from hpcli.run.context import Context

UNKNOWN = "LAP000003"
"""The platform's only answer if it has no such person."""


def open_book(ctx: Context) -> PersonBook:
    """Return the account's person book."""
    return PersonBook(ctx.run.session.persons_file)


def read_person_ids(ctx: Context, values: Sequence[str]) -> list[str]:
    """Return person ids; an employee number added on this computer is replaced by its id."""
    known = open_book(ctx).entries()
    ids = set(known.values())
    given = ctx.inputs.read_list(values, "person")
    return list(dict.fromkeys(text if text in ids else known.get(normal(text), text) for text in given))


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
        who = f" Perhaps it is {', '.join(strangers[:10])}." if strangers else ""
        message = f"At least one of {described(names)} does not exist.{who}"
    else:
        message = f"There is no {described(names)}."
    return NotFoundError(message, code=error.code, hint=hint, http_status=error.http_status)


def is_person_id(text: str) -> bool:
    """Whether a text has the form of a person id (example of §3.43)."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None
