"""What the verbs of `hpcli arc` share."""

import re

from hpcli.run.context import Context

WAITING = 0


def find_site_id(ctx: Context, site: str) -> str:
    """Return a site's id; an id is not looked up, as ARC users see no sites but those of their devices."""
    return site if re.fullmatch(r"[0-9a-f]{32}", site) else str(ctx.client.site.find(site)["id"])
