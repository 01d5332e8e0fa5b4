"""Names that a broker sorts events by, made from fields of the event: `alarms/{site}/{device}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from hpcli.alarms.event.event import Event
from hpcli.errors import UsageError

_FIELD: Final = re.compile(r"\{([^{}]*)\}")


def _site(event: Event) -> object:
    site = event["site"] or {}
    return site.get("name") or site.get("id")


_FIELDS: Final[Mapping[str, Callable[[Event], object]]] = {
    "device": lambda event: event["device"],
    "site": _site,
    "type": lambda event: event["type"],
    "category": lambda event: event["category"],
    "priority": lambda event: event["priority"],
    "state": lambda event: event["state"],
}
NAMES: Final = tuple(_FIELDS)
_MISSING: Final = "-"


def check_template(text: str, what: str) -> None:
    """Refuse a template that cannot be filled.

    Args:
        text: the template.
        what: what it is, for the error: `topic`.

    Raises:
        UsageError: it names a field that does not exist, or is empty.
    """
    if not text:
        raise UsageError(f"The address has no {what}.", hint=f"Write the {what} behind the host and a slash.")
    for name in _FIELD.findall(text):
        if name not in _FIELDS:
            raise UsageError(
                f"The {what} cannot have '{{{name}}}'.",
                hint=f"Fields: {', '.join(f'{{{known}}}' for known in NAMES)}.",
            )
    if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text):
        raise UsageError(f"The {what} has a brace without its other half.")


def fill(text: str, event: Event, unsafe: str) -> str:
    """Return a template with the fields of an event.

    Args:
        text: the template.
        event: the event; `-` stands for what it does not have.
        unsafe: characters that mean something in such a name. They are percent-encoded in a value, like blanks,
            control characters and `%`, so that different values never become the same name.
    """
    return _FIELD.sub(lambda field: encode(_FIELDS[field[1]](event), unsafe), text)


def fill_for_device(text: str, event: Event, unsafe: str, wildcard: str) -> str:
    """Return the name under which all events of a device are found: what else changes is a wildcard."""
    return _FIELD.sub(
        lambda field: wildcard if field[1] != "device" else encode(event["device"], unsafe), text
    )


@lru_cache(4096)  # a device has many events
def encode(value: object, unsafe: str) -> str:
    """Return a value as part of a name; see `fill`."""
    text = _MISSING if value in (None, "") else str(value)
    return "".join(
        one if one.isprintable() and one not in unsafe and one not in "% " else _percent(one) for one in text
    )


def _percent(one: str) -> str:
    return "".join(f"%{byte:02X}" for byte in one.encode(errors="surrogatepass"))
