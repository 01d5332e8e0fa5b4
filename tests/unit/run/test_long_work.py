"""Long work is said beforehand and tells now and then how far it is."""

from __future__ import annotations

import io
from contextlib import nullcontext
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hpcli.client.paging import Page, PagesRead
from hpcli.commands.framework.imports import ImportItem, run_import
from hpcli.commands.framework.long_work import announce, watched
from hpcli.commands.health.estimate import Estimate
from hpcli.errors import NetworkError
from hpcli.run.context import Context, Run
from hpcli.run.job import Job
from hpcli.run.long_lists import LongLists
from hpcli.run.parallel import Reply


def context(said: list[str]) -> Context:
    """Return a context in which four seconds pass between two looks at the clock."""
    messages = SimpleNamespace(is_json=False, above=lambda _bar: nullcontext())
    run = SimpleNamespace(stderr=io.StringIO(), messages=messages, clock=count(0, 4).__next__)
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


def report(sites: int | None, device_pages: int | None) -> tuple[Estimate, list[str]]:
    said: list[str] = []
    return Estimate(context(said), sites, device_pages=device_pages), said


def test_a_report_counts_the_pages_of_both_lists_and_one_call_a_site() -> None:
    estimate, said = report(None, None)
    estimate.expect_sites(Page([{}], pages=3, total=300))
    assert said == []
    estimate.expect_devices(Page([{}], pages=40, total=4000))
    estimate.expect_devices(Page([{}], pages=40, total=4000))
    assert said == ["300 sites: about 69 s or more, by the call limit."]


@pytest.mark.parametrize(
    ("pages", "limit", "sorts", "is_said"),
    [(40, None, False, True), (20, None, False, False), (40, 5, False, False), (40, 5, True, True)],
)
def test_a_long_list_is_said_before_its_second_page_unless_a_limit_ends_it(
    pages: int, limit: int | None, *, sorts: bool, is_said: bool
) -> None:
    said: list[str] = []
    run = Run({})
    run.settings.flags["call-rate"] = 5.0
    run.__dict__["messages"] = SimpleNamespace(info=said.append)
    run.selection.limit, run.selection.sort = limit, ["name"] if sorts else []
    for number in range(2, 5):
        LongLists(run).say(PagesRead("/api/v2/device/list", number, Page([{}], pages, 4000)))
    assert said == (["Reading 4000 devices: about 8 s, by the call limit."] if is_said else [])


def test_an_import_says_beforehand_how_long_the_calls_of_its_missing_rows_take() -> None:
    said: list[str] = []
    ctx = context(said)
    ctx.settings["dry-run"] = False  # type: ignore[index]  # a dict stands for the settings
    ctx.run.job, ctx.run.plans = Job(), []
    ctx.report = lambda *_, **__: None  # type: ignore[method-assign]  # nothing is sent
    items = [ImportItem(line, str(line), "+", change=dict) for line in range(60)]
    run_import(ctx, [*items, ImportItem(99, "99", "=")], calls=2)
    assert said == ["60 rows: about 24 s or more, by the call limit."]
