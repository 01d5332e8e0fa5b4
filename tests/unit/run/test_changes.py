"""What one run notes of its changes, with many threads that note at once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from hpcli.api.operations.site import UPDATE
from hpcli.client.request import Request
from hpcli.run.changes import RunChanges


@contextmanager
def eager_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_other_threads_may_note_values_while_a_call_is_noted() -> None:
    nobody: Any = None
    changes = RunChanges(nobody, nobody, nobody, lambda: datetime.now(UTC))
    is_over = threading.Event()

    def note() -> None:
        for number in range(20_000):
            if is_over.is_set():
                return
            changes.note_before(UPDATE, str(number), {"name": "old"})

    with eager_threads():
        other = threading.Thread(target=note)
        other.start()
        for number in range(200):
            request = Request(UPDATE, f"/api/hpcgw/v1/site/{number}/update", json={"name": "new"})
            assert changes._logged_call(request).targets == [str(number)]
        is_over.set()
        other.join()
