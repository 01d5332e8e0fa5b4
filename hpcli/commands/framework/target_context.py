"""The context of one target of many: keeps what its verb shows and changes, until the targets before it are printed."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcli.errors import HpcliError
from hpcli.output.outcome_table import Outcome
from hpcli.run.context import Context, Run
from hpcli.run.inputs import Inputs
from hpcli.run.job import Job

if TYPE_CHECKING:
    from hpcli.output import View
    from hpcli.run.attempts import Attempt


class Target(NamedTuple):
    """One target.

    Attributes:
        name: the serial, or the id of the site; as it was typed where that is not known.
        word: what the function of the verb gets.
        label: names it in messages.
        error: why it cannot be used.
    """

    name: str
    word: str
    label: str
    error: HpcliError | None = None


class TargetContext(Context):
    """Runs a verb for one target among many.

    Attributes:
        target: what the verb runs for.
        rows: what it showed.
        view: of these rows.
        limit: the most rows that were asked for.
        made: the outcomes of what it changed, each with the line that reports it, or what that failed is called.
        lines: its notices, with whether --quiet silences them.
        error: what ended it.
    """

    def __init__(self, ctx: Context, target: Target, inputs: Inputs, *, is_change: bool) -> None:
        super().__init__(ctx.command, parent=ctx, info_name=ctx.info_name, obj=_own_run(ctx.obj, inputs))
        self.target = target
        self.rows: list[Mapping[str, Any]] = []
        self.view: View | None = None
        self.limit: int | None = None
        self.made: list[tuple[Outcome, HpcliError | None, str]] = []
        self.lines: list[tuple[bool, str]] = []
        self.error: HpcliError | None = None
        self._is_change = is_change

    is_one_of_many = True

    def info(self, text: str) -> None:
        """Keep a notice."""
        self.lines.append((True, self._named(text)))

    def warn(self, text: str) -> None:
        """Keep a warning."""
        self.lines.append((False, self._named(text)))

    def show(
        self,
        rows: Iterable[Mapping[str, Any]],
        view: View,
        *,
        limit: int | None = None,
        empty: str | None = None,  # noqa: ARG002 - there is one notice for all targets
    ) -> int:
        """Keep the rows that hold; unless they are sorted or counted, at most `limit`."""
        selection = copy.copy(self.obj.selection)
        self.limit = limit if selection.limit is None else selection.limit
        if selection.needs_all:
            selection.sort, selection.count_by, selection.limit, limit = [], [], None, None
        named = ({"target": self.target.name, **row} for row in rows)
        self.view = with_target(view)
        kept, _ = selection.apply(named, self.view, self.obj.now(), limit=limit)
        for row in kept:  # one by one, so that those before a failure are kept
            self.rows.append(row)
        return len(self.rows)

    def show_one(self, row: Mapping[str, Any], view: View) -> None:
        """Keep an object."""
        self.view = with_target(view)
        self.rows.append({"target": row.get("deviceSerial") or self.target.name, **row})

    def confirm(self, question: str, typed: str | None = None) -> None:
        """Ask, unless all targets were asked about before the first began."""
        if not self._is_change:
            super().confirm(question, typed)

    def report(
        self,
        attempts: Iterable[Attempt],
        done: Callable[[str, Any], str],
        *,
        is_one: bool = False,  # noqa: ARG002 - the answer is always an array
        is_object: bool = False,  # noqa: ARG002 - the answer is always an array
        named: Callable[[Outcome], str] = lambda outcome: outcome.target,
    ) -> None:
        """Keep the outcomes; raise the combined error as for one target."""
        from hpcli.run.attempts import raise_failures

        errors: list[HpcliError | None] = []
        for outcome, error in attempts:
            whole = self._of_target(outcome)
            line = self._named(done(outcome.target, outcome.data)) if error is None else ""
            if error is not None:
                line = self.target.label if whole.part is None else f"{self.target.label}: {named(outcome)}"
            self.made.append((whole, error, line))
            self.obj.settle(outcome.target, error)
            errors.append(error)
        raise_failures(errors)

    def _of_target(self, outcome: Outcome) -> Outcome:
        """Return the outcome under the target's name; an area, zone or output of it becomes the part."""
        names = {name.upper() for name in self.target[:3]}
        part = None if outcome.target.upper() in names else outcome.target
        error = None if outcome.error is None else outcome.error | {"target": self.target.name}
        return outcome._replace(target=self.target.name, part=part, error=error)

    def _named(self, text: str) -> str:
        is_named = self.target.label in text or self.target.name in text
        return text if is_named else f"{self.target.label}: {text}"


class SharedInputs(Inputs):
    """Inputs that several targets read: each is read or asked for once."""

    def __init__(self, inputs: Inputs) -> None:
        super().__init__(inputs.stdin, inputs.stderr, assume_yes=inputs.assume_yes, info=inputs.info)
        self._inputs = inputs
        self._lock = threading.RLock()
        self._kept: dict[tuple[str, ...], Any] = {}

    def read_secret(self, prompt: str, *, from_stdin: bool, option: str) -> str:
        """Return a secret; see `Inputs.read_secret`."""

        def read() -> str:
            return self._inputs.read_secret(prompt, from_stdin=from_stdin, option=option)

        return str(self._once(("secret", prompt), read))

    def ask_line(self, prompt: str, hint: str) -> str:
        """Return a line typed at a prompt."""
        return str(self._once(("line", prompt), lambda: self._inputs.ask_line(prompt, hint)))

    def read_given(self, value: str, what: str) -> bytes | None:
        """Return the bytes of stdin or a file, read once."""

        def read() -> bytes | None:
            return self._inputs.read_given(value, what)

        given: bytes | None = self._once(("given", value, what), read)
        return given

    def _once(self, key: tuple[str, ...], read: Callable[[], Any]) -> Any:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = read()
            return self._kept[key]


def with_target(view: View) -> View:
    """Return a view whose rows have the name of their target, and perhaps an error."""
    fields = view.fields
    if fields is None:
        return view
    own = ("target", "ok", "error", "error.*")
    return view._replace(fields=lambda: (*own, *(name for name in fields() if name not in own)))


def _own_run(run: Run, inputs: Inputs) -> Run:
    """Return a run that shares everything but what is said about its rows, and what it plans."""
    own = copy.copy(run)
    own.plans = []
    own.job = Job()  # the job of the run counts targets, not their parts
    own.selection = copy.deepcopy(run.selection)
    own.selection.left_out = run.selection.left_out
    own.__dict__["inputs"] = inputs
    return own
