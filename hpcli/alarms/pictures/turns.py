"""Whose picture is fetched next, so that a device with many or slow pictures holds up no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from hpcli.alarms.journal.pictures import DuePicture


@dataclass
class Turns:
    """The order of pictures: devices take turns, those with critical or high alarms before the others.

    The pictures of critical and high alarms of a device come newest first, its others in the order they are due.

    Args:
        per_device: pictures of one device that are fetched at the same time.
    """

    per_device: int
    _busy: dict[int, str] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)
    _turn: int = 0

    def begin(self, due: Iterable[DuePicture]) -> DuePicture | None:
        """Choose a picture and note that it is being fetched; None if there is none to fetch now."""
        busy = Counter(self._busy.values())
        free = [one for one in due if one.seq not in self._busy and busy.get(one.device, 0) < self.per_device]
        if not free:
            return None
        chosen = min(free, key=self._rank)
        self._turn += 1
        self._last[chosen.device] = self._turn
        self._busy[chosen.seq] = chosen.device
        return chosen

    def end(self, picture: DuePicture) -> None:
        """Note that a picture is no longer being fetched."""
        self._busy.pop(picture.seq, None)

    def _rank(self, one: DuePicture) -> tuple[bool, int, int, int, int]:
        newest_first = -one.entry if one.is_urgent else 0
        return (not one.is_urgent, self._last.get(one.device, 0), newest_first, one.due, one.seq)
