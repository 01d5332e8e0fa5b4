"""Several outputs at work in one process, beside the reader or alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from hpcli.alarms.forward.config import OutputConfig
from hpcli.alarms.forward.forwarder import Forwarder
from hpcli.alarms.forward.lock import Holder, OutputLock, held_elsewhere
from hpcli.alarms.forward.rule_config import Rule
from hpcli.alarms.forward.rules import Rules
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.errors import HpcliError
from hpcli.stop import Stop

if TYPE_CHECKING:
    from types import TracebackType

    from hpcli.alarms.journal.writer import Journal

RULES: Final = ".rules"
"""The lock of the process that watches the rules; no output has such a name."""

_AGAIN_SECONDS: Final = 10.0
_JOIN_SECONDS: Final = 5.0
_FINISH_SECONDS: Final = 10.0
_TICK_SECONDS: Final = 0.02


@dataclass
class Forwarders:
    """The outputs that this process sends for.

    Args:
        folder: the account's.
        journal: what is sent.
        error_log: shows errors.
        is_once: end when all that is due was sent or has failed.
        environment: of this process, for the commands that are run.
    """

    folder: Path
    journal: Journal
    error_log: ErrorLog
    is_once: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    make: Callable[..., Forwarder] = Forwarder
    _locks: list[OutputLock] = field(default_factory=list)
    _running: list[Forwarder] = field(default_factory=list)
    _rules: Rules | None = None

    def start(self, config: OutputConfig) -> Holder | None:
        """Begin to send for an output; return who else does already, if it cannot.

        Raises:
            HpcliError: the output cannot be used as it is configured.
        """
        lock = OutputLock(self.folder, config.name)
        holder = lock.take()
        if holder is not None:
            return holder
        forwarder = self.make(
            config, self.journal, self.error_log, is_once=self.is_once, environment=self.environment
        )
        try:
            forwarder.start()
        except BaseException:
            lock.release()
            raise
        self._locks.append(lock)
        self._running.append(forwarder)
        return None

    def start_all(self, configs: Sequence[OutputConfig]) -> None:
        """Begin to send for all of some outputs.

        Raises:
            LocalError: another process sends for one of them.
        """
        for config in configs:
            holder = self.start(config)
            if holder is not None:
                raise held_elsewhere(config.name, holder)

    def start_rules(self, rules: Sequence[Rule]) -> None:
        """Watch rules, unless another process of the account does."""
        lock = OutputLock(self.folder, RULES)
        if not rules or lock.take() is not None:
            return
        self._locks.append(lock)
        self._rules = Rules(rules, self.journal, self.error_log)
        self._rules.start()

    @property
    def have_ended(self) -> bool:
        """Whether all have ended by themselves."""
        return all(forwarder.ended.is_set() for forwarder in self._running)

    def finish(self, stop: Stop, seconds: float = _FINISH_SECONDS) -> None:
        """Wait some seconds at most until all have sent what is due."""
        for forwarder in self._running:
            forwarder.is_once = True
        end = time.monotonic() + seconds
        while not (self.have_ended or stop.wait(_TICK_SECONDS)) and time.monotonic() < end:
            continue

    def close(self) -> None:
        """Let all end after what they are sending."""
        if self._rules is not None:
            self._rules.stop()
            self._rules = None
        for forwarder in self._running:
            forwarder.stop()
        for forwarder in self._running:
            try:
                forwarder.join(_JOIN_SECONDS)
            except HpcliError as error:  # what was not noted is sent again, marked
                self.error_log.add(f"{forwarder.name}: {error.message}")
        for lock in self._locks:
            lock.release()
        self._running.clear()
        self._locks.clear()


@dataclass
class Beside:
    """Outputs beside the reader: those that are free now, the others as soon as they are.

    Args:
        forwarders: sends.
        configs: of the outputs.
        warn: shows a line to the user.
        rules: that are watched.
        stop: set by a signal.
        seconds: between two tries.
    """

    forwarders: Forwarders
    configs: Sequence[OutputConfig]
    warn: Callable[[str], None]
    rules: Sequence[Rule] = ()
    stop: Stop = field(default_factory=Stop)
    seconds: float = _AGAIN_SECONDS
    _over: Stop = field(default_factory=Stop)
    _named: set[str] = field(default_factory=set)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start them."""
        self.forwarders.start_rules(self.rules)
        left = self._try(list(self.configs))
        if left:
            self._thread = threading.Thread(target=self._go_on, args=(left,), name="forward", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let them end; without a signal or an error, after they have sent what is due."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)
        if error is None and not self.stop.is_set:
            self.forwarders.finish(self.stop)
        self.forwarders.close()

    def _go_on(self, left: list[OutputConfig]) -> None:
        while left and not self._over.wait(self.seconds):
            left = self._try(left)

    def _try(self, configs: list[OutputConfig]) -> list[OutputConfig]:
        """Start outputs; return those that another process runs, or that cannot run as they are."""
        left = []
        for config in configs:
            try:
                holder = self.forwarders.start(config)
                reason = None if holder is None else held_elsewhere(config.name, holder).message
            except HpcliError as error:
                reason = f"The output '{config.name}' cannot run: {error}"
            if reason is not None:
                left.append(config)
                if config.name not in self._named:
                    self._named.add(config.name)
                    self.warn(f"{reason} Trying again every {self.seconds:.0f} s.")
        return left
