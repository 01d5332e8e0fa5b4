"""Persons of access control, as the platform keeps them (Guide §3.43–3.45, 3.49–3.51)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from hpcli.api.operations.person.persons import ADD, DELETE, UPDATE
from hpcli.client.calls import Calls, made_id
from hpcli.client.checks import check_length
from hpcli.client.person.person import Person, check_person, check_person_ids
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from hpcli.client.person.sync import SyncCalls


class PersonCalls(Calls):
    """Calls about persons."""

    @cached_property
    def sync(self) -> SyncCalls:
        """Copying persons from devices (Guide §3.49–3.51)."""
        from hpcli.client.person.sync import SyncCalls

        return SyncCalls(self._transport)

    def add(self, person: Person) -> str:
        """Add a person to the platform and return the person's id; `access.grant` brings it to devices. Guide §3.43.

        Raises:
            UsageError: employee number, a name or the type is missing, or a value breaks its limit.
            PlatformError: the platform did not return an id.
        """
        body = check_person(person)
        return made_id(self._change(ADD, body), "personId", "id of the new person")

    def update(self, person_id: str, changes: Person) -> None:
        """Change what is given of a person; `access.grant` brings it to devices. Guide §3.44."""
        body = {"personId": check_length("person id", person_id, 1), **changes.body()}
        if len(body) == 1:
            raise UsageError("Nothing is to be changed.")
        self._change(UPDATE, body)

    def delete(self, person_ids: Sequence[str]) -> None:
        """Delete persons from the platform; devices keep them until `access.revoke`. Guide §3.45."""
        self._change(DELETE, {"personIds": check_person_ids(person_ids)})
