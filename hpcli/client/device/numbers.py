"""Numbers that a device does not have: areas, zones, relays, outputs, channels, presets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from hpcli.errors import HpcliError, NotFoundError
from hpcli.plurals import listed

Result = TypeVar("Result")

FINAL_REFUSALS = frozenset(
    {"lowPrivilege", "badAuthorization", "passwordError", "userNameLocked", "userNotExist", "deviceBusy"}
)
"""Refusals that have nothing to do with what was asked, so another question would meet them as well."""


class NoSuchNumberError(NotFoundError):
    """The device has no such area, zone, relay, output, channel or preset.

    Attributes:
        what: what the numbers count.
        numbers: those that do not exist.
        known: those that exist.
    """

    def __init__(self, what: str, numbers: Sequence[int], known: Sequence[int]) -> None:
        self.what, self.numbers, self.known = what, tuple(numbers), tuple(known)
        there = f"there {'is' if len(known) == 1 else 'are'} {_spans(known)}" if known else "there are none"
        super().__init__(f"There is no {listed(numbers, what)}; {there}.")

    def only(self, number: int) -> NoSuchNumberError:
        """Return the error of one of the numbers."""
        return NoSuchNumberError(self.what, [number], self.known)


def name_missing(
    send: Callable[[], Result], what: str, numbers: Iterable[int], known: Callable[[], Iterable[int]]
) -> Result:
    """Send a request; where the device refuses it, look whether it has these numbers at all.

    Args:
        send: sends the request.
        what: what the numbers count.
        numbers: those in the request.
        known: reads those the device has; asked only after a refusal.

    Raises:
        NoSuchNumberError: the device lacks some.
        HpcliError: what `send` raises otherwise.
    """
    from hpcli.isapi.errors import DeviceRefusedError

    try:
        return send()
    except DeviceRefusedError as refused:
        if refused.name in FINAL_REFUSALS:
            raise
        try:
            there = sorted(set(known()))
        except NoSuchNumberError:
            raise
        except HpcliError:
            raise refused from None
        missing = [number for number in numbers if number not in there]
        if not missing:
            raise
        raise NoSuchNumberError(what, missing, there) from refused


def _spans(numbers: Sequence[int]) -> str:
    """Return numbers in order, three or more in a row as `1 to 8`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(told)
