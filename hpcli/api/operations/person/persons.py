"""Calls of docs/openapi/person/persons.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.person.persons import NewPerson

ADD: Operation[NewPerson] = Operation("POST", "/api/hpcgw/v1/person/add", "§3.43", change=True)
"""Add a person to the platform."""

UPDATE = Operation("POST", "/api/hpcgw/v1/person/update", "§3.44", change=True, repeatable=True)
"""Change a person on the platform."""

DELETE = Operation(
    "POST",
    "/api/hpcgw/v1/person/delete",
    "§3.45",
    change=True,
    asks=True,
    repeatable=True,
    removes=True,
    look="access status PERSON",
)
"""Delete persons from the platform."""
