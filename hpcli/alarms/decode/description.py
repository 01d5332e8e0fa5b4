"""What the module of one kind of message returns, and the fields that many kinds share."""

from typing import Any, NamedTuple

from hpcli.alarms.event.event import Cid
from hpcli.alarms.event.fields import label, number_of, text_of


class Description(NamedTuple):
    """What one kind of message says beyond the fields that all share.

    Attributes:
        text: one line for people.
        category: if the message itself says it, else None for that of the type.
        cid: the fields of event.CID_FIELDS, for CID events only.
        problem: what is missing, as a clause for people, or None.
    """

    text: str
    category: str | None = None
    cid: Cid | None = None
    problem: str | None = None


def channel_of(fields: dict[str, Any]) -> tuple[int | None, str | None]:
    """Return channel number and channel name of a message, None where there is none."""
    given = fields.get("channelID", fields.get("channel", fields.get("dynChannelID")))
    return (
        None if given is None else number_of(given),
        text_of(fields["channelName"]) if "channelName" in fields else None,
    )


def channel_label(fields: dict[str, Any]) -> str | None:
    """Return `Channel 2 Front door`, or None."""
    number, name = channel_of(fields)
    if number is None:
        # A channel that is not a number, in a field that the guide calls a string.
        return label("Channel", None, name or text_of(fields.get("channelID")))
    return label("Channel", number, name)
