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


def last_set(ctx: Context, session: AccountSession) -> dict[str, dict[str, Any]]:
    """Return the `account` and the `events` that were set last, by serial, as far as the log has them."""
    from hpcli.local.change_records import Query

    operations = (*_ANEW, SET_ACCOUNT.path, SET_EVENTS.path)
    query = Query(is_sandbox=session.settings.is_sandbox, operations=operations)
    try:
        changes = ctx.run.changes.log.read(query)
    except LocalError:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for change in reversed(changes):  # the oldest first
        if change["account"] == session.account_id and change["outcome"] != "failed":
            for serial in change["targets"] or ():
                _note(found.setdefault(str(serial), {}), change)
    return found


def _note(known: dict[str, Any], change: Mapping[str, Any]) -> None:
    """Note what a change did to what is known of a device; one that may have been made leaves it unknown."""
    operation, sent, is_done = change["operation"], change["sent"] or {}, change["outcome"] == "done"
    if operation in _ANEW:
        known.clear()
        return
    name = "account" if operation == SET_ACCOUNT.path else "events"
    value = sent.get("accountNumber") if operation == SET_ACCOUNT.path else _event_names(sent)
    known.pop(name, None)
    if is_done and value is not None:
        known[name] = value


def _event_names(sent: Mapping[str, Any]) -> list[Any] | None:
    """Return the names of the events in a body of §3.40."""
    for name, codes in EVENT_LISTS.items():
        values = sent.get(name)
        if isinstance(values, list):
            known = code_list(codes)
            return [code.name if (code := known.find(value)) else str(value) for value in values]
    return None
