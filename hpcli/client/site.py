"""Sites of customers (Guide §3.3–3.11, 3.26)."""

from collections.abc import Iterator
from typing import Any

from hpcli.client.calls import Calls
from hpcli.client.operation import read
from hpcli.errors import NotFoundError, UsageError

SEARCH = read("POST", "v1/site/search", "§3.6")


class SiteCalls(Calls):
    """Calls about sites."""

    def list(self, search: str | None = None, *, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield the sites.

        Args:
            search: part of a name.
            limit: rows at most.

        Yields:
            {id, siteName, timeZone, timeSync, installerId, siteState, siteCity, siteStreet, location,
            sharedInfo: {shareType, shareState, …}, siteDeliveryStatus, …} (Guide §3.6).
        """
        return self._list(SEARCH, {"search": search}, limit=limit)

    def find(self, site: str) -> dict[str, Any]:
        """Return the site of that id or exact name.

        Raises:
            NotFoundError: there is none.
            UsageError: several sites have that name.
        """
        rows = list(self.list(search=site))
        matches = [row for row in rows if row.get("id") == site] or [
            row for row in rows if row.get("siteName") == site
        ]
        if not matches:  # the search is by name, so an id needs the whole list
            matches = [row for row in self.list() if row.get("id") == site]
        if not matches:
            raise NotFoundError(f"There is no site '{site}'.", hint="`hpcli site list` shows ids and names.")
        if len(matches) > 1:
            ids = ", ".join(str(row.get("id")) for row in matches)
            raise UsageError(f"{len(matches)} sites are named '{site}'.", hint=f"Use one of the ids: {ids}.")
        return matches[0]
