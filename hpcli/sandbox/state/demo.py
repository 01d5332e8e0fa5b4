"""The demo account, stored in `data/seed.json`."""

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def demo_data() -> dict[str, Any]:
    """Return the demo account from `data/seed.json`."""
    text = files("hpcli.sandbox").joinpath("data", "seed.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def stable_id(name: str) -> str:
    """Return an id that is the same every time: 32 hexadecimal digits, as the platform's are."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]
