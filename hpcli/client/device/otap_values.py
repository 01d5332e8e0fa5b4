"""Values of object models that come as text, or compressed (Guide §3.24.6, 3.24.11)."""

from __future__ import annotations

from typing import Any

from hpcli.errors import PlatformError
from hpcli.parse import parse_json


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
    import gzip

    try:
        data = base64.b64decode(packed) if isinstance(packed, str) else bytes(byte % 256 for byte in packed)
        return parse_json(gzip.decompress(data))
    except (ValueError, TypeError, OSError, EOFError) as error:
        raise PlatformError("The compressed object model cannot be read.") from error
