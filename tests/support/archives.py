"""Zip archives that were damaged on their way."""

from __future__ import annotations

import io
from zipfile import ZipFile


def damaged(content: bytes, name: str) -> bytes:
    """Return an archive in which the packed bytes of a file are not what its compression can have written."""
    with ZipFile(io.BytesIO(content)) as archive:
        found = archive.getinfo(name)
    with io.BytesIO(content) as stream:
        stream.seek(found.header_offset + 26)
        lengths = stream.read(4)
    start = (
        found.header_offset
        + 30
        + int.from_bytes(lengths[:2], "little")
        + int.from_bytes(lengths[2:], "little")
    )
    return content[:start] + b"\xff" * found.compress_size + content[start + found.compress_size :]
