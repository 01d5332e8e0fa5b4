"""The JSON Schema of the document, and the check of a file against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from hpcli.errors import UsageError
from hpcli.fleet.document import FOR_EVER, FORMAT, VERSION, Document
from hpcli.parse import LONGEST_SERIAL

Schema = dict[str, Any]
Path = Sequence[str | int]
LineOf = Callable[[Path], int | None]
_MOST_FAULTS: Final = 5
_NAMING: Final = ("name", "account", "email", "serial", "id")
"""Keys that say which site, device or person something is, the best first."""


def schema() -> Schema:
    """Return the schema (draft 2020-12). Descriptions say what `fleet apply` does with a key."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"hpcli-fleet-{VERSION}.schema.json",
        "title": "An account of Hik-Partner Pro, as hpcli fleet writes and applies it",
        "description": "A key that is missing is left alone.",
        **_object(
            {
                "format": {"const": FORMAT},
                "version": {"const": VERSION},
                "account": _object(
                    {
                        "id": _text(
                            "A hash of login host and API key; another account needs --to-other-account."
                        ),
                        "host": _text("Login host."),
                        "name": _text("Profile with which it was read."),
                    }
                ),
                "begun": _text("When the reading began."),
                "made": _text("When the reading was done."),
                "complete": {"type": "boolean", "description": "Whether everything could be read."},
                "unread": {
                    "type": "array",
                    "items": {"type": "object"},
                    "description": "What could not be read.",
                },
                "sites": {"type": "array", "items": _site()},
                "withoutSite": {
                    "type": "array",
                    "items": _device(),
                    "description": "Devices whose site is not in the list of sites; never applied.",
                },
            },
            "format",
            "version",
            "sites",
        ),
    }


def _site() -> Schema:
    address = {
        name: _text("Part of the address; applied.", 128, least=0) for name in ("state", "city", "street")
    }
    return {
        **_object(
            {
                "name": _text("Name; applied.", 128),
                "id": _text("Id of the site; without it, or in another account, the exact name counts."),
                "timeZone": {
                    "type": ["integer", "string"],
                    "description": "Number, listed name or IANA name; applied to new sites only.",
                },
                "timeSync": {
                    "type": "boolean",
                    "description": "Devices take over the time zone; for new sites only.",
                },
                **address,
                "address": _text("Part of the address; applied.", 128, least=0),
                "handover": _text("State of the handover; never applied."),
                "appAccess": {"type": "boolean", "description": "App access of end users; never applied."},
                "share": {
                    "type": "object",
                    "description": "Sharing as the list of sites has it; never applied.",
                },
                "managers": {"type": "array", "items": _manager()},
                "customers": {"type": "array", "items": _customer()},
                "devices": {"type": "array", "items": _device()},
            }
        ),
        "anyOf": [{"required": ["name"]}, {"required": ["id"]}],
    }


def _manager() -> Schema:
    return {
        **_object(
            {
                "email": _text("E-mail address of the employee."),
                "id": _text("Id of the employee, for the account that the file is of."),
                "name": _text("Name; never applied."),
                "until": _text(f"End of the permission as ISO 8601, or {FOR_EVER}; applied."),
            }
        ),
        "anyOf": [{"required": ["email"]}, {"required": ["id"]}],
    }


