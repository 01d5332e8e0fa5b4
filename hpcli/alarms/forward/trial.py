"""The marked event that `alarms forward test` sends."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from hpcli.alarms.event.event import make_body
from hpcli.alarms.event.safe_json import safe_json
from hpcli.alarms.event.types import TEST
from hpcli.alarms.forward.kind import Message, Sender
from hpcli.alarms.forward.outcome import Outcome
from hpcli.errors import LocalError, NetworkError, PlatformError
from hpcli.parse import utc_text
from hpcli.reference.categories import category_of


def make_test_message(output: str, now: datetime) -> Message:
    """Return the test event of an output: a whole event, of no device, with `test` true."""
    moment = utc_text(now, "milliseconds")
    mark = f"test-{uuid.uuid4().hex[:16]}"
    body = make_body(
        received=moment,
        time=moment,
        time_source="received",
        kind=TEST,
        name="Test",
        category=category_of("test"),
        text=f"Test of the output {output}",
    )
    rest = {"pictures": [], "redelivered": False, "batch": None, "raw": None, "test": True}
    return Message(0, safe_json({"id": mark, **body, **rest}), "")


def send_trial(sender: Sender, message: Message) -> Outcome:
    """Send a test event until it is known what becomes of it, and return that."""
    outcome = sender.send([message]).of(0)
    while outcome.is_soon:
        message = replace(message, tries=message.tries + 1)
        outcome = sender.send([message]).of(0)
    return outcome


def raise_failure(output: str, outcome: Outcome) -> None:
    """Raise what a test that was not acknowledged means.

    Raises:
        NetworkError: the other side cannot be reached, or failed.
        LocalError: the output cannot work as it is configured.
        PlatformError: the other side refused the event.
    """
    if outcome.kind == "done":
        return
    kinds = {"refused": PlatformError, "misconfigured": LocalError}
    raise kinds.get(outcome.kind, NetworkError)(
        f"{output}: the test event was not acknowledged: {outcome.error}."
    )
