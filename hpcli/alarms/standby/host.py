"""The host: it reads whenever it can, and its heartbeat stops when its reader stops polling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from hpcli.alarms.standby.server import AT_WORK_SECONDS, Server
from hpcli.alarms.standby.servers import check_host, last_spare

if TYPE_CHECKING:
    from hpcli.alarms.standby.servers import Servers
    from hpcli.errors import HpcliError

_FIRST_SECONDS: Final = 5.0
"""How long the first poll waits for the first heartbeat, which makes a spare that reads hand back."""


@dataclass(kw_only=True)
class Host(Server):
    """Sends the heartbeats of a host as long as the platform answers its polls."""

    role: ClassVar[str] = "host"
    _began: float = 0.0
    _answered: float = 0.0
    _beaten: float | None = None

    def __post_init__(self) -> None:
        """Begin the first turn."""
        self._began = self._answered = self.held_since = self.clock.steady()

    @property
    def host(self) -> str:
        """UUID of this machine."""
        return self._known_uuid

    @property
    def holds(self) -> bool:
        """Always true for the host: two readers lose nothing, no reader loses alarms."""
        return True

    @property
    def words(self) -> str:
        """The state, for people."""
        if self.state == "stopped":
            return f"The reader is not at work: no heartbeats as {self.host}."
        return f"Sending heartbeats as {self.host}."

    def may_poll(self) -> bool:
        """Return True, but wait a moment for the first heartbeat. Raises HpcliError where this is not the host."""
        self._raise_fault()
        return self._has_asked or self.clock.steady() - self._began >= _FIRST_SECONDS

    def may_repeat(self, away: float | None) -> bool:
        """Return whether a spare may have read meanwhile."""
        return away is not None and away > 2 * self.every

    def note_answer(self, now: int) -> None:
        """Take note that the reader is at work."""
        self.last_poll = now
        self._note_work()

    def note_other(self) -> bool:
        """Take note that the reader is at work: it has to ask for the queue, or the spare would never hand back."""
        self._note_work()
        return True

    def _note_work(self) -> None:
        self._answered = self.clock.steady()
        if self.state == "stopped":
            self._wake.set()

    def _may_beat(self) -> bool:
        is_at_work = self.clock.steady() - self._answered <= AT_WORK_SECONDS
        if not is_at_work and self._set_state("stopped"):
            self.warn(
                f"No poll has been answered for {AT_WORK_SECONDS:.0f} s: no more heartbeats as {self.host}, so that a"
                " spare can read."
            )
            self.on_change()
        return is_at_work

    def _check(self, servers: Servers) -> None:
        check_host(servers, self.host)

    def _see(self, servers: Servers) -> None:
        now = self.clock.steady()
        silent = now - (self._began if self._beaten is None else self._beaten)
        if self._beaten is None or silent > 2 * self.every:
            # A spare may have read: the queue may be held by its last poll, and what it read is not here.
            self.held_since = now
            spare = last_spare(servers, self.host)
            self.elsewhere = spare and f"alarms that {spare[0]} read meanwhile are in its own journal"
        self._beaten, self.host_heard = now, self.clock.milliseconds

    def _judge(self) -> None:
        if self.state == "stopped" and not self.error:
            self.warn(self._relief())
        self._set_state("unknown" if self.error else "reading")

    def _relief(self) -> str:
        return f"Heartbeats as {self.host} are sent again."

    def _complaint(self, error: HpcliError) -> str:
        return f"The heartbeat as {self.host} failed, and a spare may begin to read: {error} Retrying."
