"""Calls of docs/openapi/hotspare/files.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.hotspare.files import FileLink, FileRow, UploadedFile

UPLOAD: Operation[UploadedFile] = Operation(
    "POST",
    "/api/hpcgw/v1/hotspare/file/upload",
    "§3.57",
    change=True,
    look="hotspare file list",
)
"""Upload a file for the other servers."""

URL: Operation[FileLink] = Operation(
    "POST",
    "/api/hpcgw/v1/hotspare/file/downloadurl",
    "§3.58",
    repeatable=True,
)
"""Get the address of a file."""

LIST: Operation[list[FileRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/hotspare/file/get",
    "§3.59",
    repeatable=True,
)
"""List the files."""

DELETE = Operation(
    "POST",
    "/api/hpcgw/v1/hotspare/file/delete",
    "§3.60",
    change=True,
    asks=True,
    repeatable=True,
    removes=True,
    look="hotspare file list",
)
"""Delete a file."""
