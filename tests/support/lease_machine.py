"""`hpcli` with a lease whose times are short: `python -m tests.support.lease_machine alarms tail …`."""

from __future__ import annotations

from hpcli.alarms.lease import lease

_Times = lease.Times


def _short() -> lease.Times:
    return _Times(ttl=1.5, renew=0.2, stop=1.0)


if __name__ == "__main__":
    lease.Times = _short  # type: ignore[assignment,misc]  # in this process alone
    from hpcli.cli import main

    main()
