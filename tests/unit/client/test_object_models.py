"""Object models that come compressed, as base64 or as numbers."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from hpcli.client.device.otap_values import unpack_model
from hpcli.errors import PlatformError

PACKED = gzip.compress(b'{"version": "1"}', mtime=0)
FORMS: dict[str, Any] = {
    "cut off": PACKED[:-9],
    "damaged": PACKED[:10] + b"\xff" * 20,
    "endless": gzip.compress(b'{"version": "1"}' + b" " * (17 << 20), mtime=0),
    "nothing": b"",
    "not compressed": b"{}",
    "not JSON": gzip.compress(b"{"),
    "a number": 5,
    "an object": {"a": 1},
    "words": ["x"],
    "not base64": "?",
    "fractions": [1.5],
    "null": None,
}


@pytest.mark.parametrize("packed", [PACKED, PACKED + b"\0\0"], ids=["whole", "padded"])
def test_a_compressed_model_is_unpacked(packed: bytes) -> None:
    signed = [byte - 256 if byte > 127 else byte for byte in packed]
    for form in (base64.b64encode(packed).decode(), list(packed), signed):
        assert unpack_model(form) == {"version": "1"}


@pytest.mark.parametrize("form", FORMS)
def test_a_model_that_is_damaged_or_endless_is_an_error(form: str) -> None:
    packed = FORMS[form]
    text = base64.b64encode(packed).decode() if isinstance(packed, bytes) else packed
    with pytest.raises(PlatformError, match="cannot be read"):
        unpack_model(text)
