"""The lease: one machine of several reads an account's alarms. Only the result of a compare-and-set decides.

The key lives in a bucket that forgets it after `ttl`. The holder counts from before it sent a renewal, so that by its
own clock it stops before the bucket can give the key to another.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from hpcli.alarms.clock import Clock
from hpcli.alarms.turns import Turns
from hpcli.errors import HpcliError, NetworkError
from hpcli.parse import utc_text

if TYPE_CHECKING:
    from hpcli.alarms.lease.broker import Broker

State = Literal["holder", "waiting", "unreachable"]

_LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Times:
    """The seconds of a lease.

    Attributes:
        ttl: after which the bucket forgets a key that was not renewed.
        renew: between two renewals.
        stop: after which the holder stops without one; less than `ttl`.
    """

    ttl: float = 10.0
    renew: float = 3.0
    stop: float = 7.0


@dataclass(frozen=True)
class Holder:
    """Who holds a lease, as its key says.

    Attributes:
        who: host and process id, for people.
        last_poll: when it last read the queue, epoch milliseconds; None if it has not yet.
    """

    who: str
    last_poll: int | None


@dataclass
class Lease(Turns):
    """Competes for a lease until it is closed.

    Args:
        broker: the connection, not started.
        times: see there.
        clock: its stopwatch runs on while the computer sleeps, where the system has such a clock.
        warn: shows a line to the user.
        on_change: is told of each change of `state` or of the holder.
        end_poll: closes the poll in flight; called again and again while another machine may hold the lease.

    Attributes:
        state: whether this machine is the reader.
        other: the machine that is, as far as is known.
        last_poll: when any of the machines last read the queue, epoch milliseconds; the poller sets it.
        held_since: when this machine got the lease, by the stopwatch.
    """

    broker: Broker
    times: Times = field(default_factory=Times)
    clock: Clock = field(default_factory=Clock)
    warn: Callable[[str], None] = lambda _line: None
    on_change: Callable[[], None] = lambda: None
    end_poll: Callable[[], None] = lambda: None
    state: State = "unreachable"
    other: Holder | None = None
    last_poll: int | None = None
    held_since: float = 0.0
    _token: str = field(default_factory=lambda: secrets.token_hex(8))
    _revision: int | None = None
    _until: float = float("-inf")
    _has_warned: bool = False
    _has_warned_of_copies: bool = False
    _has_seen_other: bool = False
    _follows_other: bool = False
    _changing: threading.RLock = field(default_factory=threading.RLock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connect and begin to compete; servers that do not answer are tried again.

        Raises:
            LocalError: they refuse this user, or the bucket is not one for leases.
        """
        self.broker.start()
        try:
            self.broker.run(self._connect(), self.times.stop)
        except NetworkError as error:
            self._warn(error)
        self.broker.submit(self._live())
        threading.Thread(target=self._guard, name="lease guard", daemon=True).start()

    def close(self) -> None:
        """Give the lease back, if it is held, so that another machine need not wait for its end."""
        if self._closing.is_set():
            return
        self._closing.set()
        is_held, self._until = self.holds, float("-inf")
        with suppress(HpcliError):
            self.broker.run(self._end(gives_back=is_held), 2 * self.times.renew)
        self.broker.close()

    @property
    def holds(self) -> bool:
        """Whether this machine may read and confirm, at this moment, by its own clock."""
        return self.clock.steady() < self._until

    @property
    def words(self) -> str:
        """The state, for people."""
        if self.state == "holder":
            return "This machine holds the lease."
        if self.state == "unreachable":
            return f"No alarms are read here: {self.broker.address.short} does not answer."
        return f"Waiting for the lease, which {self.other.who if self.other else 'another machine'} holds."

    def may_repeat(self, away: float | None) -> bool:
        """Return whether another machine held the lease since this one did, as far as is known.

        That one may have printed what it could not publish any more.
        """
        return self._follows_other or (away is not None and away > self.times.ttl)

    def _guard(self) -> None:
        """End what is under way as soon as the lease is over, even if the connection's thread hangs."""
        while not self._closing.wait(_LOOK_SECONDS):
            if not self.holds:
                with self._changing:
                    if self.state == "holder" and not self.holds:
                        self._set_state("unreachable")
                self.end_poll()

    async def _live(self) -> None:
        self._task = asyncio.current_task()
        while not self._closing.is_set():
            try:
                if not self.broker.is_connected:
                    await self._connect()
                await self.broker.guarded(self._compete())
                self._has_warned = False
            except Exception as error:  # noqa: BLE001 - whatever it is, the lease must be tried for again
                await self.broker.disconnect()
                if not self.holds:
                    self._set_state("unreachable")
                    self._warn(error)
            # A machine that waits looks more often, so that a key that ends is seen soon.
            await asyncio.sleep(self.times.renew / (1 if self.holds and self.broker.is_connected else 3))

    async def _connect(self) -> None:
        await self.broker.connect()
        if self.broker.lacks_copies and not self._has_warned_of_copies:
            self._has_warned_of_copies = True
            self.warn(
                f"The servers of {self.broker.address.short} are a cluster, but the lease's bucket or stream has fewer"
                " than three copies: with the server that has them, alarms that others have not read are lost."
            )

    def _warn(self, error: Exception) -> None:
        if not self._has_warned:
            self._has_warned = True
            words = error.message if isinstance(error, HpcliError) else f"({type(error).__name__})"
            self.warn(f"The lease cannot be had now, and no alarms are read here: {words}")

    async def _compete(self) -> None:
        """Renew the lease or try to get it."""
        from nats.js.errors import KeyWrongLastSequenceError

        try:
            await self._set()
        except KeyWrongLastSequenceError:
            self._until = float("-inf")
            self._revision = None
            await self._look()

    async def _look(self) -> None:
        """See who holds the lease, and take up a renewal of our own whose answer was lost."""
        from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError

        keys = self.broker.keys
        assert keys is not None  # connected
        try:
            entry = await keys.get(self.broker.account)
        except KeyNotFoundError:
            return  # it has just ended: the next round gets it
        found = json.loads(entry.value or b"{}")
        if found.get("token") == self._token:
            self._revision = entry.revision
            with suppress(KeyWrongLastSequenceError):
                await self._set()
            return
        self._has_seen_other = True
        last_poll = found.get("lastPoll")
        self.last_poll = max(filter(None, (self.last_poll, last_poll)), default=None)
        self._set_state("waiting", Holder(str(found.get("who", "another machine")), last_poll))

    async def _set(self) -> None:
        """Write the key if it has not been written by another since.

        Raises:
            KeyWrongLastSequenceError: it has.
        """
        keys = self.broker.keys
        assert keys is not None  # connected
        sent = self.clock.steady()
        value = {
            "token": self._token,
            "who": f"{platform.node() or 'a host'}, pid {os.getpid()}",
            "time": utc_text(self.clock.now()),
            "lastPoll": self.last_poll,
        }
        data = json.dumps(value).encode()
        had = self.holds
        if self._revision is None:
            self._revision = await keys.create(self.broker.account, data)
        else:
            self._revision = await keys.update(self.broker.account, data, last=self._revision)
        if self._closing.is_set():
            return
        if not had:
            self._follows_other, self._has_seen_other = self._has_seen_other, False
            self.held_since = self.clock.steady()
        self._until = sent + self.times.stop
        self._set_state("holder")

    async def _end(self, *, gives_back: bool) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, HpcliError):
                await self._task
        if gives_back and self._revision is not None and self.broker.keys is not None:
            await self.broker.keys.delete(self.broker.account, last=self._revision)

    def _set_state(self, state: State, other: Holder | None = None) -> None:
        with self._changing:  # what is told last is what holds
            before = (self.state, self.other and self.other.who)
            self.state, self.other = state, other
            if before != (state, other and other.who):
                self.on_change()
