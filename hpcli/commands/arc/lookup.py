"""Code shared by the verbs of `hpcli arc`."""

import re

from hpcli.client.rows import needed
from hpcli.run.context import Context

WAITING = 0


def find_site_id(ctx: Context, site: str) -> str:
    """Return a site's id; an id is not looked up, because ARC users see only the sites of their devices."""
    return site if re.fullmatch(r"[0-9a-f]{32}", site) else needed(ctx.client.site.find(site), "id")
