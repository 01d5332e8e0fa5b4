"""What the log of changes is given and asked: runs, calls, outcomes of their targets, queries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

OUTCOMES: Final = ("sent", "done", "partial", "failed", "unknown")
"""`sent`: the process ended before the answer came. `partial`: some of its targets were refused. `unknown`: no usable
answer came; it may have been done."""


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """One command line.

    Attributes:
        began: when.
        user: login name on this computer.
        host: name of this computer.
        profile: profile in use, if any.
        account: id of the account.
        is_sandbox: it is the bundled sandbox.
        verb: the command, such as `site update`.
        line: the whole command line with secrets masked.
        reason: `--reason`.
    """

    began: int
    user: str
    host: str
    profile: str | None
    account: str
    is_sandbox: bool
    verb: str
    line: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One changing call, about to be sent.

    Attributes:
        began: when.
        method: HTTP method.
        path: as sent, without the query.
        operation: its path as the guide has it.
        section: of the guide.
        targets: what it changes: ids, serials, accounts, and their names.
        before: the values before, target to value; empty if not read.
        sent: the value sent, by an allow-list of names.
        undoes: the change that this one undoes.
        names: id of a target and what it is called.
    """

    began: int
    method: str
    path: str
    operation: str
    section: str
    targets: Sequence[str]
    before: Mapping[str, Any]
    sent: Any
    undoes: int | None = None
    names: Sequence[tuple[str, str]] = ()


class ItemOutcome(NamedTuple):
    """What became of one target of a call.

    Attributes:
        name: the target.
        outcome: failed or unknown.
        code: of its error.
        message: of its error.
    """

    name: str
    outcome: str
    code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Query:
    """Which changes to read; each condition that is not None holds.

    Attributes:
        since: began at or after.
        until: began before.
        targets: words for a target: ids, serials, names.
        command: the beginning of the command, in whole words.
        is_failed: it was not done, or is not known to be done.
        is_sandbox: it is one of the sandbox.
        ids: numbers of changes.
        operations: paths of calls as the guide has them.
    """

    since: int | None = None
    until: int | None = None
    targets: Sequence[str] | None = None
    command: str | None = None
    is_failed: bool = False
    is_sandbox: bool | None = None
    ids: Sequence[int] | None = None
    operations: Sequence[str] | None = None

    def parameters(self) -> dict[str, Any]:
        """Return the values of the statement's parameters."""
        return {
            "since": self.since,
            "until": self.until,
            "targets": None if self.targets is None else json.dumps(list(self.targets)),
            "command": None if self.command is None else " ".join(self.command.split()),
            "is_failed": int(self.is_failed),
            "is_sandbox": None if self.is_sandbox is None else int(self.is_sandbox),
            "ids": None if self.ids is None else json.dumps(list(self.ids)),
            "operations": None if self.operations is None else json.dumps(list(self.operations)),
        }
