"""Outputs as forward.toml declares them, also after it or a file that it names has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from hpcli.alarms.forward.config import OutputConfig
from hpcli.alarms.forward.declaration import Declaration
from hpcli.alarms.forward.lock import held_elsewhere
from hpcli.alarms.forward.runner import Forwarders
from hpcli.errors import HpcliError
from hpcli.stop import Stop

if TYPE_CHECKING:
    from types import TracebackType

_AGAIN_SECONDS: Final = 10.0
_JOIN_SECONDS: Final = 60.0
_FILE: Final = ""
"""What is said of the file as a whole is kept under this name."""


@dataclass
class Watch:
    """Runs outputs for the time of a block: those that are free, others as soon as they are, and with new settings.

    Args:
        forwarders: sends.
        declared: what is declared now.
        read: returns what is declared later; raises HpcliError.
        warn: shows a line to the user.
        stop: set by a signal.
        needs_all: raise if an output cannot start.
        finishes: at the end, wait for what is due.
        seconds: between two looks.
    """

    forwarders: Forwarders
    declared: Declaration
    read: Callable[[], Declaration]
    warn: Callable[[str], None]
    stop: Stop = field(default_factory=Stop)
    needs_all: bool = False
    finishes: bool = True
    seconds: float = _AGAIN_SECONDS
    _over: Stop = field(default_factory=Stop)
    _said: dict[str, str] = field(default_factory=dict)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start them."""
        try:
            if self.needs_all:
                self.forwarders.start_all(list(self.declared.outputs.values()))
            self._apply(self.declared)
        except BaseException:
            self.forwarders.close()
            raise
        self._over.set_too(self.forwarders.asked)
        if not self.forwarders.is_once:
            self._thread = threading.Thread(target=self._go_on, name="forward", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let them end; without a signal or an error, after they have sent what is due."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)
        if self.finishes and error is None and not self.stop.is_set:
            self.forwarders.finish(self.stop)
        self.forwarders.close()

    def look(self) -> None:
        """Read what is declared now, and follow it; what cannot be used is said once and changes nothing."""
        try:
            self.declared = self.read()
        except HpcliError as error:
            self._say(_FILE, f"The outputs keep their former settings: {error}")
        else:
            self._say_well(_FILE, "forward.toml can be used again.")
        if self._apply(self.declared):
            self.warn("The rules are those of forward.toml as it is now.")

    def _go_on(self) -> None:
        while self._wait():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the outputs must go on
                self._say(_FILE, f"Outputs: a fault of hpcli ({type(error).__name__}: {error}); going on.")

    def _wait(self) -> bool:
        """Wait until it is time to look; return whether it is not over."""
        self.forwarders.asked.wait(self.seconds)
        self.forwarders.asked.clear()
        return not self._over.is_set

    def _apply(self, declared: Declaration) -> bool:
        """Follow what is declared; return whether other rules are watched than before."""
        has_other_rules = self.forwarders.watch_rules(declared.rules)
        for name in self.forwarders.names:
            if name not in declared.outputs and name not in declared.faults:
                self._try(name, self._let_go)
            elif self.forwarders.has_ended(name) and not self.forwarders.is_once:
                self._try(name, self.forwarders.end)
        for name, fault in declared.faults.items():
            how = "keeps its former settings" if name in self.forwarders.names else "does not run"
            self._say(name, f"The output '{name}' {how}: {fault}")
        for config in declared.outputs.values():
            self._keep(config)
        return has_other_rules

    def _let_go(self, name: str) -> None:
        self.forwarders.end(name)
        self.warn(f"The output '{name}' was removed; nothing is sent to it any more.")

    def _try(self, name: str, end: Callable[[str], None]) -> None:
        try:
            end(name)
        except HpcliError as error:
            self._say(name, f"The output '{name}' cannot end yet: {error.message}")
        else:
            self._said.pop(name, None)

    def _keep(self, config: OutputConfig) -> None:
        """Run an output with its current settings."""
        name = config.name
        try:
            if name in self.forwarders.names:
                reason = self._update(config)
            else:
                holder = self.forwarders.start(config)
                reason = "" if holder is None else held_elsewhere(name, holder).message
        except HpcliError as error:
            reason = f"The output '{name}' cannot run: {error}"
        if reason:
            self._say(name, f"{reason} Retrying every {self.seconds:.0f} s.")
        else:
            self._say_well(name, f"The output '{name}' runs as it is declared.")

    def _update(self, config: OutputConfig) -> str:
        """Take over new settings; return why they cannot be used, empty if all is well."""
        if self.forwarders.is_current(config):
            return ""
        is_only_asked = self.forwarders.has_settings(config)
        try:
            self.forwarders.restart(config)
        except HpcliError as error:
            return f"The output '{config.name}' keeps its former settings: {error}"
        if not is_only_asked:
            self._said.pop(config.name, None)
            self.warn(f"The output '{config.name}' uses its new settings now.")
        return ""

    def _say(self, name: str, text: str) -> None:
        """Show a line about an output, unless it was the last one."""
        if self._said.get(name) != text:
            self._said[name] = text
            self.warn(text)

    def _say_well(self, name: str, text: str) -> None:
        """Show that what was said of an output is over."""
        if self._said.pop(name, None) is not None:
            self.warn(text)
