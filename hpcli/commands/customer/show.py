"""`hpcli customer show`: an end user's permissions on devices."""

from collections.abc import Mapping
from typing import Any

from hpcli.api.operations.customer import DETAIL, LIST
from hpcli.api.operations.site import SEARCH
from hpcli.client.handover_permissions import words_of
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import AccountArgument, SiteArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context


def _permissions(_value: Any, row: Mapping[str, Any]) -> str:
    return ", ".join(words_of(row))


SHARED_DEVICES = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("PERMISSIONS", "otherPermissionDetails", show=_permissions, wide=True, wraps=True),
    ),
    fields=lambda: answer_fields(DETAIL.method, DETAIL.path),
)


@calls(DETAIL, SEARCH, LIST)
@lists
@many("site")
def show_customer(ctx: Context, site: SiteArgument, account: AccountArgument) -> None:
    """Show an end user's permissions on devices.

    Numbers in brackets are channels, or areas of a panel; without numbers a
    permission applies to all.

    $ hpcli customer show "Bäckerei Grünwald" maria.gruenwald@baeckerei.example
    """
    site_id = ctx.lookups.site_id(site)
    ctx.show(ctx.client.customer.show(site_id, account), SHARED_DEVICES)
