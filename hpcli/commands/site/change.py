"""Change the name and the address of a site, with what they replace in the log of changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.api.operations.site import UPDATE
from hpcli.client.rows import needed
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.commands.framework.old_new import changed_words
from hpcli.run.context import Context


def site_words(row: Mapping[str, Any], name: str | None, address: Mapping[str, str]) -> str:
    """Return what a change of a site would replace: `city Plymouth → Leeds`; empty for nothing."""
    before = {"name": row.get("siteName")} | {option: row.get(key) for option, key in ADDRESS_FIELDS.items()}
    return changed_words(before, {"name": row.get("siteName") if name is None else name} | dict(address))


def change_site(ctx: Context, row: Mapping[str, Any], name: str | None, address: Mapping[str, str]) -> None:
    """Set name and address of a site; what is not given stays as it is.

    Args:
        ctx: the command's context.
        row: the site as the platform lists it.
        name: its new name.
        address: any of state, city, street, address; an empty text clears a part.
    """
    site_id, kept = needed(row, "id"), needed(row, "siteName")  # it goes back
    # The guide does not say whether omitted fields keep their values, so send those that have one.
    present = {option: str(row[key]) for option, key in ADDRESS_FIELDS.items() if row.get(key)}
    ctx.run.changes.note_before(
        UPDATE,
        site_id,
        {"name": row.get("siteName")} | {key: row.get(key) or "" for key in ADDRESS_FIELDS.values()},
    )
    ctx.client.site.update(site_id, kept if name is None else name, address=present | dict(address))
