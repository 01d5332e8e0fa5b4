"""`hpcli site update`: rename a site or change its address."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.site import SEARCH, UPDATE
from hpcli.client.rows import needed
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.commands.framework.old_new import changed_words, in_brackets
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.address import Address, City, State, Street, given_address
from hpcli.errors import UsageError
from hpcli.run.context import Context


@calls(UPDATE, SEARCH)
def update_site(
    ctx: Context,
    site: SiteArgument,
    name: Annotated[str | None, typer.Option(help="New name, up to 128 characters.", metavar="NAME")] = None,
    state: State = None,
    city: City = None,
    street: Street = None,
    address: Address = None,
) -> None:
    """Rename a site or change its address.

    Fields you do not give stay unchanged. An empty text ("") clears a part of the
    address.

    $ hpcli site update "Neubau Kiefernweg 7" --name "Kiefernweg 7"
    $ hpcli site update "Harbour View Hotel" --street "Citadel Road 5"
    """
    given = given_address(state, city, street, address)
    if name is None and not given:
        raise UsageError(
            "There is nothing to change.", hint="Use --name, --state, --city, --street or --address."
        )
    row: Mapping[str, Any] = ctx.lookups.site(site)
    # The guide does not say whether omitted fields keep their values, so send those that have one.
    present = {option: str(row[key]) for option, key in ADDRESS_FIELDS.items() if row.get(key)}
    new_name = name if name is not None else needed(row, "siteName")  # it goes back
    site_id = needed(row, "id")
    before = {"name": row.get("siteName")} | {option: row.get(key) for option, key in ADDRESS_FIELDS.items()}
    ctx.run.changes.note_before(
        UPDATE,
        site_id,
        {"name": before["name"]} | {key: row.get(key) or "" for key in ADDRESS_FIELDS.values()},
    )
    words = changed_words(before, {"name": new_name} | given)
    ctx.change(
        site_id,
        lambda: ctx.client.site.update(site_id, new_name, address=present | given),
        f"Updated the site '{new_name}'{in_brackets(words)}.",
    )
