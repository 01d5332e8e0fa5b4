"""The meanings of platform, device and CID codes."""

import re
from pathlib import Path
from typing import Any

from hpcli.reference.device_errors import DeviceCode, device_codes_by_name, device_codes_by_number
from hpcli.reference.platform_errors import platform_error


def explain(code: str, folder: Path | None = None) -> list[dict[str, Any]]:
    """Return the meanings of a code: several if the vendor uses it twice, none if it is unknown.

    Args:
        code: LAP, EVZ or VMS code, CID event, event type, device code in hex or decimal, or sub-status name.
        folder: may hold the user's own table of CID codes.

    Returns:
        Rows {code, kind, name, meaning, hint}.

    Raises:
        UsageError: that table cannot be read.
    """
    text = code.strip()
    entry = platform_error(text.upper())
    if entry is not None:
        return [_row(entry.code, entry.kind, "", entry.description, entry.hint)]
    return [*_cid(text, folder), *_event_type(text), *_device(text)]


def _event_type(text: str) -> list[dict[str, Any]]:
    from hpcli.alarms.event.types import find_event_type

    known = find_event_type(text)
    if known is None:
        return []
    hint = f"`hpcli alarms history --type {known.type}` shows such events."
    return [_row(known.type, f"event type ({known.category.name})", known.name, known.meaning, hint)]


def _device(text: str) -> list[dict[str, Any]]:
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,8}", text):
        found = device_codes_by_number(int(text, 16))
    elif re.fullmatch(r"[0-9]{1,10}", text):
        found = device_codes_by_number(int(text))
    else:
        found = device_codes_by_name(text)
    return [_device_row(item) for item in found]


def _device_row(item: DeviceCode) -> dict[str, Any]:
    from hpcli.isapi.errors import advice

    kind = f"device ({item.module})" if item.module else "device"
    return _row(
        item.hex or item.name, kind, item.name, item.description, advice(item.name) or item.suggestion
    )


def _cid(text: str, folder: Path | None) -> list[dict[str, Any]]:
    from hpcli.alarms.event.cid import CATALOGUE, explain_cid
    from hpcli.alarms.event.own_codes import read_codes

    found = explain_cid(text, CATALOGUE if folder is None else read_codes(folder))
    return [_row(text, one.kind, one.name, one.meaning, one.hint) for one in found]


def _row(code: str, kind: str, name: str, meaning: str, hint: str | None) -> dict[str, Any]:
    return {"code": code, "kind": kind, "name": name, "meaning": meaning, "hint": hint or ""}
