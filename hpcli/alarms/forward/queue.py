"""What waits for an output: in order for each device, devices with critical events first, failing ones later."""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hpcli.backoff import Backoff

EVENT_PAUSES: Final = Backoff((1.0,), growth=2.0, longest=300.0, jitter=0.2, longest_asked=3600.0)
"""Pauses of a device whose first event fails."""


class Item(NamedTuple):
    """An event that waits.

    Attributes:
        seq: its number in the journal.
        device: its device; empty for none.
        is_critical: it goes before those of other devices.
        tries: how often it failed.
        is_alone: it is sent in a batch of its own.
        members: numbers of the events that it stands for, where it is the summary of a storm.
    """

    seq: int
    device: str
    is_critical: bool
    tries: int = 0
    is_alone: bool = False
    members: tuple[int, ...] = ()

    @property
    def seqs(self) -> tuple[int, ...]:
        """The numbers of the events that are settled with it."""
        return self.members or (self.seq,)


@dataclass
class _Lane:
    """The events of a device."""

    items: deque[Item] = field(default_factory=deque)
    critical: int = 0
    due: float = 0.0


@dataclass
class Queue:
    """The events that wait for an output. Not safe for threads: its owner has a lock.

    Args:
        keeps_order: a batch may have several events of a device.
    """

    keeps_order: bool = False
    _lanes: dict[str, _Lane] = field(default_factory=dict)
    _first: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _others: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _later: list[tuple[float, str]] = field(default_factory=list)
    _asleep: set[str] = field(default_factory=set)
    _busy: set[str] = field(default_factory=set)
    _count: int = 0

    def __len__(self) -> int:
        """Return how many events wait, without those being sent."""
        return self._count

    @property
    def is_busy(self) -> bool:
        """Whether events are being sent."""
        return bool(self._busy)

    @property
    def has_ready(self) -> bool:
        """Whether an event can be sent now."""
        return bool(self._first or self._others)

    def add(self, item: Item, due: float = 0.0) -> None:
        """Add an event behind those of its device; with `due`, the device waits until then."""
        lane = self._lanes.setdefault(item.device, _Lane())
        lane.items.append(item)
        lane.critical += item.is_critical
        lane.due = max(lane.due, due)
        self._count += 1
        self._place(item.device, lane)

    def put_back(self, items: Iterable[Item], due: float = 0.0) -> None:
        """Put events that were not settled before the others of their devices, which then wait until `due`."""
        for item in reversed(list(items)):
            lane = self._lanes.setdefault(item.device, _Lane())
            lane.items.appendleft(item)
            lane.critical += item.is_critical
            lane.due = max(lane.due, due)
            self._count += 1

    def take(self, now: float, most: int) -> list[Item]:
        """Return the next batch, whose devices are busy until `release`; empty if nothing is due.

        Args:
            now: seconds.
            most: events, at most.
        """
        self._wake(now)
        batch: list[Item] = []
        held: list[str] = []
        while len(batch) < most and (self._first or self._others):
            device, _ = (self._first or self._others).popitem(last=False)
            lane = self._lanes[device]
            if lane.items[0].is_alone and batch:
                held.append(device)
                continue
            item = self._pop(lane)
            batch.append(item)
            self._busy.add(device)
            if item.is_alone:
                break
            if self.keeps_order and lane.items:
                (self._first if lane.critical else self._others)[device] = None
        for device in dict.fromkeys(item.device for item in batch):
            self._first.pop(device, None)
            self._others.pop(device, None)
        for device in held:
            self._place(device, self._lanes[device])
        return batch

    def release(self, batch: Sequence[Item]) -> None:
        """Let the devices of a batch be served again; call it after `put_back` of what failed."""
        for device in dict.fromkeys(item.device for item in batch):
            self._busy.discard(device)
            lane = self._lanes.get(device)
            if lane is None or not lane.items:
                self._lanes.pop(device, None)
                continue
            self._place(device, lane)

    def make_due(self) -> None:
        """Let all that failed be tried again at once."""
        self._wake(float("inf"))

    def _pop(self, lane: _Lane) -> Item:
        item = lane.items.popleft()
        lane.critical -= item.is_critical
        self._count -= 1
        return item

    def _place(self, device: str, lane: _Lane) -> None:
        """Put a device where it waits for its turn."""
        if device in self._busy or not lane.items:
            return
        if lane.due:
            if device not in self._asleep:
                self._asleep.add(device)
                heapq.heappush(self._later, (lane.due, device))
            return
        if lane.critical:
            self._others.pop(device, None)
            self._first.setdefault(device)
        elif device not in self._first:
            self._others.setdefault(device)

    def _wake(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            _, device = heapq.heappop(self._later)
            self._asleep.discard(device)
            lane = self._lanes.get(device)
            if lane is not None:
                lane.due = 0.0
                self._place(device, lane)
