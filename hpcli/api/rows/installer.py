"""Rows of docs/openapi/installer.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class InstallerRow(TypedDict, total=False):
    """Row of `SEARCH`: list or search the employees of the company."""

    id: str
    """Employee ID; site/assign takes it as installerId."""
    firstName: str
    """First name."""
    lastName: str
    """Last name."""
    email: str
    """E-mail."""
    phone: str
    """Phone."""
    invitedStatus: bool
    """Whether the employee has registered."""
    isAdmin: bool
    """Whether the employee is the administrator."""
    enableStatus: bool
    """Whether the employee may sign in."""
