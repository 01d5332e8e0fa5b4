"""The JSON Schema of the document, and the check of a file against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hpcli.errors import UsageError
from hpcli.fleet.document import FOR_EVER, FORMAT, VERSION, Document
from hpcli.parse import LONGEST_SERIAL

Schema = dict[str, Any]
_MOST_FAULTS: Final = 5


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


def check_document(document: Any, source: str) -> Document:
    """Return a document that has the form of the schema.

    Raises:
        UsageError: it has not; the message names the first places that are wrong.
    """
    from jsonschema import Draft202012Validator

    if isinstance(document, dict):
        _check_kind(document, source)
    validator = Draft202012Validator(schema())
    faults = [
        _fault(error) for error, _ in zip(validator.iter_errors(document), range(_MOST_FAULTS), strict=False)
    ]
    if faults:
        raise UsageError(
            f"{source} is not a fleet file: {'; '.join(faults)}.",
            hint="`hpcli fleet schema` prints its form.",
        )
    _check_repeats(document, source)
    found: Document = document
    return found


def _check_kind(document: Mapping[str, Any], source: str) -> None:
    if document.get("format") != FORMAT:
        raise UsageError(
            f"{source} is not a fleet file: it has no `format: {FORMAT}`.",
            hint="`hpcli fleet export` writes such files.",
        )
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise UsageError(f"{source} was made by a newer hpcli.", hint="Update hpcli.")


def _fault(error: Any) -> str:
    """Return what is wrong, and where: `sites[3].devices[0]: 'mangers' was unexpected`."""
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    ).lstrip(".")
    where = f"{path}: " if path else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        from hpcli.reference.choices import nearest

        known = list(error.schema.get("properties", ()))
        unknown = [name for name in error.instance if name not in known]
        near = nearest(str(unknown[0]), known) if unknown else []
        meant = f" (did you mean '{near[0]}'?)" if near else ""
        return f"{where}there is no key {', '.join(repr(name) for name in unknown)}{meant}"
    text = error.message
    return where + (text if len(text) <= 120 else f"the value does not fit {error.validator}")


def _check_repeats(document: Document, source: str) -> None:
    """Refuse a site or device that a file has twice: nobody knows which counts.

    Raises:
        UsageError: there is one.
    """
    sites = document["sites"]
    lists: list[tuple[str, Iterable[str]]] = [
        ("site", (site["id"] for site in sites if "id" in site)),
        ("device", (str(one["serial"]).upper() for site in sites for one in site.get("devices", ()))),
    ]
    for what, names in lists:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise UsageError(f"{source} has the {what} {name} twice.")
            seen.add(name)
