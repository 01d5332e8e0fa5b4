"""What this computer last set of the ARC service of a device: the platform does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hpcli.api.operations.arc import DISABLE, ENABLE, SET_ACCOUNT, SET_EVENTS
from hpcli.client.arc import EVENT_LISTS
from hpcli.errors import LocalError
from hpcli.reference.codes import code_list
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.account import AccountSession

_ANEW: Final = (ENABLE.path, DISABLE.path)
"""Changes after which nobody knows what is left of the settings before."""


def last_set(ctx: Context, session: AccountSession, serial: str) -> Mapping[str, Any]:
    """Return the `account` and the `events` of a device that were set last, as far as the log has them."""
    from hpcli.local.change_records import Query

    found: dict[str, Any] = {}
    try:
        changes = ctx.run.changes.log.read(Query(target=serial, is_sandbox=session.settings.is_sandbox))
    except LocalError:
        return {}
    for change in changes:  # the newest first
        if change["account"] != session.account_id or change["outcome"] == "failed":
            continue
        operation, sent, is_done = change["operation"], change["sent"] or {}, change["outcome"] == "done"
        if operation in _ANEW:
            break
        if operation == SET_ACCOUNT.path:
            found.setdefault("account", sent.get("accountNumber") if is_done else None)
        if operation == SET_EVENTS.path:
            found.setdefault("events", _event_names(sent) if is_done else None)
    return {name: value for name, value in found.items() if value is not None}


def _event_names(sent: Mapping[str, Any]) -> list[Any] | None:
    """Return the names of the events in a body of §3.40."""
    for name, codes in EVENT_LISTS.items():
        values = sent.get(name)
        if isinstance(values, list):
            known = code_list(codes)
            return [code.name if (code := known.find(value)) else str(value) for value in values]
    return None
