"""Rows of docs/openapi/common.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class Company(TypedDict, total=False):
    """`Company` in answers."""

    companyName: str
    """Name."""
    address: str
    """Address."""
    street: str
    """Street."""
    firstName: str
    """First name of the contact."""
    lastName: str
    """Last name of the contact."""
    email: str
    """E-mail."""
    phone: str
    """Phone."""


class SharedInfo(TypedDict, total=False):
    """`SharedInfo` in answers."""

    shareType: int
    """Who shares with whom; codes `shareType`."""
    shareState: int
    """State of the sharing; codes `shareState`."""
    shareToCompany: Company
    """Company that one of your sites is shared with."""
    shareFromCompany: Company
    """Company that shares its site with you."""
