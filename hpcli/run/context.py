"""The context of a command: settings, streams, clock, and the client, created on first use."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

import typer

from hpcli.run.inputs import Inputs
from hpcli.run.job import Job
from hpcli.run.long_lists import LongLists
from hpcli.run.messages import Messages
from hpcli.run.selection import Selection
from hpcli.run.settings import METRICS, Settings
from hpcli.run.streams import has_color, open_stream

if TYPE_CHECKING:
    from hpcli.client import Client
    from hpcli.errors import HpcliError
    from hpcli.output import Options, Printer, View
    from hpcli.output.outcome_table import Outcome
    from hpcli.output.prometheus import Metric
    from hpcli.run.account import AccountSession
    from hpcli.run.attempts import Attempt
    from hpcli.run.changes import RunChanges
    from hpcli.run.lookups import Lookups


class Run:
    """One run of hpcli: its environment, streams, clock and everything created from them.

    Args:
        environment: environment variables, by default those of the process.
        stdin: text stream, as the next two; by default those of the process.
        stdout, stderr: for data only; for everything else.
        now: the present.
        sleep: waits some seconds between calls.
        clock: monotonic seconds, for the time limits of calls.
        leave: ends the process at once if a clean exit would block for ever.

    Attributes:
        plans: the calls that `--dry-run` did not send.
        ended_by: the signal that interrupted the run, by which the process shall die.
        arguments: the command line, without `hpcli`.
        verb: the command that runs, such as `site update`.
        selection, job: the rows that were asked for; the targets of a command that changes many.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        leave: Callable[[int], object] = os._exit,
    ) -> None:
        self.environment = os.environ if environment is None else environment
        self.stdin = open_stream(sys.stdin, "r") if stdin is None else stdin
        self.stdout = open_stream(sys.stdout, "w") if stdout is None else stdout
        self.stderr = open_stream(sys.stderr, "w") if stderr is None else stderr
        self.now = now
        self.sleep = sleep
        self.clock = clock
        self.leave = leave
        self.plans: list[dict[str, Any]] = []
        self.ended_by: int | None = None
        self.selection = Selection()
        self.arguments: list[str] = []
        self.verb = ""
        self.job = Job()

    @cached_property
    def settings(self) -> Settings:
        """The settings of this run; parsing the command line adds its flags."""
        return Settings(self.environment)

    def begin(self, *, may_name_new_profile: bool = False) -> None:
        """Check the account's choice before a command runs, and name what is ignored in config.toml.

        Copies of secrets that a killed process left are removed.

        Raises:
            UsageError: the profile that is named does not exist, or is not that of `HPCLI_APP_KEY`.
            LocalError: config.toml cannot be read, or is not safe to use.
        """
        self.settings.may_name_new_profile = may_name_new_profile
        _ = self.settings.profile_name  # raises
        self.settings.profiles.remove_leftovers()
        for problem in self.settings.config_problems():
            self.messages.warn(problem)

    @cached_property
    def messages(self) -> Messages:
        """Writes to stderr."""
        return Messages(self.stderr, self.settings)

    @cached_property
    def inputs(self) -> Inputs:
        """Reads values, secrets and answers."""
        yes = bool(self.settings.get("yes"))
        return Inputs(self.stdin, self.stderr, assume_yes=yes, info=self.messages.info)

    @cached_property
    def session(self) -> AccountSession:
        """The account session of this run."""
        session = self._make_session(self.settings)
        session.recorder, session.on_pages = self.changes, LongLists(self).say
        return session

    def session_of(self, profile: str) -> AccountSession:
        """Return a session of another profile with the options of this run; the caller closes it."""
        return self._make_session(Settings(self.environment, {**self.settings.flags, "profile": profile}))

    def _make_session(self, settings: Settings) -> AccountSession:
        from hpcli.run.account import AccountSession

        is_watched = self.stdin.isatty() and self.stderr.isatty()
        info, trace = self.messages.info, self.messages.trace
        return AccountSession(
            settings, info, trace, is_watched=is_watched, sleep=self.sleep, clock=self.clock
        )

    @cached_property
    def changes(self) -> RunChanges:
        """Notes the changes of this run in the log."""
        from hpcli.run.changes import RunChanges

        return RunChanges(
            self.settings, lambda: self.session, self.messages.warn, self.now, self.arguments, self.verb
        )

    @cached_property
    def options(self) -> Options:
        """The output options of this run."""
        from hpcli.run.output_options import choose_options

        settings, is_terminal = self.settings, self.stdout.isatty()
        return choose_options(
            settings,
            self.selection,
            self.environment,
            color=has_color(self.stdout, settings.get("color"), self.environment),
            width=self.width if is_terminal else None,
            is_terminal=is_terminal,
        )

    @cached_property
    def printer(self) -> Printer:
        """Writes data to stdout."""
        from hpcli.output import Printer

        return Printer(self.stdout, self.options)

    @cached_property
    def lookups(self) -> Lookups:
        """The sites and devices that this run has looked up."""
        from hpcli.run.lookups import Lookups

        return Lookups(lambda: self.session.client)

    @contextlib.contextmanager
    def paged(self) -> Iterator[Printer]:
        """Yield the printer of a list; a table on a terminal goes through the pager, if one is set."""
        is_table = self.options.is_terminal and self.options.format == "table"
        pager = self.settings.get("pager") if is_table else "none"
        if pager == "none":
            yield self.printer
            return
        from hpcli.output import Printer
        from hpcli.run.pager import open_pager

        with open_pager(pager, self.environment) as stream:
            yield Printer(stream, self.options)

    @property
    def width(self) -> int:
        """The width of the terminal in columns."""
        return shutil.get_terminal_size().columns

    def settle(self, target: str, error: HpcliError | None) -> None:
        """Note in the log of changes what became of a target, if a change was sent."""
        if "changes" in self.__dict__:
            self.changes.settle(target, error)

    def close(self) -> None:
        """Close everything that was opened."""
        for name in ("changes", "session"):
            if name in self.__dict__:
                self.__dict__[name].close()


