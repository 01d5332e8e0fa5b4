"""What may be wrong with an answer, and what a command may still claim after it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.support.proxy import Spoiler


class Meaning(Enum):
    """What an answer says of the call that it answers."""

    FAILURE = "no success, whatever the call: exit code 0 would be a claim"
    ODD_DATA = "a success, but with `data` that only some calls allow"
    UNCONFIRMED = "says nothing: a change counts as done only where its state was read back"
    EMPTY = "nothing at all: as UNCONFIRMED from a device; no success of a call whose answer has a body"
    OPEN = "may be read or refused: only that is judged which holds for every run"


NO_DATA: Any = object()


@dataclass(frozen=True)
class Wrong:
    """One way in which the answers of a call are spoilt.

    Attributes:
        spoiler: answers the spoilt calls.
        meaning: what the answer says.
        data: the envelope's `data`, where it is the odd thing.
        is_lost: the client cannot know whether the call was executed, so a change is not sent again.
        is_slow: it lasts as long as `--timeout`.
        for_devices: only for calls that go through to a device.
        calls: which of the calls are spoilt, from 1; all without it.
        area_refuses: the area domain refuses connections; nothing is spoilt then.
    """

    spoiler: Spoiler
    meaning: Meaning = Meaning.FAILURE
    data: Any = NO_DATA
    is_lost: bool = False
    is_slow: bool = False
    for_devices: bool = False
    calls: frozenset[int] | None = None
    area_refuses: bool = False
