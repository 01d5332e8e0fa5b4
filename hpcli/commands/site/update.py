"""`hpcli site update`: rename a site or change its address."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.site import SEARCH, UPDATE
from hpcli.client.rows import needed
from hpcli.commands.framework.import_report import check_report
from hpcli.commands.framework.old_new import in_brackets
from hpcli.commands.framework.options import SITE, ImportFile, ReportFile
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.address import Address, City, State, Street, given_address
from hpcli.commands.site.change import change_site, site_words
from hpcli.commands.site.import_file import update_sites_of_file
from hpcli.errors import UsageError
from hpcli.run.context import Context


@calls(UPDATE, SEARCH)
@one("--from FILE has many")
def update_site(
    ctx: Context,
    site: Annotated[str | None, SITE] = None,
    name: Annotated[str | None, typer.Option(help="New name, up to 128 characters.", metavar="NAME")] = None,
    state: State = None,
    city: City = None,
    street: Street = None,
    address: Address = None,
    file: ImportFile = None,
    report: ReportFile = None,
) -> None:
    """Rename sites or change their addresses.

    Fields you do not give stay unchanged. An empty text ("") clears a part of the
    address. Columns of a file are site, name, state, city, street and address; an empty
    cell leaves the value as it is. --dry-run shows for each row old → new (~), as it is (=)
    or not possible (!); a second run does only what is missing.

    $ hpcli site update "Neubau Kiefernweg 7" --name "Kiefernweg 7"
    $ hpcli site update "Harbour View Hotel" --street "Citadel Road 5"
    $ hpcli site update --from addresses.csv --dry-run
    """
    given = given_address(state, city, street, address)
    check_report(report, file)
    if (site is None) == (file is None):
        raise UsageError("Give a site or --from FILE.", hint="`hpcli site update --help` explains both.")
    if file is not None:
        if name is not None or given:
            raise UsageError("With --from, the values come from the file.")
        update_sites_of_file(ctx, file, report)
        return
    assert site is not None  # one of the two is given
    if name is None and not given:
        raise UsageError(
            "There is nothing to change.", hint="Use --name, --state, --city, --street or --address."
        )
    row: Mapping[str, Any] = ctx.lookups.site(site)
    words = site_words(row, name, given)
    ctx.change(
        needed(row, "id"),
        lambda: change_site(ctx, row, name, given),
        f"Updated the site '{needed(row, 'siteName') if name is None else name}'{in_brackets(words)}.",
    )