class Context(typer.Context):
    """The context of a command: its common actions, with the run's state in `obj`."""

    obj: Run

    @property
    def run(self) -> Run:
        """This run's state."""
        return self.obj

    @property
    def client(self) -> Client:
        """The client of the chosen account."""
        return self.obj.session.client

    @property
    def settings(self) -> Settings:
        """The settings of this run."""
        return self.obj.settings

    @property
    def lookups(self) -> Lookups:
        """Looks sites and devices up, each once."""
        return self.obj.lookups

    @property
    def inputs(self) -> Inputs:
        """Reads values, secrets and answers."""
        return self.obj.inputs

    def info(self, text: str) -> None:
        """Write a notice to stderr; --quiet silences it."""
        self.obj.messages.info(text)

    def warn(self, text: str) -> None:
        """Write a warning to stderr; --quiet does not silence it."""
        self.obj.messages.warn(text)

    is_one_of_many = False
    """Whether the verb runs for other targets at the same time."""

    def show(
        self,
        rows: Iterable[Mapping[str, Any]],
        view: View,
        *,
        limit: int | None = None,
        empty: str | None = None,
    ) -> int:
        """Print the rows that were asked for, at most `limit`; return their number. `empty` says that there is none."""
        rows, view = self.obj.selection.apply(rows, view, self.obj.now(), limit=limit)
        with self.obj.paged() as printer:
            count = printer.rows(rows, view)
        if count == 0:
            self.info(empty or f"No {view.noun}s.")
        return count

    def show_one(self, row: Mapping[str, Any], view: View) -> None:
        """Print one object."""
        self.obj.printer.item(row, view)

    @property
    def wants_metrics(self) -> bool:
        """Whether `-o prometheus` was asked; the command must have the mark `metrics` for it.

        Raises:
            LocalError: the library for it is not installed.
        """
        _ = self.obj.options  # refuses what does not go with it
        if self.settings.flags.get("output") != METRICS:
            return False
        from hpcli.output.prometheus import check_library

        check_library()
        return True

    def show_metrics(self, metrics: Iterable[Metric]) -> None:
        """Print numbers for a monitoring system."""
        from hpcli.output.prometheus import metrics_text

        self.obj.printer.text(metrics_text(metrics))

    def show_text(self, text: str) -> None:
        """Print text unchanged."""
        self.obj.printer.text(text)

    def confirm(self, question: str, typed: str | None = None) -> None:
        """Ask for confirmation and return on yes; with `--dry-run`, do not ask."""
        if not self.settings.get("dry-run"):
            self.inputs.confirm(question, typed)

    def plans_only(self, sentence: str) -> bool:
        """Whether this is a dry run, which changes nothing on this computer either; prints the sentence if so."""
        if is_dry := bool(self.settings.get("dry-run")):
            self.info(sentence)
        return is_dry

    def each(
        self,
        targets: Iterable[str],
        change: Callable[[str], Any],
        done: Callable[[str, Any], str],
        *,
        new_id: Callable[[Any], str] | None = None,
        named: Callable[[str], str] = str,
    ) -> None:
        """Change several targets; try each and report each.

        Args:
            targets: identifiers.
            change: makes the change; returns the platform's answer.
            done: target and answer to the line that reports success.
            new_id: answer to the identifier of the new object.
            named: target to its name in a warning, such as `Area 2`.

        Raises:
            SomeFailedError: some failed; if all failed alike, their own error.
        """
        from hpcli.run.attempts import attempt_each

        names = list(targets)
        attempts = attempt_each(names, change, self.obj.plans, new_id, job=self.obj.job)
        is_one = len(names) == 1
        self.report(attempts, done, is_one=is_one, named=lambda outcome: named(outcome.target))

    def report(
        self,
        attempts: Iterable[Attempt],
        done: Callable[[str, Any], str],
        *,
        is_one: bool = False,
        is_object: bool = False,
        named: Callable[[Outcome], str] = lambda outcome: outcome.target,
    ) -> None:
        """Report each target as it completes, print the results and raise the combined error.

        Args:
            attempts: made while they are consumed.
            done: target and answer to the line that reports success.
            is_one: there is only one target; its error is raised without a warning.
            is_object: the command takes only one target, so json is an object, not an array.
            named: outcome to the name of its target in a warning.

        Raises:
            SomeFailedError: some failed; if all failed alike, their own error.
        """
        from hpcli.run.attempts import report_attempts

        run = self.obj
        report_attempts(
            run.printer, run.messages, run.settle, attempts, done, named, is_one=is_one, is_object=is_object
        )

    def keep(self, what: str, write: Callable[[], object]) -> None:
        """Store on this computer what a call has made; a failure is a warning, since the call itself is done.

        Args:
            what: what is then not stored, the beginning of a sentence.
            write: stores it; its LocalError and OSError are reported.
        """
        from hpcli.run.attempts import try_to_keep

        try_to_keep(what, write, self.warn)

    def send(self, change: Callable[[], Any]) -> Any:
        """Make one of several related changes; with `--dry-run`, keep the plan and continue."""
        from hpcli.errors import DryRun

        try:
            return change()
        except DryRun as planned:
            self.obj.plans.append(planned.plan)
            return None

    def change(
        self,
        target: str,
        change: Callable[[], Any],
        done: str | Callable[[Any], str],
        *,
        new_id: Callable[[Any], str] | None = None,
    ) -> None:
        """Make one change, report success, and print the result if the format has one.

        Args:
            target: identifier.
            change: makes the change; returns the platform's answer.
            done: the line that reports success, or a function from the answer to it.
            new_id: answer to the identifier of the new object.
        """
        from hpcli.run.attempts import attempt_each

        def done_line(_target: str, answer: Any) -> str:
            return done if isinstance(done, str) else done(answer)

        attempts = attempt_each([target], lambda _: change(), self.obj.plans, new_id)
        self.report(attempts, done_line, is_one=True, is_object=True)
