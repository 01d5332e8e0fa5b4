"""A spare: it reads while the host is silent, and hands back when the host returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from hpcli.alarms.standby.server import AT_WORK_SECONDS, Server
from hpcli.alarms.standby.servers import Heard, choose_spare, hear
from hpcli.output.human_units import show_duration

if TYPE_CHECKING:
    from hpcli.alarms.standby.servers import Servers
    from hpcli.errors import HpcliError

_READING_SECONDS: Final = 10.0
"""How often a spare that reads asks whether the host is back."""

_SHORTEST_SECONDS: Final = 0.5
_MARGIN_SECONDS: Final = 0.2


@dataclass(kw_only=True)
class Spare(Server):
    """Reads an account's alarms only while the host, and each spare with a lower number, is silent.

    It begins to read only if the platform has just said that they are: a failed call says nothing. It ends only when
    the platform says that one of them is back, or when it has not even tried to ask for long, as after a sleep.

    Args:
        of: UUID of the host.
        down_after: seconds of silence.

    Attributes:
        heard: what the platform last said.
    """

    role: ClassVar[str] = "spare"
    of: str
    down_after: float
    heard: Heard | None = None
    _holds: bool = False
    _visited: float = 0.0

    def __post_init__(self) -> None:
        """Wait for the first answer."""
        self._visited = self.clock.steady()

    @property
    def host(self) -> str:
        """UUID of the host."""
        return self.of

    @property
    def holds(self) -> bool:
        """Whether alarms are read here; it ends in the thread of the poller, after a batch is confirmed."""
        return self._holds

    @property
    def words(self) -> str:
        """The state, for people."""
        heard = self.heard
        if heard is None or self.state == "unknown":
            why = f": {self.error}" if self.error else "."
            return (
                f"It is not known whether the host {self.host} is up, and no alarms are read on a guess{why}"
            )
        ago = show_duration(heard.host / 1000)
        if self.state == "reading":
            return f"The host {self.host} has been silent for {ago}: alarms are read here."
        if self.state == "handing-back":
            return f"{heard.first} is back: this spare ends its last poll."
        if heard.host > self.down_after * 1000 and heard.first != self.host:
            return f"Standing by: the host {self.host} has been silent for {ago}, and the spare {heard.first} reads."
        return f"Standing by for the host {self.host}, heard {ago} ago."

    def may_poll(self) -> bool:
        """Return whether the host is silent, as far as is known. Raises HpcliError where this is not its spare."""
        self._raise_fault()
        self._visited = self.clock.steady()
        is_asked = self._visited - self._asked <= AT_WORK_SECONDS
        if not is_asked:
            self._wake.set()  # after a sleep: what was known is old
        is_turn = self._is_due and is_asked and (self._holds or self.error is None)
        if is_turn and not self._holds:
            with self._changing:
                self._holds, self.held_since = True, self._visited
                self._judge()
                self.on_change()
        return is_turn

    def may_repeat(self, away: float | None) -> bool:  # noqa: ARG002 - the host has read until now, so it always may
        """Return True."""
        return True

    def end_turn(self) -> None:
        """Take note that nothing is polled or confirmed any more."""
        if not self._holds:
            return
        with self._changing:
            self._holds = False
            self._judge()
            self.on_change()

    def note_other(self) -> bool:
        """Ask at once whether it is the host that reads."""
        if self._holds:
            self._wake.set()
        return True

    @property
    def _is_due(self) -> bool:
        return self.heard is not None and self.heard.before > self.down_after * 1000

    def _may_beat(self) -> bool:
        # A reader that hangs must not keep the next spare away. Before it polls again it asks.
        return not self._holds or self.clock.steady() - self._visited <= AT_WORK_SECONDS

    def _check(self, servers: Servers) -> None:
        self.uuid = choose_spare(servers, self.uuid, self.host)

    def _see(self, servers: Servers) -> None:
        self.heard = hear(servers, self._known_uuid, self.host)
        self.host_heard = self.clock.milliseconds - self.heard.host
        if not self._holds:
            self.last_poll = self.clock.milliseconds - self.heard.before

    def _judge(self) -> None:
        before = self.state
        if self._holds:
            is_new = self._set_state("reading" if self._is_due else "handing-back")
        else:
            is_new = self._set_state("unknown" if self.error or self.heard is None else "standby")
        if not is_new:
            return
        if before == "handing-back" and self.heard is not None:
            self.warn(f"{self.heard.first} is back: alarms are no longer read here.")
        elif self.state in ("standby", "reading"):
            self.warn(self.words)

    def _complaint(self, error: HpcliError) -> str:
        if self._holds:
            return f"Whether the host {self.host} is back cannot be asked now; alarms are still read here: {error}"
        return (
            f"Whether the host {self.host} is up cannot be asked now, and no alarms are read on a guess: {error}"
            " Retrying."
        )

    def _relief(self) -> str:
        return f"Whether the host {self.host} is back can be asked again." if self._holds else ""

    def _pause(self) -> float:
        """Ask again in time to see the silence begin."""
        if self._holds or self._is_due or self.heard is None:
            return min(self.every, _READING_SECONDS)
        left = self.down_after - self.heard.before / 1000
        return min(self.every, max(_SHORTEST_SECONDS, left + _MARGIN_SECONDS))
