"""Long work is said beforehand and tells now and then how far it is."""

from __future__ import annotations

import io
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

from hpcli.commands.framework.long_work import announce, watched
from hpcli.errors import NetworkError
from hpcli.run.context import Context
from hpcli.run.parallel import Reply


def context(said: list[str]) -> Context:
    """Return a context in which four seconds pass between two looks at the clock."""
    run = SimpleNamespace(
        stderr=io.StringIO(), messages=SimpleNamespace(is_json=False), clock=count(0, 4).__next__
    )
    return cast("Context", SimpleNamespace(settings={"call-rate": 5.0}, info=said.append, run=run))


def test_what_takes_over_ten_seconds_is_said_beforehand() -> None:
    said: list[str] = []
    announce(context(said), 50, "device")
    assert said == []
    announce(context(said), 60, "device")
    assert said == ["60 devices: about 12 s or more, by the call limit."]


def test_where_no_bar_is_a_line_tells_now_and_then_how_far_it_is() -> None:
    said: list[str] = []
    replies: list[Reply[int, Any]] = [
        Reply(number, error=NetworkError("gone") if number == 1 else None) for number in range(6)
    ]
    assert list(watched(context(said), iter(replies), "device", lambda: 6)) == replies
    assert said == ["3 of 6 done, 1 failed.", "6 of 6 done, 1 failed."]
