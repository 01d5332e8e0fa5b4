"""Several outputs at work in one process, beside the reader or alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hpcli.alarms.forward.config import OutputConfig
from hpcli.alarms.forward.forwarder import Forwarder
from hpcli.alarms.forward.lock import Holder, OutputLock, held_elsewhere
from hpcli.alarms.forward.rule_config import Rule
from hpcli.alarms.forward.rules import RULES, Rules
from hpcli.alarms.forward.setup import FileMarks, make_setup, mark_files
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.errors import HpcliError, LocalError
from hpcli.stop import Stop

if TYPE_CHECKING:
    from hpcli.alarms.journal.writer import Journal

_JOIN_SECONDS: Final = 5.0
_FINISH_SECONDS: Final = 10.0
_TICK_SECONDS: Final = 0.02


@dataclass
class _Running:
    """An output at work, with the state of the files when they were read."""

    forwarder: Forwarder
    lock: OutputLock
    files: FileMarks


@dataclass
class Forwarders:
    """The outputs that this process sends for. One thread starts and changes them; any may close them.

    Args:
        folder: the account's.
        journal: what is sent.
        error_log: shows errors.
        is_once: end when all that is due was sent or has failed.
        environment: of this process, for the commands that are run.

    Attributes:
        asked: set when somebody asked an output to look at its settings again.
    """

    folder: Path
    journal: Journal
    error_log: ErrorLog
    is_once: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    make: Callable[..., Forwarder] = Forwarder
    asked: threading.Event = field(default_factory=threading.Event)
    _running: dict[str, _Running] = field(default_factory=dict)
    _rules: Rules | None = None
    _rules_lock: OutputLock | None = None
    _work: threading.RLock = field(default_factory=threading.RLock)
    _is_closed: bool = False

    def start(self, config: OutputConfig) -> Holder | None:
        """Begin to send for an output; return who else does already, if it cannot.

        Raises:
            HpcliError: the output cannot be used as it is configured.
        """
        with self._work:
            if self._is_closed:
                return None
            lock = OutputLock(self.folder, config.name)
            holder = lock.take()
            if holder is not None:
                return holder
            try:
                self._running[config.name] = self._begin(config, lock)
            except BaseException:
                lock.release()
                raise
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

    @property
    def names(self) -> list[str]:
        """The outputs that this process sends for."""
        return list(self._running)

    def has_settings(self, config: OutputConfig) -> bool:
        """Return whether an output runs with some settings, and with its files as they are now."""
        one = self._running[config.name]
        return one.forwarder.config == config and one.files == mark_files(config)

    def is_current(self, config: OutputConfig) -> bool:
        """Return whether an output runs with some settings, and nobody asked it to read them again."""
        return self.has_settings(config) and not self._running[config.name].forwarder.is_asked

    def has_ended(self, name: str) -> bool:
        """Return whether an output has ended by itself, as its place in the journal was removed."""
        return self._running[name].forwarder.ended.is_set()

    def restart(self, config: OutputConfig) -> None:
        """Let an output go on with other settings, and try everything at once.

        Raises:
            HpcliError: they cannot be used; it keeps the former ones.
        """
        with self._work:
            one = self._running[config.name]
            one.forwarder.is_asked = False
            make_setup(config)
            if self._is_closed:
                return
            self._end(one, one.forwarder.config.seconds + _JOIN_SECONDS)
            try:
                self._running[config.name] = self._begin(config, one.lock, is_fresh=True)
            except HpcliError:
                self._running[config.name] = self._begin(one.forwarder.config, one.lock)
                raise

    def end(self, name: str) -> None:
        """Send no more for an output, and let another process do so.

        Raises:
            LocalError: it is still sending.
        """
        with self._work:
            one = self._running[name]
            self._end(one, one.forwarder.config.seconds + _JOIN_SECONDS)
            del self._running[name]
            one.lock.release()

    def watch_rules(self, rules: Sequence[Rule]) -> bool:
        """Watch these rules from now on, unless another process of the account does; return whether they changed."""
        with self._work:
            if self._rules is not None and self._rules.rules == rules:
                return False
            had_some = self._rules is not None
            self._end_rules()
            lock = OutputLock(self.folder, RULES)
            if self._is_closed or not rules or lock.take() is not None:
                return had_some
            self._rules_lock = lock
            self._rules = Rules(rules, self.journal, self.error_log)
            self._rules.start()
            return True

    @property
    def have_ended(self) -> bool:
        """Whether all have ended by themselves."""
        return all(one.forwarder.ended.is_set() for one in list(self._running.values()))

    @property
    def sent(self) -> dict[str, int]:
        """How many events each output has acknowledged in this run."""
        return {name: one.forwarder.sent for name, one in list(self._running.items())}

    def finish(self, stop: Stop, seconds: float = _FINISH_SECONDS) -> None:
        """Wait some seconds at most until all have sent what is due."""
        for one in list(self._running.values()):
            one.forwarder.is_once = True
        end = time.monotonic() + seconds
        while not (self.have_ended or stop.wait(_TICK_SECONDS)) and time.monotonic() < end:
            continue

    def close(self) -> None:
        """Let all end after what they are sending."""
        self._is_closed = True
        with self._work:
            self._end_rules()
            for one in self._running.values():
                one.forwarder.stop()
            for one in self._running.values():
                self._join(one.forwarder, _JOIN_SECONDS)
                one.lock.release()
            self._running.clear()

    def _begin(self, config: OutputConfig, lock: OutputLock, *, is_fresh: bool = False) -> _Running:
        files = mark_files(config)  # before they are read: what changes meanwhile is noticed later
        forwarder = self.make(
            config,
            self.journal,
            self.error_log,
            is_once=self.is_once,
            environment=self.environment,
            is_fresh=is_fresh,
            asked=self.asked,
        )
        forwarder.start()
        return _Running(forwarder, lock, files)

    def _end(self, one: _Running, seconds: float) -> None:
        """Let an output end.

        Raises:
            LocalError: it is still sending: another sender would mix up the order.
        """
        one.forwarder.stop()
        if not self._join(one.forwarder, seconds):
            raise LocalError("it is still sending.")

    def _join(self, forwarder: Forwarder, seconds: float) -> bool:
        try:
            return forwarder.join(seconds)
        except HpcliError as error:  # what was not noted is sent again, marked
            self.error_log.add(f"{forwarder.name}: {error.message}")
            return True

    def _end_rules(self) -> None:
        rules, self._rules = self._rules, None
        if rules is not None:
            rules.stop()
        if self._rules_lock is not None:
            self._rules_lock.release()
            self._rules_lock = None
