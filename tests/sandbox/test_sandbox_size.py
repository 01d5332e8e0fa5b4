"""Large accounts: the work for one page or one report does not grow with the account. Work is counted, not timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from hpcli.sandbox.state.store import Store
from hpcli.sandbox.state.tables import BLOCK, INDEXES
from tests.support.sandbox_reader import new_state, serving

MANY = 40_000


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with very many small devices, those of every fourth place below one parent."""
    with seed.open_state(tmp_path_factory.mktemp("full") / "sandbox.db") as opened:
        with opened.transaction():
            opened.make_tables()
            opened.db.executemany(
                "INSERT INTO record (kind, id, parent, text, data) VALUES ('device', ?, ?, ?, ?)",
                (
                    (str(n), "ours" if n % 4 == 0 else f"s{n}", f"gate {n}", f'{{"n":{n}}}')
                    for n in range(MANY)
                ),
            )
            opened.make_indexes()
        yield opened


def steps(opened: Store, ask: Callable[[], object]) -> int:
    """Return how many hundreds of steps SQLite takes for an answer."""
    counted = []
    opened.db.set_progress_handler(lambda: counted.append(1), 100)
    ask()
    opened.db.set_progress_handler(None, 0)
    return len(counted)


@pytest.mark.parametrize("parent", ["", "ours"])
def test_a_page_costs_the_same_at_any_depth(full: Store, parent: str) -> None:
    total = MANY // 4 if parent else MANY
    for number in (1, total // 300, total // 100):
        rows, found = full.page("device", number, 100, parent=parent)
        places = range((number - 1) * 100, number * 100)
        assert [row["n"] for row in rows] == [place * (4 if parent else 1) for place in places]
        assert found == total
        assert steps(full, partial(full.page, "device", number, 100, parent=parent)) < BLOCK / 10
    assert full.page("device", total // 100 + 1, 100, parent=parent) == ([], total)


def test_a_search_reads_the_index_alone(full: Store) -> None:
    (plan,) = full.db.execute(
        "EXPLAIN QUERY PLAN SELECT seq FROM record INDEXED BY record_text"
        " WHERE kind='device' AND instr(text, 'gate') ORDER BY seq"
    )
    assert "COVERING INDEX record_text" in plan[3]
    rows, found = full.part(full.search("device", "GATE 3999"), 2, 3)
    assert ([row["n"] for row in rows], found) == ([39992, 39993, 39994], 11)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements of all stores that are opened from now on."""
    seen: list[str] = []

    class Traced(Store):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self.db.set_trace_callback(seen.append)

    monkeypatch.setattr(seed, "Store", Traced)
    return seen


@pytest.mark.parametrize("path", ["v1/site/health/report", "v1/device/list", "v1/arcservice/device/list"])
def test_the_number_of_statements_does_not_grow_with_the_devices_of_a_site(
    path: str, tmp_path: Path, statements: list[str]
) -> None:
    def asked(devices: int) -> int:
        control.reset(reader.state, sites=1, devices=devices)
        reader.sign_in()
        (site,) = reader.data("v1/site/search")["rows"]
        del statements[:]
        reader.data(path, siteId=site["id"])
        return len(statements)

    with serving(new_state(tmp_path)) as reader:
        few, many = asked(40), asked(200)
    assert many == few


def test_pages_stay_right_while_devices_and_sites_come_and_go(tmp_path: Path) -> None:
    def listed(path: str, size: int) -> list[Any]:
        pages = [reader.data(path, page=number, pageSize=size) for number in range(1, 60)]
        assert {page["total"] for page in pages} == {len([row for page in pages for row in page["rows"]])}
        return [row["id"] for page in pages for row in page["rows"]]

    state = new_state(tmp_path)
    control.reset(state, sites=30, devices=90)
    with serving(state) as reader:
        devices, sites = listed("v1/device/list", 7), listed("v1/site/search", 4)
        for device in devices[::5]:
            reader.data("v1/device/delete", id=device)
        reader.data(f"v1/site/{sites[3]}/delete")
        reader.data("v1/site/add", name="Last", timeZone=133)
        gone = {*devices[::5], *devices[3::30]}
        assert listed("v1/device/list", 7) == [device for device in devices if device not in gone]
        *before, _new = listed("v1/site/search", 4)
        assert before == [site for site in sites if site != sites[3]]


def test_the_span_of_a_block_is_the_same_in_code_and_in_the_tables() -> None:
    used = [text for text in INDEXES if "/ " in text]
    assert used
    assert all(f"/ {BLOCK}" in text for text in used)


def test_devices_of_a_big_account_are_offline_since_hours_days_and_months(tmp_path: Path) -> None:
    with serving(new_state(tmp_path)) as reader:
        control.reset(reader.state, sites=1, devices=400)
        reader.sign_in()
        (site,) = reader.data("v1/site/search")["rows"]
        report = reader.data("v1/site/health/report", siteId=site["id"])["reportDetail"]
    days = {row["lastOfflineTime"][:10] for row in report if row["onlineStatus"] == 0}
    assert len(days) > 3
