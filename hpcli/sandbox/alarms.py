"""The alarm queue over HTTP: subscribe, read, confirm (Guide §3.33 to §3.35)."""

from __future__ import annotations

import secrets
import time
from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import ConnectionDroppedError, Refused
from hpcli.sandbox.state import account, alarm_queue

_TICK_SECONDS = 0.05
_PATIENCE_SECONDS = 0.4
"""How long a new reader waits for one that is about to disconnect."""

_SUBSCRIBE = 1


@operation("mqSubscribe")
def subscribe(call: Call) -> None:
    """Subscribe to all devices, later ones included, or to a list; or unsubscribe (§3.33)."""
    is_on = call.body["subType"] == _SUBSCRIBE
    if call.body["subMode"] == "all":
        account.subscribe_all(call.store, is_on=is_on)
        return
    serials = call.body.get("deviceSerialList")
    if not serials:
        raise Refused("LAP000001", "deviceSerialList is required when subMode is list.")
    for serial in serials:
        account.known_device(call.store, serial)
        call.store.change("device", serial, isSubscribed=is_on)
    account.note_exceptions(call.store)


@operation("mqMessages", waits=True)
def read_messages(call: Call) -> dict[str, Any]:
    """Return the next batch, and wait for one if there is none; an empty list is a heartbeat (§3.34).

    LAP068001 without a subscription, and while another reader waits (field note).
    """
    if not account.is_subscribed(call.store):
        raise Refused("LAP068001")
    reader = secrets.token_hex(8)
    if not _take_mark(call, reader):
        raise Refused("LAP068001")
    try:
        batch = _await_batch(call)
    finally:
        alarm_queue.release_mark(call.store, reader)
    if batch is None:
        return {"batchId": "", "list": []}
    messages = [alarm_queue.wire_form(row, call.settings, call.base_url) for row in batch.rows]
    return {"batchId": batch.id, "list": messages}


@operation("mqOffset")
def confirm_batch(call: Call) -> None:
    """Confirm a batch, so that it does not come again (§3.35)."""
    if not alarm_queue.confirm(call.store, call.body["batchId"]):
        raise Refused("LAP000001", "batchId is unknown.")


def _take_mark(call: Call, reader: str) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not alarm_queue.take_mark(call.store, reader, call.settings, call.now):
        if time.monotonic() >= deadline:
            return False
        if call.is_over(_TICK_SECONDS):
            raise ConnectionDroppedError
    return True


def _await_batch(call: Call) -> alarm_queue.Batch | None:
    """Check for a batch until the poll's time is over, the client hangs up, or the server stops."""
    started = time.monotonic()
    while True:
        passed = time.monotonic() - started
        batch = alarm_queue.next_batch(call.store, call.settings, call.now + passed)
        if batch is not None or passed >= call.settings.poll_seconds or call.closing.is_set():
            return batch
        if call.is_over(min(_TICK_SECONDS, call.settings.poll_seconds)) and not call.closing.is_set():
            raise ConnectionDroppedError
