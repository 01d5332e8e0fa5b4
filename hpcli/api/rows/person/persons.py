"""Rows of docs/openapi/person/persons.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class NewPerson(TypedDict, total=False):
    """Data of `ADD`: add a person to the platform."""

    personId: str
    """Person ID."""
