"""Note the changes of one run in the log of changes: the hook of the transport, and what commands know beforehand."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.api.operation import API
from hpcli.errors import HpcliError, LocalError
from hpcli.parse import epoch_milliseconds

if TYPE_CHECKING:
    from datetime import datetime

    from hpcli.api.operation import Operation
    from hpcli.client.request import Request
    from hpcli.local.change_log import ChangeLog
    from hpcli.local.change_records import LoggedCall, LoggedRun
    from hpcli.run.account import AccountSession
    from hpcli.run.sent_changes import SentChange, SentChanges
    from hpcli.run.settings import Settings

_UNLOGGED: Final = ("v1/hotspare/heartbeat", "v1/mq/offset")
_SUBSCRIBE: Final = API + "v1/mq/subscribe"
_PTZ: Final = "/ISAPI/PTZCtrl/"
_MOVES: Final = ("/continuous", "/goto", "/momentary", "/absolute", "/relative")


class RunChanges:
    """Notes the changes that one run sends; threads share it.

    A log that cannot be written is named once, and the change goes on.

    Args:
        settings: the run's settings.
        session: returns the account session of the run.
        warn: takes a line for the user.
        now: the present.
        arguments: the command line, without `hpcli`.
        verb: the command that runs, such as `site update`.

    Attributes:
        undoes: the change that the next one undoes.
        folder: where the command runs, if that is not the current folder.
    """

    def __init__(
        self,
        settings: Settings,
        session: Callable[[], AccountSession],
        warn: Callable[[str], None],
        now: Callable[[], datetime],
        arguments: Sequence[str] = (),
        verb: str = "",
    ) -> None:
        self.settings = settings
        self.session = session
        self.warn = warn
        self.now = now
        self.arguments = arguments
        self.verb = verb
        self.undoes: int | None = None
        self.folder: str | None = None
        self._lock = threading.RLock()
        self._before: dict[tuple[str, str], dict[str, Any]] = {}
        self._names: dict[str, list[str]] = {}
        self._persons: dict[str, tuple[str, str]] | None = None
        self._number: int | None = None
        self._is_broken = False
        self._log: ChangeLog | None = None
        self._sent: SentChanges | None = None

    @property
    def log(self) -> ChangeLog:
        """The log."""
        from hpcli.local.change_log import ChangeLog

        with self._lock:
            self._log = self._log or ChangeLog(self.settings.state_dir)
            return self._log

    def note_before(self, operation: Operation, target: str, value: Any) -> None:
        """Note what a change is about to replace.

        Args:
            operation: the change.
            target: what it changes, by the ids of the call; of a permission both sides, with a blank between.
            value: the value before, in the form of the change's body.
        """
        first = target.partition(" ")[0]
        with self._lock:
            self._before.setdefault((operation.path, first), {})[target] = value

    def name(self, target: str, name: str) -> None:
        """Note the name of what a call has by its id."""
        with self._lock:
            names = self._names.setdefault(target, [])
            if name not in names:
                names.append(name)

    @contextmanager
    def recording(self, request: Request) -> Iterator[None]:
        """Note a change before it is sent, and afterwards what became of it."""
        if self._is_broken or self._is_unlogged(request):
            yield
            return
        sent = self._begin(request)
        try:
            yield
        except BaseException as error:
            self._end(sent, error)
            raise
        self._end(sent, None)

    def settle(self, target: str, error: HpcliError | None) -> None:
        """Note what became of a target of a call: an answer of success may hold refusals of single items.

        Args:
            target: as the command reports it.
            error: why it was not done; None if it was.
        """
        settled = None if self._sent is None else self._sent.settle(target, error)
        if settled is None or self._is_broken:
            return
        try:
            self.log.settle(*settled)
        except LocalError as failure:
            self._warn(failure)

    def note_rest(self, done: int, file: Path, inputs: Mapping[str, str]) -> None:
        """Note what is left of this run, for `log resume`.

        Args:
            done: how many targets are done.
            file: has those that are left.
            inputs: files that the command read, path to SHA-256.
        """
        from hpcli.run.logged_values import masked_arguments

        if self._is_broken:
            return
        files = {path: [str(Path(path).expanduser().absolute()), digest] for path, digest in inputs.items()}
        try:
            with self._lock:
                if self._number is None:
                    self._number = self.log.begin_run(self._logged_run())
            now = epoch_milliseconds(self.now())
            arguments = masked_arguments(self.arguments)
            self.log.add_rest(
                self._number, now, done, str(file), arguments, files, self.folder or str(Path.cwd())
            )
        except LocalError as error:
            self._warn(error)

    def earlier_rests(self, inputs: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return what earlier runs of the same command in this account have left.

        Args:
            inputs: files that this run read, path to SHA-256.

        Raises:
            LocalError: the log cannot be read.
        """
        from hpcli.run.logged_values import masked_arguments

        account, arguments = self.session().account_id, masked_arguments(self.arguments)
        mine = {str(Path(path).expanduser().absolute()) for path in inputs}

        def is_same(rest: Mapping[str, Any]) -> bool:
            files = {whole for whole, _ in rest["inputs"].values()}
            reads_same = (bool(files) and files <= mine) or rest["file"] in mine
            return reads_same or rest["arguments"] == arguments

        return [
            rest
            for rest in self.log.rests(is_sandbox=self.settings.is_sandbox)
            if rest["account"] == account
            and rest["verb"] == self.verb
            and rest["run"] != self._number
            and is_same(rest)
        ]

    def end_rest(self, run: int) -> None:
        """Note that nothing is left of a run.

        Raises:
            LocalError: it cannot be written.
        """
        self.log.end_rest(run, epoch_milliseconds(self.now()))

    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            self._log.close()

    def _is_unlogged(self, request: Request) -> bool:
        """Whether a change is one of thousands that nobody looks for: heartbeats, positions, moves of a camera."""
        path = request.path
        return (
            path.removeprefix(API) in _UNLOGGED
            or (path == _SUBSCRIBE and self.session().is_service)
            or (_PTZ in path and path.endswith(_MOVES))
        )

    def _begin(self, request: Request) -> SentChange | None:
        from hpcli.run.changed_parts import parts_sent
        from hpcli.run.sent_changes import SentChanges

        call, parts = self._logged_call(request), parts_sent(request)
        try:
            with self._lock:
                self._sent = self._sent or SentChanges()
                if self._number is None:
                    self._number = self.log.begin_run(self._logged_run())
            number = self.log.begin_change(self._number, call)
            return self._sent.add(number, call.targets, parts.names if parts else ())
        except LocalError as error:
            self._warn(error)
            return None

    def _end(self, sent: SentChange | None, error: BaseException | None) -> None:
        if sent is None:
            return
        sent.outcome, code, message = _outcome(error)
        sent.error = error if isinstance(error, HpcliError) else None
        now = epoch_milliseconds(self.now())
        try:
            self.log.end_change(sent.number, sent.outcome, now, code=code, message=message)
        except LocalError as failure:
            self._warn(failure)

    def _warn(self, error: LocalError) -> None:
        if not self._is_broken:
            self._is_broken = True
            self.warn(f"The change is not in the log of changes: {error}")

    def _logged_run(self) -> LoggedRun:
        import socket

        from hpcli.local.change_records import LoggedRun
        from hpcli.run.logged_values import masked_line

        settings, session = self.settings, self.session()
        return LoggedRun(
            epoch_milliseconds(self.now()),
            user_name(),
            socket.gethostname(),
            settings.profile_name,
            session.account_id,
            settings.is_sandbox,
            self.verb,
            masked_line(self.arguments),
            settings.get("reason"),
        )

    def _logged_call(self, request: Request) -> LoggedCall:
        from hpcli.local.change_records import LoggedCall
        from hpcli.run.logged_values import allowed, targets_of, value_sent

        operation = request.operation
        ids = targets_of(request)
        known = {one: self._names_of(one) for one in ids}
        names = [(one, name) for one, found in known.items() for name in found]
        targets = [*ids, *(found[0] for found in known.values() if found)]
        with self._lock:
            noted = {
                target: value
                for first in targets
                for target, value in self._before.get((operation.path, first), {}).items()
                if set(target.split(" ")) <= set(targets)
            }
        return LoggedCall(
            epoch_milliseconds(self.now()),
            operation.method,
            request.path,
            operation.path,
            operation.section,
            targets,
            allowed(noted),
            value_sent(request),
            self.undoes,
            names,
        )

    def _names_of(self, target: str) -> list[str]:
        """Return what a target is called: as the run has looked it up; of a person, its number and its name."""
        from hpcli.names import is_site_id

        with self._lock:
            known = list(self._names.get(target, ()))
            if known or not is_site_id(target):  # the id of a person has the same form
                return known
            if self._persons is None:
                self._persons = self._read_persons()
            return [name for name in self._persons.get(target, ()) if name]

    def _read_persons(self) -> dict[str, tuple[str, str]]:
        from hpcli.local.person_book import PersonBook

        try:
            return PersonBook(self.session().persons_file).people()
        except LocalError:  # the change is logged all the same, by ids alone
            return {}


def _outcome(error: BaseException | None) -> tuple[str, str | None, str | None]:
    """Return what an error says about a change: outcome, code, message."""
    if error is None:
        return "done", None, None
    if not isinstance(error, HpcliError):  # Ctrl-C, or a fault of hpcli
        return "unknown", None, type(error).__name__
    from hpcli.run.sent_changes import outcome_of

    return outcome_of(error), error.code, str(error)


def user_name() -> str:
    """Return the login name on this computer; its number where it has no name, as in a container."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"
