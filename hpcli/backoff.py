"""The pauses between retries: one rule, with policies as data."""

import math
from typing import NamedTuple

_MOST_DOUBLINGS = 64  # keeps the power within a float


class Backoff(NamedTuple):
    """The pauses after failures in a row.

    Attributes:
        steps: seconds after the first failures.
        growth: factor of each pause after the last step.
        longest: maximum pause in seconds, before jitter.
        jitter: share by which a pause varies, so that clients do not return together: 0.5 means 50 % to 150 %.
        longest_asked: maximum seconds that the other side can ask for (Retry-After).
    """

    steps: tuple[float, ...]
    growth: float = 1.0
    longest: float = math.inf
    jitter: float = 0.0
    longest_asked: float = math.inf

    def seconds_after(self, failures: int, asked: float | None = None) -> float:
        """Return the seconds to wait before the next try.

        Args:
            failures: number of failures in a row, at least 1.
            asked: pause requested by the other side; the result is at least that, up to `longest_asked`.
        """
        if failures <= len(self.steps):
            pause = self.steps[failures - 1]
        else:
            pause = self.steps[-1] * self.growth ** min(failures - len(self.steps), _MOST_DOUBLINGS)
        pause = min(pause, self.longest) * self._variation()
        return max(pause, min(asked or 0.0, self.longest_asked))

    def _variation(self) -> float:
        if not self.jitter:
            return 1.0
        import random  # costs 3 ms, which calls without failures avoid

        return random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311 - jitter, no secret
