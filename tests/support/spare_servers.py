"""The hot-spare servers of an account without a platform, and servers of this computer among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hpcli.alarms.clock import Clock
from hpcli.alarms.standby.host import Host
from hpcli.alarms.standby.spare import Spare
from hpcli.alarms.tail.faults import is_final
from hpcli.errors import HpcliError, NetworkError

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
AWAY = NetworkError("The platform cannot be reached.")


@dataclass
class Servers:
    """The hot-spare servers of an account, and a stopwatch."""

    lags: dict[str, float] = field(default_factory=lambda: {"h": 0.0, "s1": 0.0})
    seconds: float = 1000.0
    error: HpcliError | None = None
    beats: list[str] = field(default_factory=list)

    def rows(self) -> list[Any]:
        names = ("h", "s1", "s2")
        return [
            {"uuid": uuid, "type": names.index(uuid), "timeLag": round(lag * 1000)}
            for uuid, lag in self.lags.items()
        ]

    def list(self) -> Sequence[Any]:
        if self.error is not None:
            raise self.error
        return [{"uuid": row["uuid"], "type": row["type"]} for row in self.rows()]

    def heartbeat(self, uuid: str) -> Sequence[Any]:
        self.beats.append(uuid)
        if self.error is not None:
            raise self.error
        self.lags[uuid] = 0.0
        return self.rows()

    @property
    def common(self) -> dict[str, Any]:
        return {
            "calls": self,
            "every": 60.0,
            "is_final": is_final,
            "clock": Clock(lambda: NOW, lambda: self.seconds),
        }

    def spare(self, warn: Callable[[str], None] = lambda _line: None, uuid: str | None = "s1") -> Spare:
        return Spare(of="h", uuid=uuid, down_after=180.0, warn=warn, **self.common)

    def host(self, warn: Callable[[str], None] = lambda _line: None) -> Host:
        return Host(uuid="h", warn=warn, **self.common)