def _customer() -> Schema:
    places = {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": 1}
    allowed = {"anyOf": [{"const": "all"}, places]}
    return _object(
        {
            "account": _text("E-mail address or phone number."),
            "status": _text("State of the invitation; never applied."),
            "permissions": {
                "type": "object",
                "description": "Serial to permissions, each with its channels (areas of a panel) or all; applied.",
                "propertyNames": {"pattern": f"^[A-Za-z0-9]{{1,{LONGEST_SERIAL}}}$"},
                "additionalProperties": {"type": "object", "additionalProperties": allowed},
            },
        },
        "account",
    )


def _device() -> Schema:
    return _object(
        {
            "serial": {
                "type": "string",
                "pattern": f"^[A-Za-z0-9]{{1,{LONGEST_SERIAL}}}$",
                "description": "Serial; a device that is not on the site is added if --codes has its code.",
            },
            "name": _text("Name; applied.", 128, least=0),
            "id": _text("Id; never applied."),
            "model": _text("Model; never applied.", least=0),
            "category": _text("Category; never applied."),
            "subCategory": {"type": "integer", "description": "Sub-category; never applied."},
            "firmware": _text("Firmware; never applied.", least=0),
            "online": _text("online, offline or unknown; never applied."),
            "offlineSince": _text("Since when it is offline, if the platform says; never applied."),
            "info": _text("Extra text; applied.", 256),
            "added": _text("When it was added; never applied.", least=0),
            "arc": {
                "anyOf": [{"type": "null"}, _arc()],
                "description": "The receiving centre; null for none.",
            },
            "channels": {"type": "array", "items": _channel(), "description": "Never applied."},
        },
        "serial",
    )


def _arc() -> Schema:
    return _object(
        {
            "id": _text("Id of the receiving centre; applied."),
            "company": _text("Its company; never applied."),
            "account": {
                "type": "string",
                "pattern": "^[0-9A-Fa-f]{3,16}$",
                "description": "Account number; applied. An export has what this computer set last.",
            },
            "events": {
                "type": "array",
                "items": {"type": ["string", "integer"]},
                "description": "Events that are reported; applied. An export has what this computer set last.",
            },
        },
        "id",
    )


def _channel() -> Schema:
    number = {"type": "integer", "description": "Number of the channel."}
    return _object(
        {
            "number": number,
            "name": _text("Name.", least=0),
            "camera": _text("Serial of the camera.", least=0),
            "state": _text("online or offline."),
        }
    )


def _object(properties: Mapping[str, Any], *required: str) -> Schema:
    found = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def _text(description: str, most: int | None = None, *, least: int = 1) -> Schema:
    limits = {"minLength": least} if least else {}
    return {"type": "string", **limits, **({"maxLength": most} if most else {}), "description": description}


def check_document(document: Any, source: str, line_of: LineOf = lambda _path: None) -> Document:
    """Return a document that has the form of the schema.

    Args:
        document: what was read.
        source: names the file in messages.
        line_of: path of a value to its line in the file, if that is known.

    Raises:
        UsageError: it has not; the message names the first places that are wrong.
    """
    from jsonschema import Draft202012Validator

    _check_kind(document, source)
    validator = Draft202012Validator(schema())
    faults = [
        _fault(error, document, line_of)
        for error, _ in zip(validator.iter_errors(document), range(_MOST_FAULTS), strict=False)
    ]
    if faults:
        raise UsageError(
            f"{source} is not a fleet file: {'; '.join(faults)}.",
            hint="`hpcli fleet schema` prints its form.",
        )
    _check_repeats(document, source, line_of)
    found: Document = document
    return found


def _check_kind(document: Any, source: str) -> None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UsageError(
            f"{source} is not a fleet file: it has no `format: {FORMAT}`.",
            hint="`hpcli fleet export` writes such files.",
        )
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise UsageError(f"{source} was made by a newer hpcli.", hint="Update hpcli.")


def _fault(error: Any, document: Any, line_of: LineOf) -> str:
    """Return what is wrong, and where: `sites[3].devices[0] (line 46, Bakery, Q10254783): …`."""
    path = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = list(error.schema.get("properties", ()))
        unknown = [str(name) for name in error.instance if name not in known]
        near = _meant(unknown[0], known) if unknown else None
        meant = f" (did you mean '{near}'?)" if near else ""
        where = _where(path, document, line_of([*path, *unknown[:1]]))
        return f"{where}there is no key {', '.join(repr(name) for name in unknown)}{meant}"
    text = error.message
    said = text if len(text) <= 120 else f"the value does not fit {error.validator}"
    return _where(path, document, line_of(path) if path else None) + said


def _where(path: Path, document: Any, line: int | None) -> str:
    """Return a path in brackets and points, its line, and what the sites and devices on it are called."""
    names: list[str] = []
    words, value = "", document
    for part in path:
        value = value[part]
        if isinstance(value, Mapping):
            names += [str(value[key]) for key in _NAMING if value.get(key)][:1]
        words += f"[{part}]" if isinstance(part, int) else f".{part}"
    details = ", ".join([*([f"line {line}"] if line else []), *names])
    words = words.removeprefix(".")
    where = f"{words} ({details})" if words and details else words or details
    return f"{where}: " if where else ""


def _meant(unknown: str, known: Sequence[str]) -> str | None:
    """Return the key that was meant: one that looks alike, or one for which it is another word (`strasse`)."""
    from hpcli.names import plain
    from hpcli.reference.choices import nearest
    from hpcli.reference.data import read_rows

    for column, words, _ in read_rows("column_titles.tsv"):
        if plain(unknown) in map(plain, words.split(", ")):
            found = next((key for key in known if key.casefold() == column.replace("-", "")), None)
            if found is not None:
                return found
    return next(iter(nearest(unknown, known)), None)


def _check_repeats(document: Document, source: str, line_of: LineOf) -> None:
    """Refuse a site or device that a file has twice: nobody knows which counts.

    Raises:
        UsageError: there is one.
    """
    sites = document["sites"]
    lists: list[tuple[str, Iterable[tuple[str, Path]]]] = [
        ("site", ((site["id"], ("sites", at)) for at, site in enumerate(sites) if "id" in site)),
        (
            "device",
            (
                (str(one["serial"]).upper(), ("sites", at, "devices", place))
                for at, site in enumerate(sites)
                for place, one in enumerate(site.get("devices", ()))
            ),
        ),
    ]
    for what, named in lists:
        seen: dict[str, Path] = {}
        for name, path in named:
            first = seen.setdefault(name, path)
            if first != path:
                lines = [line_of(one) for one in (first, path)]
                where = f", in line {lines[0]} and in line {lines[1]}" if all(lines) else ""
                raise UsageError(f"{source} has the {what} {name} twice{where}.")
