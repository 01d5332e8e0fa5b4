"""Messages about devices and calls, and those of undocumented types."""

import re
from typing import Any

from hpcli.alarms.decode.description import Description, channel_label, ended_mark
from hpcli.alarms.decode.facts import find_facts
from hpcli.alarms.event.fields import dict_of, join_parts, text_of


def read_device(fields: dict[str, Any], type_name: str) -> Description:
    """Return what a device message says; deviceadded names the model and the company (Guide A.3.3)."""
    company = text_of(fields.get("companyName"))
    account = text_of(fields.get("hcAccount"))
    return Description(
        join_parts(
            type_name,
            text_of(fields.get("deviceType")),
            f"from {company}" if company else None,
            f"handed over to {account}" if account else None,
        )
    )


def read_call(fields: dict[str, Any], type_name: str) -> Description:
    """Return what a call of a door station says: request, answered, timeout, hang-up, and from where."""
    event = dict_of(fields.get("VoiceTalkEvent") or fields.get("CallInfo"))
    command = text_of(event.get("cmdType")) or text_of(fields.get("cmdType")) or text_of(event.get("status"))
    words = _CALLS.get(_NO_LETTERS.sub("", command.lower()), command) if command else None
    origin = dict_of(event.get("src")) or event
    room = text_of(origin.get("roomNumber"))
    return Description(
        join_parts(
            type_name + ended_mark(fields),
            channel_label(fields),
            f"call {words}" if words else None,
            text_of(origin.get("deviceName")) or text_of(event.get("deviceName")),
            f"Room {room}" if room else None,
        )
    )


_NO_LETTERS = re.compile(r"[^a-z]")
_CALLS = {
    "request": "request", "cancel": "cancelled", "answer": "answered", "reject": "rejected", "refuse": "rejected",
    "belltimeout": "not answered", "timeout": "not answered", "noanswer": "not answered", "hangup": "hung up",
    "onhook": "hung up", "deviceoncall": "busy", "busy": "busy",
}  # fmt: skip


def read_other(fields: dict[str, Any], type_name: str) -> Description:
    """Return the description that a message of an unknown type contains."""
    description = text_of(fields.get("eventDescription"))
    if description and description.casefold() == type_name.casefold():
        description = None
    return Description(
        join_parts(type_name + ended_mark(fields), channel_label(fields), description, *find_facts(fields))
    )
