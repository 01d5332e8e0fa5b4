"""Rows of docs/openapi/hotspare/files.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class UploadedFile(TypedDict, total=False):
    """Data of `UPLOAD`: upload a file for the other servers."""

    key: str
    """Key of the file."""


class FileLink(TypedDict, total=False):
    """Data of `URL`: get the address of a file."""

    url: str
    """Address of the file."""


class FileRow(TypedDict, total=False):
    """Row of `LIST`: list the files."""

    key: str
    """Key of the file."""
    lastModifiedTime: int
    """Last change, epoch milliseconds."""
