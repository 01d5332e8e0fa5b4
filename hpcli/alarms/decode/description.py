"""What the module of one kind of message returns, and the fields that many kinds share."""

from typing import Any, Final, NamedTuple

from hpcli.alarms.decode.words import state_of
from hpcli.alarms.event.event import Cid, EventSource, State
from hpcli.alarms.event.fields import dict_of, label, number_of, text_of
from hpcli.reference.categories import Category


class Description(NamedTuple):
    """What one kind of message says beyond the fields that all share.

    Attributes:
        text: one line for people.
        category: if the message itself says it, else None for that of the type.
        state: new, ended or status.
        source: the peripheral that a panel names.
        is_quiet: printed on demand only: the keep-alive of a panel.
        cid: the fields of event.CID_FIELDS, for CID events only.
        problem: what is missing, as a clause for people, or None.
    """

    text: str
    category: Category | None = None
    cid: Cid | None = None
    problem: str | None = None
    state: State | None = None
    source: EventSource | None = None
    is_quiet: bool = False


NO_NUMBER: Final = 0xFFFF
"""What panels write for no number."""

_CHANNEL_KEYS = ("channelID", "dynChannelID", "channelNo", "channel")


def channel_of(fields: dict[str, Any]) -> tuple[int | None, str | None]:
    """Return channel number and channel name of a message, None where there is none."""
    name = text_of(fields["channelName"]) if "channelName" in fields else None
    for key in _CHANNEL_KEYS:
        if key in fields and (number := number_of(fields[key])) is not None:
            return number, name
    if "CIDEvent" in fields:
        return linked_camera(dict_of(fields["CIDEvent"])), name
    return None, name


def linked_camera(event: dict[str, Any]) -> int | None:
    """Return the channel of the camera that a panel's event is linked with; panels without one say 0."""
    number = number_of(event.get("ipcChannel"))
    return number if number and 0 < number < NO_NUMBER else None


def channel_label(fields: dict[str, Any]) -> str | None:
    """Return `Channel 2 Front door`, or None."""
    number, name = channel_of(fields)
    if number is None:
        # A channel that is not a number, in a field that the guide calls a string.
        return label("Channel", None, name or text_of(fields.get("channelID")))
    return label("Channel", number, name)


def ended_mark(fields: dict[str, Any]) -> str:
    """Return ` (ended)` where `eventState` says so, to follow the name of the type."""
    return " (ended)" if state_of(fields.get("eventState")) == "ended" else ""
