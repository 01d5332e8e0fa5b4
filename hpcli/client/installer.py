"""Employees of the installation company (Guide §3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hpcli.api.operations.installer import SEARCH
from hpcli.client.calls import Calls

if TYPE_CHECKING:
    from hpcli.api.rows.installer import InstallerRow
    from hpcli.client.known import KnownRows


class InstallerCalls(Calls):
    """Calls about employees."""

    def list(self, search: str | None = None, *, limit: int | None = None) -> Iterator[InstallerRow]:
        """Yield the employees.

        Args:
            search: part of a name or e-mail address.
            limit: rows at most.

        Yields:
            {id, firstName, lastName, email, phone, invitedStatus: bool, isAdmin: bool, enableStatus: bool}.
        """
        return self._list_named(SEARCH, search, limit=limit)

    def known(self) -> KnownRows[InstallerRow]:
        """Return all employees, to look some up.

        Raises:
            ProtocolError: the platform does not say who they are.
        """
        return self._known(SEARCH, "employee")
