"""`hpcli person delete`: delete persons from the platform."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from hpcli.api.operations.access.permissions import REVOKE
from hpcli.api.operations.person.persons import DELETE
from hpcli.client.checks import check_serials
from hpcli.commands.framework.options import PersonsArgument
from hpcli.commands.framework.persons import (
    UNKNOWN,
    described,
    is_person_id,
    naming_unknown,
    open_book,
    person_names,
    read_person_ids,
)
from hpcli.commands.framework.verb import calls
from hpcli.errors import NotFoundError
from hpcli.run.batches import attempt_batches
from hpcli.run.context import Context


@calls(DELETE, REVOKE)
def delete_persons(
    ctx: Context,
    persons: PersonsArgument,
    revoke: Annotated[
        list[str] | None,
        typer.Option("--revoke", help="First revoke their access to these devices.", metavar="SERIAL"),
    ] = None,
) -> None:
    """Delete persons from the platform.

    Devices keep the persons; --revoke first removes them from devices. A person id
    that is already gone counts as done.

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
        else "but not from devices; use `hpcli access revoke SERIAL --person ID`"
    )

    gone: set[str] = set()

    def delete(some: Sequence[str]) -> None:
        with naming_unknown(ctx, {person_id: names[person_id] for person_id in some}):
            if serials:
                ctx.send(lambda: ctx.client.access.revoke(serials, some))
            gone.update(_delete(ctx, some))

    def was_there(person_id: str) -> bool:
        return person_id not in gone

    def done(person_id: str, was_there: bool) -> str:  # noqa: FBT001 - the data of the outcome
        name = names[person_id]
        return f"Deleted {name} from the platform, {left}." if was_there else f"{name} was already gone."

    ctx.report(
        attempt_batches(targets, delete, ctx.run.plans, data=was_there, job=ctx.run.job),
        done,
        is_one=len(targets) == 1,
        named=lambda outcome: names[outcome.target],
    )


def _delete(ctx: Context, person_ids: Sequence[str]) -> list[str]:
    """Delete persons with one call; return those that were already gone.

    Raises:
        NotFoundError: there is no such id among several; or the only one may be the employee number of a person
            added elsewhere.
    """
    book = open_book(ctx)
    gone: list[str] = []
    try:
        ctx.client.person.delete(person_ids)
    except NotFoundError as error:
        (person_id, *others) = person_ids
        is_known = is_person_id(person_id) or person_id in book.entries().values()
        if others or error.code != UNKNOWN or not is_known:
            raise
        gone = [person_id]
    for person_id in person_ids:
        ctx.keep(f"That {person_id} is gone", partial(book.forget, person_id))
    return gone
