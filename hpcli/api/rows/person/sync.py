"""Rows of docs/openapi/person/sync.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class SyncTask(TypedDict, total=False):
    """Data of `START`: start copying persons from a device to the platform."""

    syncTaskID: str
    """Task."""


class SyncProgress(TypedDict, total=False):
    """Data of `PROGRESS`: follow the copying of persons."""

    totalNum: int
    """Persons to copy."""
    taskStates: int
    """State; codes `taskStates`."""
    syncSucceedNum: int
    """Copied."""
    syncFailedNum: int
    """Failed."""


class SyncedPersonRow(TypedDict, total=False):
    """Row of `DETAILS`: list the persons that a task copied, or could not copy."""

    employeeNo: str
    """Employee ID."""
    subStatus: int
    """Failed persons: what was copied, see the code list syncSubStatusBits."""
    errorCode: str | None
    """Failed persons: LAP or EVZ code."""
    personId: str
    """New person ID; that of person/add works too."""
    type: int
    """Kind of person; codes `personType`."""
    familyName: str
    """Family name."""
    givenName: str
    """Given name."""
    email: str | None
    """E-mail."""
    phone: str | None
    """Phone."""
    facePicture: str | None
    """Address of the face picture, valid for ten minutes."""
    cardNo: str | None
    """Card number."""
    fingerprint: str | None
    """Fingerprint, in base64."""
