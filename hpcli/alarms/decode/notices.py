"""Messages about devices and calls, and those of undocumented types."""

from typing import Any

from hpcli.alarms.decode.description import Description, channel_label
from hpcli.alarms.event.fields import join_parts, text_of


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
    """Return what a call of a door station says."""
    return Description(join_parts(type_name, channel_label(fields)))


def read_other(fields: dict[str, Any], type_name: str) -> Description:
    """Return the description that a message of an unknown type contains."""
    description = text_of(fields.get("eventDescription"))
    if description and description.casefold() == type_name.casefold():
        description = None
    return Description(join_parts(type_name, channel_label(fields), description))
