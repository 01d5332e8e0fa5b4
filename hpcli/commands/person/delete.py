"""`hpcli person delete`: delete persons from the platform."""

from __future__ import annotations

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
from hpcli.run.attempts import attempt_each
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

    def delete(person_id: str) -> bool:
        with naming_unknown(ctx, {person_id: names[person_id]}):
            if serials:
                ctx.send(lambda: ctx.client.access.revoke(serials, [person_id]))
            return _delete(ctx, person_id)

    def done(person_id: str, was_there: bool) -> str:  # noqa: FBT001 - the answer of `delete`
        name = names[person_id]
        return f"Deleted {name} from the platform, {left}." if was_there else f"{name} was already gone."

    ctx.report(
        attempt_each(targets, delete, ctx.run.plans, job=ctx.run.job),
        done,
        is_one=len(targets) == 1,
        named=lambda outcome: names[outcome.target],
    )


def _delete(ctx: Context, person_id: str) -> bool:
    """Delete a person; return False if it was already gone.

    Raises:
        NotFoundError: there is no such id, and it may be the employee number of a person added elsewhere.
    """
    book = open_book(ctx)
    try:
        ctx.client.person.delete([person_id])
    except NotFoundError as error:
        is_known = is_person_id(person_id) or person_id in book.entries().values()
        if error.code != UNKNOWN or not is_known:
            raise
        is_there = False
    else:
        is_there = True
    ctx.keep(f"That {person_id} is gone", lambda: book.forget(person_id))
    return is_there
