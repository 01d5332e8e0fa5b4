"""Commands of `alarms forward` in tests, and the journal that they work on."""

from __future__ import annotations

from pathlib import Path

from hpcli.alarms.journal.writer import Journal
from tests.support.forward_journal import keep_alarms
from tests.support.runner import Result, Run


def done(run: Run, *arguments: str) -> Result:
    """Run a command that has to succeed."""
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


def keep_three(run: Run, home: Path) -> Path:
    """Store three alarms, and return the account's folder."""
    done(run, "alarms", "subscribe", "--all", "--yes")
    (found,) = (home / ".local/state/hpcli/alarms").iterdir()
    with Journal(found / "journal.db") as journal:
        keep_alarms(journal, "Q1", "Q2", "Q1")
    return found


def add(run: Run, name: str, to: str, *arguments: str) -> Result:
    return run("alarms", "forward", "add", name, "--to", to, *arguments)
