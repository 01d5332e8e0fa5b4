"""Numbers that are read again at an interval; a scrape gets what is known, with its age, and asks nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hpcli.errors import HpcliError, LocalError
from hpcli.output.prometheus import Metric

if TYPE_CHECKING:
    from hpcli.stop import Stop

_PREFIX: Final = "hpcli_metrics_refresh_"
_RETRY_SECONDS: Final = 60.0


@dataclass
class Part:
    """A part of the numbers.

    Args:
        name: of the part.
        read: reads its numbers.
        every: seconds between two readings; one that takes long is followed by a pause that is as long.
        warn: shows a line to the user.
        now: epoch seconds.
        clock: a stopwatch.

    Attributes:
        metrics: those of the last reading that worked.
    """

    name: str
    read: Callable[[], Sequence[Metric]]
    every: float
    warn: Callable[[str], None]
    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    metrics: Sequence[Metric] = ()
    _read_at: float | None = None
    _took: float | None = None
    _is_well: bool | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> float:
        """Read the numbers; return the seconds until the next time. A failure keeps those of before."""
        began, failed = self.clock(), None
        try:
            metrics = self.read()
        except HpcliError as error:
            failed = error
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be tried again
            failed = LocalError(f"This is a fault of hpcli ({type(error).__name__}).")
        took = self.clock() - began
        if failed is not None:
            if self._is_well is not False:
                self.warn(f"The numbers of {self.name} could not be read: {failed} Retrying.")
            self._is_well = False
            return max(min(self.every, _RETRY_SECONDS), took)
        if self._is_well is False:
            self.warn(f"The numbers of {self.name} can be read again.")
        with self._lock:
            self.metrics, self._read_at, self._took, self._is_well = metrics, self.now(), took, True
        return max(self.every - took, took)

    def run(self, stop: Stop) -> None:
        """Refresh until the stop is set."""
        while not stop.is_set:
            stop.wait(self.refresh())

    def samples(self) -> tuple[Sequence[Metric], float | None, float | None, float | None]:
        """Return what is known: the metrics, when they were read, how long that took, whether the last try worked."""
        with self._lock:
            well = None if self._is_well is None else float(self._is_well)
            return self.metrics, self._read_at, self._took, well


def read_parts(parts: Sequence[Part]) -> list[Metric]:
    """Return what is known of all parts, and how old it is."""
    known = [(part.name, *part.samples()) for part in parts]
    own = (
        ("timestamp_seconds", "When these numbers were read.", [((one[0],), one[2]) for one in known]),
        ("duration_seconds", "How long it took to read them.", [((one[0],), one[3]) for one in known]),
        ("success", "1 if the last attempt to read them worked.", [((one[0],), one[4]) for one in known]),
    )
    return [
        *(metric for one in known for metric in one[1]),
        *(Metric(f"{_PREFIX}{name}", text, ("part",), samples) for name, text, samples in own),
    ]
