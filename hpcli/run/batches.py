"""Change several targets with one call, and find out which of them a refusal is about."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hpcli.errors import DryRun, ExitCode, HpcliError, InterruptedByUserError, OutputClosedError
from hpcli.output.outcome_table import Outcome

if TYPE_CHECKING:
    from hpcli.run.attempts import Attempt
    from hpcli.run.job import Job

BATCH_SIZE: Final = 100
"""Targets of one call; no limit is documented."""
MOST_ALIKE: Final = 8
"""After so many single refusals that are all alike, the others are not sent."""

_OF_THE_WHOLE: Final = (
    ExitCode.SIGN_IN, ExitCode.PERMISSION, ExitCode.CALL_LIMIT, ExitCode.NETWORK, ExitCode.LOCAL,
)  # fmt: skip


@dataclass
class _Batches:
    """One list of targets, sent in parts.

    Args:
        send: makes the change for some targets at once.
        data: target to the data of its outcome.
        is_done: whether a refusal of a target says that what is wanted is so already.
        plans: receives the planned calls.
        job: notes what is done and left.
    """

    send: Callable[[Sequence[str]], object]
    data: Callable[[str], Any]
    is_done: Callable[[str, HpcliError], bool]
    plans: list[dict[str, Any]]
    job: Job | None
    _has_done_one: bool = False
    _refusals: list[HpcliError] = field(default_factory=list)

    def attempt(self, targets: Sequence[str], *, is_half: bool = False) -> Iterator[Attempt]:
        """Yield the outcomes of some targets, with one call if that is taken, else by halves."""
        if self.job is not None and self.job.stop.is_set:
            return
        alike = self._refused_alike()
        if alike is not None:
            yield from self._failed(targets, alike)
            return
        self._note_begin(targets)
        try:
            self.send(targets)
        except DryRun as planned:
            self.plans.append(planned.plan)
            self._note_end(targets, None)
        except (InterruptedByUserError, OutputClosedError):
            raise
        except HpcliError as error:
            yield from self._refused(targets, error, is_half=is_half)
        else:
            self._has_done_one = True
            self._note_end(targets, None)
            for target in targets:
                yield Outcome(target, ok=True, data=self.data(target)), None

    def _refused(self, targets: Sequence[str], error: HpcliError, *, is_half: bool) -> Iterator[Attempt]:
        if len(targets) > 1 and is_about_item(error):
            middle = len(targets) // 2
            self._note_left(targets)
            yield from self.attempt(targets[:middle], is_half=True)
            yield from self.attempt(targets[middle:], is_half=True)
        elif len(targets) == 1 and is_half and self.is_done(targets[0], error):
            self._has_done_one = True
            self._note_end(targets, None)
            yield Outcome(targets[0], ok=True, data=self.data(targets[0])), None
        else:
            if is_half:
                self._refusals += [error] * (len(targets) == 1)
            yield from self._failed(targets, error)

    def _failed(self, targets: Sequence[str], error: HpcliError) -> Iterator[Attempt]:
        self._note_end(targets, error)
        for target in targets:
            yield Outcome(target, ok=False, error=error.as_dict()), error

    def _refused_alike(self) -> HpcliError | None:
        """Return the refusal that all others will get too."""
        kinds = {(error.code, error.kind, error.exit_code) for error in self._refusals}
        is_enough = len(self._refusals) >= MOST_ALIKE and not self._has_done_one
        return self._refusals[0] if is_enough and len(kinds) == 1 else None

    def _note_begin(self, targets: Sequence[str]) -> None:
        if self.job is not None:
            for target in targets:
                self.job.begin(target)

    def _note_left(self, targets: Sequence[str]) -> None:
        if self.job is not None:
            for target in targets:
                self.job.leave(target)

    def _note_end(self, targets: Sequence[str], error: HpcliError | None) -> None:
        if self.job is not None:
            for target in targets:
                self.job.end(target, error)


def attempt_batches(
    targets: Iterable[str],
    send: Callable[[Sequence[str]], object],
    plans: list[dict[str, Any]],
    *,
    data: Callable[[str], Any] = lambda _target: None,
    is_done: Callable[[str, HpcliError], bool] = lambda _target, _error: False,
    job: Job | None = None,
    size: int = BATCH_SIZE,
) -> Iterator[Attempt]:
    """Yield the outcome of each target, in order, of a change whose call takes a list.

    A refusal about one of them does not say about which: the list is sent again by halves. A refusal of the whole
    (credentials, permission, call limit, network) and a lost answer are those of all targets.

    Args:
        targets: identifiers.
        send: makes the change for some of them.
        plans: receives the planned changes.
        data: target to the data of its outcome.
        is_done: whether a refusal within a half says that what is wanted is so already: the first call, which was
            refused, may have done a part.
        job: of the run; follows what is done.
        size: targets of one call.

    Raises:
        JobInterruptedError: the user stopped it between two calls.
    """
    names = list(targets if job is None else job.select(targets))
    with job.following(names) if job is not None else contextlib.nullcontext() as followed:
        batches = _Batches(send, data, is_done, plans, followed)
        for start in range(0, len(names), size):
            yield from batches.attempt(names[start : start + size])


def is_about_item(error: HpcliError) -> bool:
    """Whether a refusal of a list may be about one of its items: unknown, there already, not allowed for it."""
    return error.code is not None and not error.may_be_done and error.exit_code not in _OF_THE_WHOLE
