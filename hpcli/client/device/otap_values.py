"""Values of object models that come as text, or compressed (Guide §3.24.6, 3.24.11)."""

from __future__ import annotations

from typing import Any, Final

from hpcli.errors import PlatformError
from hpcli.parse import parse_json

_GZIP: Final = 31  # zlib's number for its own head and end
_LARGEST_MODEL: Final = 16 << 20
_UNREADABLE: Final = "The compressed object model cannot be read."


def parse_record(record: Any) -> Any:
    """Return a record of a list; one that is not JSON text is passed on as it is."""
    if not isinstance(record, str):
        return record
    try:
        return parse_json(record)
    except ValueError:
        return record


def unpack_model(packed: Any) -> Any:
    """Return the model in gzipProfile: base64 text or an array of numbers, signed ones too (errata 120).

    Raises:
        PlatformError: it is neither.
    """
    import base64
    import zlib

    unpacker = zlib.decompressobj(_GZIP)
    try:
        data = base64.b64decode(packed) if isinstance(packed, str) else bytes(byte % 256 for byte in packed)
        text = unpacker.decompress(data, _LARGEST_MODEL)
        model = parse_json(text) if unpacker.eof else None
    except (ValueError, TypeError, zlib.error) as error:
        raise PlatformError(_UNREADABLE) from error
    if not unpacker.eof:  # it is cut off, or larger than any model
        raise PlatformError(_UNREADABLE)
    return model
