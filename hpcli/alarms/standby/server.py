"""This machine as one of an account's hot-spare servers: its heartbeats, in a thread of their own."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from hpcli.alarms.clock import Clock, moment_text
from hpcli.alarms.turns import Turns
from hpcli.errors import HpcliError, NetworkError, NotFoundError

if TYPE_CHECKING:
    from hpcli.alarms.standby.servers import ServerCalls, Servers

State = Literal["unknown", "standby", "reading", "handing-back", "stopped"]

AT_WORK_SECONDS: Final = 90.0
"""A reader that is at work polls at least so often: a poll takes 35 s at most, a call before it a minute."""

RETRY_SECONDS: Final = 15.0
_END_SECONDS: Final = 1.0


@dataclass(kw_only=True)
class Server(Turns):
    """A server that sends heartbeats while its reader is at work.

    Args:
        uuid: of this machine, None for a spare where only one is registered.
        calls: the platform.
        every: seconds between two heartbeats.
        is_final: whether an error of the first call can never pass.
        clock: its stopwatch runs on while the computer sleeps, where the system has such a clock.
        warn: shows a line to the user.
        on_change: is told after each call, and of each change of the state.

    Attributes:
        state: `unknown`: the platform could not be asked. `standby`: another server reads. `reading`. `handing-back`: a
            spare ends its last poll. `stopped`: the reader of the host is not at work, and sends no heartbeats.
        error: why the latest call failed, None after one that did not.
        host_heard: when the host sent its last heartbeat, epoch milliseconds.
    """

    role: ClassVar[str]
    uuid: str | None
    calls: ServerCalls
    every: float
    is_final: Callable[[HpcliError], bool]
    clock: Clock = field(default_factory=Clock)
    warn: Callable[[str], None] = lambda _line: None
    on_change: Callable[[], None] = lambda: None
    state: State = "unknown"
    error: HpcliError | None = None
    host_heard: int | None = None
    held_since: float = 0.0
    last_poll: int | None = None
    elsewhere: str | None = None
    _asked: float = float("-inf")
    _failing_since: float | None = None
    _has_asked: bool = False
    _is_known: bool = False
    _fault: HpcliError | None = None
    _wake: threading.Event = field(default_factory=threading.Event)
    _closing: threading.Event = field(default_factory=threading.Event)
    _changing: threading.RLock = field(default_factory=threading.RLock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send heartbeats."""
        self._thread = threading.Thread(target=self._run, name="heartbeats", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End; a call in flight is not waited for."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_END_SECONDS)

    @property
    @abstractmethod
    def host(self) -> str:
        """UUID of the host."""

    @property
    def failing(self) -> tuple[float | None, HpcliError | None]:
        """Since when heartbeats have failed, and why."""
        return self._failing_since, self.error

    def fields(self) -> dict[str, str | None]:
        """Return the state for `alarms status`, but since when it is so."""
        return {
            "role": self.role,
            "uuid": self.uuid,
            "host": self.host,
            "state": self.state,
            "hostHeard": moment_text(self.host_heard),
            "error": None if self.error is None else self.error.message,
        }

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.clear()
            pause = self.beat() if self._may_beat() else min(1.0, self.every)
            self._wake.wait(pause)

    def beat(self) -> float:
        """Send a heartbeat and judge the answer; return the seconds until the next one."""
        try:
            self._send()
        except HpcliError as error:
            self._note_failure(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, heartbeats must go on
            self._note_failure(
                NetworkError(f"The heartbeat failed for a fault of hpcli ({type(error).__name__}).")
            )
        else:
            self._note_success()
        self._asked, self._has_asked = self.clock.steady(), True
        if self._closing.is_set():
            return 0.0
        with self._changing:
            self._judge()
            self.on_change()
        return min(self.every, RETRY_SECONDS) if self.error else self._pause()

    def _send(self) -> None:
        """Send a heartbeat; before the first one see that this machine may.

        Raises:
            HpcliError: it may not, or the call failed.
        """
        if not self._is_known:
            self._check(self.calls.list())
        self._see(self.calls.heartbeat(self._known_uuid))

    def _note_failure(self, error: HpcliError) -> None:
        if not self._is_known and (self.is_final(error) or isinstance(error, NotFoundError)):
            self._fault = error
            return
        if self.error is None and not self._closing.is_set():
            self.warn(self._complaint(error))
        self.error = error
        if self._failing_since is None:
            self._failing_since = self.clock.steady()

    def _note_success(self) -> None:
        relief = "" if self.error is None else self._relief()
        self.error, self._failing_since, self._is_known = None, None, True
        if relief:
            self.warn(relief)

    @property
    def _known_uuid(self) -> str:
        assert self.uuid is not None  # `_check` has chosen it
        return self.uuid

    def _raise_fault(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _set_state(self, state: State) -> bool:
        """Take a state; return whether it is another one."""
        is_new, self.state = state != self.state, state
        return is_new

    @abstractmethod
    def _may_beat(self) -> bool:
        """Whether a heartbeat would be true."""

    @abstractmethod
    def _check(self, servers: Servers) -> None:
        """Refuse a role that this machine does not have."""

    @abstractmethod
    def _see(self, servers: Servers) -> None:
        """Take note of the heartbeats of all servers."""

    @abstractmethod
    def _judge(self) -> None:
        """Set the state after a call."""

    @abstractmethod
    def _complaint(self, error: HpcliError) -> str:
        """What to say of the first call of several that fails."""

    @abstractmethod
    def _relief(self) -> str:
        """What to say when calls work again; empty where the new state says it."""

    def _pause(self) -> float:
        return self.every
