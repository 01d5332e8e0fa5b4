"""`hpcli` with a lease whose times are short, for a process of its own."""

from __future__ import annotations

from hpcli import cli
from hpcli.alarms.lease import lease

_Times = lease.Times


def _short() -> lease.Times:
    return _Times(ttl=1.5, renew=0.2, stop=1.0)


def main() -> None:
    """Run the command; the times stay short in this process."""
    lease.Times = _short  # type: ignore[assignment,misc]  # in this process alone
    cli.main()
